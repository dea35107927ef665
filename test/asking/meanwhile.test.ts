import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { handClock } from '../conformance/clock.ts'
import { openRealKernel, type RealKernel, saleOf, setUp } from '../http/real-kernel.ts'
import { ALLOW, clear, REFUSE, thinker, withModule } from './modules.ts'

let kernel: RealKernel
let centre: Awaited<ReturnType<typeof setUp>>
let sessionId: string
const clock = handClock()
beforeAll(async () => {
  kernel = await openRealKernel({ clock })
  centre = await setUp(kernel)
})
beforeEach(async () => {
  const opened = await centre.must(kernel.post('/v1/cash-sessions', { registerId: 'caisse-2', floatCents: 0 }))
  sessionId = opened.sessionId
})
afterEach(async () => {
  // Whoever still thinks is too late now: nobody leaves while it is asked.
  await clock.pass(1000)
  await clear(kernel)
  await rename('Livres')
  const { json } = await kernel.get(`/v1/cash-sessions/${sessionId}`)
  if (json.status === 'open') await close(json.expected.map(counted))
})
afterAll(() => kernel.close())

const counted = ({ methodId, expectedCents }: { methodId: string; expectedCents: number }) => ({
  methodId,
  cents: expectedCents,
})
const close = (all: { methodId: string; cents: number }[]) =>
  centre.must(kernel.post(`/v1/cash-sessions/${sessionId}/close`, { counted: all }))
const sell = (headers?: Record<string, string>) => kernel.post('/v1/sales', saleOf(sessionId), headers)
const rename = (officialName: string) =>
  centre.must(
    kernel.put('/v1/categories/livres', {
      ...{ officialName, shortName: 'Livres', eee: 'none', shownAtSale: true, shownAtReception: true },
    }),
  )
const refundOf = (qty: number) => ({
  ...{ sessionId, lines: [{ line: 1, qty, cents: qty * 100 }] },
  ...{ payments: [{ methodId: 'cash', cents: qty * 100 }], areGoodsBack: true },
})
const nameIn = (args: unknown) => (args as { lines: { categoryName: string }[] }).lines[0]?.categoryName

test('a session that was closed while a module thought takes no sale, whatever the module says', async () => {
  const slow = thinker()
  await withModule(kernel, 'slow', 'sale.validate', slow.call)
  const selling = sell()
  await slow.asked(1)
  await close([])
  const before = await kernel.head()
  slow.say(ALLOW)
  expect(await selling).toMatchObject({ status: 409, json: { code: 'session-closed' } })
  expect(await kernel.head()).toEqual(before)
})

test('a remainder that was refunded while a module thought cannot be refunded again', async () => {
  const sale = (await sell()).json
  const slow = thinker()
  await withModule(kernel, 'slow', 'refund.authorize', slow.call)
  const refunds = [2, 2].map((qty) => kernel.post(`/v1/sales/${sale.saleId}/refunds`, refundOf(qty)))
  await slow.asked(2)
  slow.say(ALLOW)
  slow.say(ALLOW)
  const answers = await Promise.all(refunds)
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409])
  expect(answers.find(({ status }) => status === 409)?.json.code).toBe('refund-over-remainder')
  const { json } = await kernel.get(`/v1/sales/${sale.saleId}`)
  expect(json.remaining).toEqual([{ line: 1, qty: 1, cents: 100 }])
})

test('where something else would be kept than the modules saw, they are asked once more', async () => {
  const slow = thinker()
  await withModule(kernel, 'slow', 'sale.validate', slow.call)
  const selling = sell()
  expect(nameIn((await slow.asked(1)).args)).toBe('Livres')
  await rename('Livres et revues')
  slow.say(ALLOW)
  expect(nameIn((await slow.asked(2)).args)).toBe('Livres et revues')
  slow.say(ALLOW)
  const { status, json } = await selling
  expect({ status, name: nameIn(json), asked: slow.questions.length }).toEqual({
    ...{ status: 201, name: 'Livres et revues', asked: 2 },
  })
})

