import { parse, SaleRefunded, SaleValidate, SaleVoided } from '@recyclique/contracts'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Question } from '../../kernel/hooks/step.ts'
import { handClock } from '../conformance/clock.ts'
import { openRealKernel, type RealKernel, saleOf, setUp } from '../http/real-kernel.ts'
import { ALLOW, CARE, clear, REFUSE, withModule } from './modules.ts'

let kernel: RealKernel
let centre: Awaited<ReturnType<typeof setUp>>
const clock = handClock()
beforeAll(async () => {
  kernel = await openRealKernel({ clock })
  centre = await setUp(kernel)
})
afterEach(() => clear(kernel))
afterAll(() => kernel.close())

const sell = (headers?: Record<string, string>) => kernel.post('/v1/sales', saleOf(centre.sessionId), headers)
const position = async () => (await kernel.head()).position

test('a refused sale is not kept, and the cashier reads who refused and why', async () => {
  await withModule(kernel, 'prices', 'sale.validate', () => REFUSE)
  const before = await kernel.head()
  const { status, json } = await sell()
  expect(status).toBe(422)
  expect(json).toMatchObject({ code: 'module-refused', module: 'prices', moduleCode: 'too-cheap' })
  expect(json).toMatchObject({ detail: 'Livres: at least 2 euros each.', field: '/lines/0' })
  expect(json.errors).toBeUndefined()
  expect(await kernel.head()).toEqual(before)
})

test('of several refusals the first in the plan is the problem, and all of them are told', async () => {
  await withModule(kernel, 'older', 'sale.validate', () => ({
    ...REFUSE,
    code: 'older-says',
    words: 'No, says the older.',
  }))
  await withModule(kernel, 'newer', 'sale.validate', async () => ({
    verdict: 'refuse',
    code: 'newer-says',
    words: 'No.',
  }))
  await withModule(kernel, 'mild', 'sale.validate', () => CARE)
  const { json } = await sell()
  expect(json).toMatchObject({ module: 'newer', moduleCode: 'newer-says', detail: 'No.' })
  expect(json.field).toBeUndefined()
  expect(json.errors).toEqual([
    { field: '', why: 'No.', module: 'newer', moduleCode: 'newer-says' },
    { field: '/lines/0', why: 'No, says the older.', module: 'older', moduleCode: 'older-says' },
  ])
})

test('a refused key is free: the same act goes through once the module agrees', async () => {
  const key = { 'idempotency-key': 'refused-then-agreed' }
  let verdict: unknown = REFUSE
  await withModule(kernel, 'prices', 'sale.validate', () => verdict)
  expect((await sell(key)).status).toBe(422)
  verdict = ALLOW
  const { status, headers } = await sell(key)
  expect({ status, replayed: headers['idempotency-replayed'] }).toEqual({ status: 201, replayed: undefined })
})

test('a word of care comes back with the sale, and does not stop it', async () => {
  await withModule(kernel, 'labels', 'sale.validate', () => CARE)
  await withModule(kernel, 'prices', 'sale.validate', () => ALLOW)
  const { status, json, headers } = await sell()
  expect(status).toBe(201)
  expect(json.cautions).toEqual([{ module: 'labels', code: 'fragile', words: 'Wrap it well.' }])
  expect(json.skipped).toBeUndefined()
  expect(headers['recyclique-skipped']).toBeUndefined()
})

test('with nobody on the hook a sale is as it was before there were modules', async () => {
  await withModule(kernel, 'elsewhere', 'weigh.validate', () => REFUSE)
  const { status, json, headers } = await sell()
  expect(status).toBe(201)
  expect(headers['recyclique-skipped']).toBeUndefined()
  expect(Object.keys(json)).not.toContain('cautions')
  expect(Object.keys(json)).not.toContain('skipped')
})

test('the same key again asks nobody', async () => {
  const key = { 'idempotency-key': 'asked-only-once' }
  let asked = 0
  await withModule(kernel, 'prices', 'sale.validate', () => {
    asked += 1
    return ALLOW
  })
  const first = await sell(key)
  const again = await sell(key)
  expect(again.headers['idempotency-replayed']).toBe('true')
  expect(again.json).toEqual(first.json)
  expect(asked).toBe(1)
})

test('the same key for another act is refused before anyone is asked', async () => {
  const key = { 'idempotency-key': 'used-for-another' }
  await sell(key)
  let asked = 0
  await withModule(kernel, 'prices', 'sale.validate', () => {
    asked += 1
    return ALLOW
  })
  const { status, json } = await kernel.post('/v1/sales', saleOf(centre.sessionId, 7), key)
  expect({ status, code: json.code, asked }).toEqual({ status: 409, code: 'key-reused', asked: 0 })
})

