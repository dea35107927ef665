import { Failure } from '@recyclique/contracts'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Proceed, Question } from '../../kernel/hooks/step.ts'
import { handClock } from '../conformance/clock.ts'
import { type Answer, openRealKernel, type RealKernel, saleOf, setUp } from '../http/real-kernel.ts'
import { ALLOW, CARE, clear, REFUSE, thinker, withModule } from './modules.ts'

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
const isAway = () => {
  throw new Failure('unavailable', 'gone', 'nobody is there')
}
const breaks = () => {
  throw new Error('a bug')
}
const counted = async (hook: string, module: string, kind: string): Promise<number> => {
  const { text } = await kernel.get('/metrics')
  const line = `recyclique_hook_skips_total{hook="${hook}",module="${module}",kind="${kind}"} `
  return Number(
    text
      .split('\n')
      .find((one) => one.startsWith(line))
      ?.slice(line.length) ?? 0,
  )
}
/** The data of the fact as it stands in the ledger, not as it was answered. */
const keptOf = async ({ json }: Answer) =>
  (await kernel.get(`/v1/ledger?from=${json.position}&limit=1`)).json.items[0].data

test('a silent module no longer holds up the till: it is named in the header, in the fact and in the figures', async () => {
  const silent = thinker()
  await withModule(kernel, 'barcodes', 'sale.validate', silent.call)
  await withModule(kernel, 'labels', 'sale.validate', () => CARE)
  await withModule(kernel, 'gone', 'sale.validate', isAway)
  await withModule(kernel, 'buggy', 'sale.validate', breaks)
  await withModule(kernel, 'odd', 'sale.validate', () => ({ verdict: 'perhaps' }))
  const selling = sell()
  await silent.asked(1)
  await clock.pass(150)
  const answer = await selling
  expect(answer.status).toBe(201)
  expect(answer.headers['recyclique-skipped']).toBe(
    'odd (invalid), buggy (thrown), gone (unavailable), barcodes (timeout)',
  )
  const skipped = [
    { module: 'odd', kind: 'invalid' },
    { module: 'buggy', kind: 'thrown' },
    { module: 'gone', kind: 'unavailable' },
    { module: 'barcodes', kind: 'timeout' },
  ]
  expect(answer.json.skipped).toEqual(skipped)
  expect((await keptOf(answer)).skipped).toEqual(skipped)
  expect(answer.json.cautions).toHaveLength(1)
  for (const { module, kind } of skipped) expect(await counted('sale.validate', module, kind)).toBe(1)
  expect(await counted('sale.validate', 'labels', 'timeout')).toBe(0)
})

test('a retry says again who was silent, as the fact does', async () => {
  const key = { 'idempotency-key': 'silent-at-first' }
  await withModule(kernel, 'gone-too', 'sale.validate', isAway)
  const first = await sell(key)
  await clear(kernel)
  const again = await sell(key)
  expect(again.headers).toMatchObject({
    'recyclique-skipped': 'gone-too (unavailable)',
    'idempotency-replayed': 'true',
  })
  expect(again.json).toEqual(first.json)
})

test('who was silent stands in the fact of a weighing, a refund, a void and a closing as well', async () => {
  const { depositId } = await centre.receive()
  const [one, other] = [await centre.sell(), await centre.sell()]
  const { sessionId } = await centre.must(kernel.post('/v1/cash-sessions', { registerId: 'caisse-2', floatCents: 0 }))
  for (const hook of ['weigh.validate', 'refund.authorize', 'session.close.validate'])
    await withModule(kernel, `away-${hook.replaceAll('.', '-')}`, hook, isAway)
  const refund = {
    ...{ sessionId: centre.sessionId, lines: [{ line: 1, qty: 1, cents: 100 }] },
    ...{ payments: [{ methodId: 'cash', cents: 100 }], areGoodsBack: true },
  }
  const answers = [
    await kernel.post(`/v1/deposits/${depositId}/lines`, { categoryId: 'textile', grossGrams: 900 }),
    await kernel.post(`/v1/sales/${one.saleId}/refunds`, refund),
    await kernel.post(`/v1/sales/${other.saleId}/void`, { sessionId: centre.sessionId }),
    await kernel.post(`/v1/cash-sessions/${sessionId}/close`, { counted: [{ methodId: 'cash', cents: 0 }] }),
  ]
  const told = []
  for (const answer of answers) told.push([answer.headers['recyclique-skipped'], (await keptOf(answer)).skipped])
  const away = (module: string) => [`${module} (unavailable)`, [{ module, kind: 'unavailable' }]]
  expect(told).toEqual([
    away('away-weigh-validate'),
    away('away-refund-authorize'),
    away('away-refund-authorize'),
    away('away-session-close-validate'),
  ])
})

test('a refusal counts although others are silent', async () => {
  await withModule(kernel, 'gone', 'sale.validate', isAway)
  await withModule(kernel, 'prices', 'sale.validate', () => REFUSE)
  expect((await sell()).json).toMatchObject({ code: 'module-refused', module: 'prices' })
})