test('what a module says to the second question counts', async () => {
  const slow = thinker()
  await withModule(kernel, 'slow', 'sale.validate', slow.call)
  const selling = sell()
  await slow.asked(1)
  await rename('Livres et revues')
  slow.say(ALLOW)
  await slow.asked(2)
  slow.say(REFUSE)
  expect(await selling).toMatchObject({ status: 422, json: { code: 'module-refused', module: 'slow' } })
})

test('when it changes a second time the till is told to look again, nothing is kept, and the key is free', async () => {
  const slow = thinker()
  const key = { 'idempotency-key': 'changed-two-times' }
  await withModule(kernel, 'slow', 'sale.validate', slow.call)
  const selling = sell(key)
  await slow.asked(1)
  await rename('Livres et revues')
  slow.say(ALLOW)
  await slow.asked(2)
  await rename('Livres, revues et partitions')
  const before = await kernel.head()
  slow.say(ALLOW)
  expect(await selling).toMatchObject({ status: 409, json: { code: 'changed-meanwhile' } })
  expect(await kernel.head()).toEqual(before)
  expect(slow.questions).toHaveLength(2)
  await clear(kernel)
  expect((await sell(key)).status).toBe(201)
})

test('where all the time is used up, what changed is not asked about again: the till is told to look again', async () => {
  const slow = thinker()
  let asked = 0
  const line = { categoryId: 'livres', qty: 3, lotCents: 300, grams: 101 }
  const sale = (await kernel.post('/v1/sales', { ...saleOf(sessionId), lines: [line] })).json
  await withModule(kernel, 'slow', 'refund.authorize', (question) => {
    asked += 1
    return asked === 1 ? slow.call(question) : ALLOW
  })
  const refund = () => kernel.post(`/v1/sales/${sale.saleId}/refunds`, refundOf(1))
  const refunding = refund()
  const { args } = await slow.asked(1)
  expect(args.lines).toMatchObject([{ grams: 33 }])
  // The second of three pieces weighs a gram more, so that the first refund would keep something else now.
  await centre.must(refund())
  await clock.pass(200)
  expect(await refunding).toMatchObject({ status: 409, json: { code: 'changed-meanwhile' } })
  expect(asked).toBe(2)
})

test('a second question has what the first one left of the budget', async () => {
  const slow = thinker()
  await withModule(kernel, 'slow', 'sale.validate', slow.call)
  const selling = sell()
  const { deadline } = await slow.asked(1)
  await clock.pass(120)
  await rename('Livres et revues')
  slow.say(ALLOW)
  const second = await slow.asked(2)
  slow.say(ALLOW)
  await selling
  expect(second.deadline - deadline).toBe(50)
})

test('a key that is on its way twice is kept once, and both are answered alike', async () => {
  const slow = thinker()
  const key = { 'idempotency-key': 'twice-on-its-way' }
  await withModule(kernel, 'slow', 'sale.validate', slow.call)
  const both = [sell(key), sell(key)]
  await slow.asked(2)
  const { position } = await kernel.head()
  slow.say(ALLOW)
  slow.say(ALLOW)
  const [one, other] = await Promise.all(both)
  expect(one?.json).toEqual(other?.json)
  expect((await kernel.head()).position).toBe(position + 1)
})

test('a line that another weighing took while a module thought is the next one, and nobody is asked again', async () => {
  const { depositId } = await centre.receive()
  const slow = thinker()
  await withModule(kernel, 'slow', 'weigh.validate', slow.call)
  const weigh = (grossGrams: number) =>
    kernel.post(`/v1/deposits/${depositId}/lines`, { categoryId: 'textile', grossGrams })
  const both = [weigh(800), weigh(900)]
  await slow.asked(2)
  slow.say(ALLOW)
  slow.say(ALLOW)
  const lines = (await Promise.all(both)).map(({ json }) => json.line)
  expect({ lines: lines.sort(), asked: slow.questions.length }).toEqual({ lines: [2, 3], asked: 2 })
})

test('the ledger is whole after all that', async () => {
  expect(await kernel.verify()).toMatchObject({ flaws: [] })
})