test('what a rule refuses anyway is asked about nowhere', async () => {
  let asked = 0
  await withModule(kernel, 'prices', 'sale.validate', () => {
    asked += 1
    return ALLOW
  })
  const { json } = await kernel.post('/v1/sales', { ...saleOf(centre.sessionId), totalCents: 1 })
  expect({ code: json.code, asked }).toEqual({ code: 'total-differs', asked: 0 })
})

test('a module sees the sale as it will be kept, in the form of the contract', async () => {
  const seen: Question[] = []
  await withModule(kernel, 'prices', 'sale.validate', (question) => {
    seen.push(question)
    return ALLOW
  })
  const { json } = await sell()
  const [question] = seen
  expect(parse(SaleValidate.args, question?.args)).toEqual({
    ...{ registerId: 'caisse-1', sessionId: centre.sessionId, mode: 'live' },
    ...{ lines: json.lines, totalCents: 300, donationCents: 0, payments: json.payments },
  })
  expect(question?.deadline).toBe(clock.now() + 150)
})

test('a weighing, a refund, a void and a closing are asked about as well', async () => {
  const { depositId } = await centre.receive()
  const toRefund = await centre.sell()
  const toVoid = await centre.sell()
  const { sessionId } = await centre.must(kernel.post('/v1/cash-sessions', { registerId: 'caisse-2', floatCents: 0 }))
  for (const hook of ['weigh.validate', 'refund.authorize', 'session.close.validate'])
    await withModule(kernel, hook.replaceAll('.', '-'), hook, () => REFUSE)
  const before = await position()
  const line = { line: 1, qty: 1, cents: 100 }
  const money = [{ methodId: 'cash', cents: 100 }]
  const acts = [
    [`/v1/deposits/${depositId}/lines`, { categoryId: 'textile', grossGrams: 900 }],
    [
      `/v1/sales/${toRefund.saleId}/refunds`,
      { sessionId: centre.sessionId, lines: [line], payments: money, areGoodsBack: true },
    ],
    [`/v1/sales/${toVoid.saleId}/void`, { sessionId: centre.sessionId }],
    [`/v1/cash-sessions/${sessionId}/close`, { counted: [{ methodId: 'cash', cents: 0 }] }],
  ] as const
  const refused = []
  for (const [path, body] of acts) {
    const { status, json } = await kernel.post(path, body)
    refused.push([status, json.module])
  }
  expect(refused).toEqual([
    [422, 'weigh-validate'],
    [422, 'refund-authorize'],
    [422, 'refund-authorize'],
    [422, 'session-close-validate'],
  ])
  expect(await position()).toBe(before)
  await clear(kernel)
  for (const [path, body] of acts) expect([200, 201]).toContain((await kernel.post(path, body)).status)
})

test('money that goes back is asked about with the day of its sale, its lines and who gives it', async () => {
  const sale = await centre.sell()
  const other = await centre.sell()
  const seen: Question[] = []
  await withModule(kernel, 'guard', 'refund.authorize', (question) => {
    seen.push(question)
    return CARE
  })
  const body = {
    ...{ sessionId: centre.sessionId, lines: [{ line: 1, qty: 1, cents: 100 }] },
    ...{ payments: [{ methodId: 'card', cents: 100 }], areGoodsBack: false },
  }
  const refund = await centre.must(kernel.post(`/v1/sales/${sale.saleId}/refunds`, body))
  const voided = await centre.must(kernel.post(`/v1/sales/${other.saleId}/void`, { sessionId: centre.sessionId }))
  expect(parse(SaleRefunded.data, refund).lines).toEqual(seen[0]?.args.lines)
  expect(parse(SaleVoided.data, voided).payments).toEqual(seen[1]?.args.payments)
  expect(seen.map(({ args }) => args)).toMatchObject([
    { saleId: sale.saleId, soldOn: sale.businessDate, actor: 'manager', totalCents: 100, areGoodsBack: false },
    { saleId: other.saleId, soldOn: other.businessDate, totalCents: 300, lines: [{ line: 1, qty: 3, cents: 300 }] },
  ])
  expect([refund.cautions, voided.cautions]).toEqual([
    [{ module: 'guard', code: 'fragile', words: 'Wrap it well.' }],
    [{ module: 'guard', code: 'fragile', words: 'Wrap it well.' }],
  ])
  // A void gives everything back, so the goods are back too.
  expect(seen[1]?.args.areGoodsBack).toBe(true)
  // It has the whole budget of the till, which is shorter than the hook's own deadline.
  expect(seen[0]?.deadline).toBe(clock.now() + 200)
})