test('a wrapper that breaks is left out, and those inside it are heard all the same', async () => {
  const around = async (_: Question, proceed: Proceed) => {
    await proceed()
    throw new Error('a bug after the question')
  }
  let verdict: unknown = REFUSE
  await withModule(kernel, 'prices', 'sale.validate', () => verdict)
  await withModule(kernel, 'around', 'sale.validate', around, { isWrapper: true })
  expect((await sell()).json).toMatchObject({ code: 'module-refused', module: 'prices' })
  verdict = CARE
  const { status, json, headers } = await sell()
  expect(status).toBe(201)
  expect(headers['recyclique-skipped']).toBe('around (thrown)')
  expect(json.cautions).toMatchObject([{ module: 'prices' }])
})

test('a wrapper that is away before it could proceed is named too', async () => {
  await withModule(kernel, 'prices', 'sale.validate', () => ALLOW)
  await withModule(kernel, 'around', 'sale.validate', isAway, { isWrapper: true })
  expect((await sell()).headers['recyclique-skipped']).toBe('around (unavailable)')
})

test('what a wrapper puts in is the wrapper’s word', async () => {
  const around = async (_: Question, proceed: Proceed) => [...((await proceed()) as unknown[]), REFUSE]
  await withModule(kernel, 'prices', 'sale.validate', () => ALLOW)
  await withModule(kernel, 'around', 'sale.validate', around, { isWrapper: true })
  expect((await sell()).json).toMatchObject({ code: 'module-refused', module: 'around' })
})

test('without a module that the operator needs nothing is kept', async () => {
  kernel.hooks.book.mark('sale.validate', { required: ['fiscal'] })
  const before = await kernel.head()
  const missing = await sell()
  expect(missing).toMatchObject({ status: 503, json: { code: 'module-required', module: 'fiscal' } })
  expect(missing.json.detail).toContain('sale.validate')
  await withModule(kernel, 'fiscal', 'sale.validate', isAway)
  expect(await sell()).toMatchObject({ status: 503, json: { code: 'module-required', module: 'fiscal' } })
  expect(await kernel.head()).toEqual(before)
})

test.each([
  ['breaks', breaks],
  ['answers nonsense', () => 'yes'],
])('a module that is needed and %s is as if it were away', async (_, call) => {
  kernel.hooks.book.mark('sale.validate', { required: ['fiscal'] })
  await withModule(kernel, 'fiscal', 'sale.validate', call)
  expect(await sell()).toMatchObject({ status: 503, json: { code: 'module-required', module: 'fiscal' } })
})

test('a module that is needed and there agrees as any other does', async () => {
  kernel.hooks.book.mark('sale.validate', { required: ['fiscal'] })
  await withModule(kernel, 'fiscal', 'sale.validate', () => ALLOW)
  await withModule(kernel, 'gone', 'sale.validate', isAway)
  expect(await sell()).toMatchObject({ status: 201, headers: { 'recyclique-skipped': 'gone (unavailable)' } })
})

test('the mark of one hook is no other’s', async () => {
  kernel.hooks.book.mark('refund.authorize', { required: ['fiscal'] })
  expect((await sell()).status).toBe(201)
})

/** Lets the others answer, and then thinks until nobody waits any more. */
const withWrapperThatHangs = async () => {
  const isInside = Promise.withResolvers<void>()
  const around = async (_: Question, proceed: Proceed) => {
    await proceed()
    isInside.resolve()
    return new Promise(() => {})
  }
  await withModule(kernel, 'around', 'refund.authorize', around, { isWrapper: true })
  await withModule(kernel, 'guard', 'refund.authorize', () => ALLOW)
  return { isInside: isInside.promise }
}
const refund = async () => {
  const { saleId } = await centre.sell()
  return kernel.post(`/v1/sales/${saleId}/refunds`, {
    ...{ sessionId: centre.sessionId, lines: [{ line: 1, qty: 1, cents: 100 }] },
    ...{ payments: [{ methodId: 'cash', cents: 100 }], areGoodsBack: true },
  })
}

test('a wrapper that uses up all the time takes the others’ answers along: they count as silent too', async () => {
  const { isInside } = await withWrapperThatHangs()
  const refunding = refund()
  await isInside
  await clock.pass(220)
  expect(await refunding).toMatchObject({
    ...{ status: 201, headers: { 'recyclique-skipped': 'around (timeout), guard (timeout)' } },
  })
})

test('a module that is needed and was not heard for want of time is missed', async () => {
  kernel.hooks.book.mark('refund.authorize', { required: ['guard'] })
  const { isInside } = await withWrapperThatHangs()
  const refunding = refund()
  await isInside
  await clock.pass(220)
  expect(await refunding).toMatchObject({ status: 503, json: { code: 'module-required', module: 'guard' } })
})
