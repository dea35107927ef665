import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { type KernelProcess, startKernelProcess } from '../support/kernel-process.ts'
import { type Body, type Centre, expectedIn, factsNamed, said, setUpCentre, ticketOf } from './centre.ts'

// Processes start and end here all the time: on a machine with other work that takes its time.
vi.setConfig({ testTimeout: 120_000 })

// What arrives at once is decided one after the other: each of these could only go wrong between two processes' turns.

const IS_LONG = process.env.RECYCLIQUE_LONG === '1'
const ROUNDS = IS_LONG ? 100 : 10

let kernel: KernelProcess
let centre: Centre
/** A till that no other test uses. */
let till: string
let count = 0
beforeAll(async () => {
  kernel = await startKernelProcess()
  centre = await setUpCentre(kernel)
})
beforeEach(async () => {
  count += 1
  till = `till-${count}`
  await centre.put(`/v1/registers/${till}`, { name: till })
})
afterAll(() => kernel.done())

const times = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n))
const atTill = (name: string) => factsNamed(kernel.dataDir, name).filter(({ data }) => data.registerId === till)
const close = (sessionId: string, cents: number) =>
  centre.api('POST', `/v1/cash-sessions/${sessionId}/close`, {
    counted: [{ methodId: 'cash', cents }],
    reason: 'comptage à la volée',
  })

test('two refunds at once, of 8 € each, of a sale of 12 €: one is done, the other reads what is left', async () => {
  const sessionId = await centre.open({ registerId: till })
  for (let round = 0; round < ROUNDS; round += 1) {
    const { saleId } = await centre.sell(sessionId, { cents: 1200 })
    const refund = {
      sessionId,
      lines: [{ line: 1, qty: 0, cents: 800 }],
      payments: [{ methodId: 'cash', cents: 800 }],
      areGoodsBack: false,
    }
    const answers = await Promise.all(times(2, () => centre.api('POST', `/v1/sales/${saleId}/refunds`, refund)))
    expect(answers.map(said).toSorted()).toEqual(['201', '409 refund-over-remainder'])
    expect(answers.find(({ status }) => status === 409)?.body.detail).toContain('400 cents')
    expect((await centre.get(`/v1/sales/${saleId}`)).remaining).toEqual([{ line: 1, qty: 1, cents: 400 }])
  }
  expect(await expectedIn(centre, sessionId)).toEqual({ cash: 5000 + ROUNDS * 400 })
})

test('a void and a refund at once: one of them, never both', async () => {
  const sessionId = await centre.open({ registerId: till })
  for (let round = 0; round < ROUNDS; round += 1) {
    const { saleId } = await centre.sell(sessionId, { cents: 1000 })
    const refund = {
      sessionId,
      lines: [{ line: 1, qty: 1, cents: 1000 }],
      payments: [{ methodId: 'cash', cents: 1000 }],
      areGoodsBack: true,
    }
    const acts = [
      () => centre.api('POST', `/v1/sales/${saleId}/void`, { sessionId }),
      () => centre.api('POST', `/v1/sales/${saleId}/refunds`, refund),
    ]
    const answers = await Promise.all((round % 2 ? acts : acts.toReversed()).map((act) => act()))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409])
  }
  expect(await expectedIn(centre, sessionId)).toEqual({ cash: 5000 })
})

test('a close among sales ends as one order: what was sold before is in the Z, what comes after is refused', async () => {
  let refused = 0
  for (let round = 0; round < ROUNDS; round += 1) {
    const sessionId = await centre.open({ registerId: till, floatCents: 0 })
    const acts = times(12, (n) => () => centre.api('POST', '/v1/sales', ticketOf(sessionId, { cents: 100 + n })))
    acts.splice(1 + (round % 10), 0, () => close(sessionId, 777))
    const answers = await Promise.all(acts.map((act) => act()))
    const z = answers.find(({ body }) => body.status === 'closed')?.body
    const sold = answers.filter(({ status }) => status === 201).map(({ body }) => body)
    const others = answers.filter(({ status }) => status !== 201 && status !== 200)
    expect(new Set(others.map(said))).toEqual(new Set(others.length > 0 ? ['409 session-closed'] : []))
    refused += others.length
    const salesCents = sold.reduce((all, { totalCents }) => all + totalCents, 0)
    expect(z).toMatchObject({ saleCount: sold.length, salesCents, varianceCents: 777 - salesCents })
    expect(sold.filter(({ position }) => position > z.position)).toEqual([])
  }
  // Else no sale ever came behind a close, and this test saw no race.
  expect(refused).toBeGreaterThan(0)
})

test('twenty tills open one register at once: exactly one does', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const session = { registerId: till, floatCents: 1000 + round }
    const answers = await Promise.all(times(20, () => centre.api('POST', '/v1/cash-sessions', session)))
    const opened = answers.filter(({ status }) => status === 201)
    expect(opened).toHaveLength(1)
    expect(new Set(answers.map(said))).toEqual(new Set(['201', '409 session-already-open']))
    await close(opened[0]?.body.sessionId, 1000 + round)
  }
  expect(atTill('cash.session.opened')).toHaveLength(ROUNDS)
})

test('three closes at once: one Z', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const sessionId = await centre.open({ registerId: till, floatCents: 0 })
    const answers = await Promise.all(times(3, () => close(sessionId, 0)))
    expect(answers.map(said).toSorted()).toEqual(['200', '409 session-closed', '409 session-closed'])
  }
  expect(atTill('cash.session.closed')).toHaveLength(ROUNDS)
})

test('a month’s reports, five at a time without a pause, do not hold up the till', async () => {
  const sessionId = await centre.open({ registerId: till })
  await fill(sessionId, IS_LONG ? 20_000 : 1000)
  const alone = await latencies(sessionId)
  let isOver = false
  let reports = 0
  const reader = async (path: string) => {
    while (!isOver) {
      await centre.get(path)
      reports += 1
    }
  }
  const { businessDate: day } = await centre.get(`/v1/cash-sessions/${sessionId}`)
  const month = `from=${day.slice(0, 8)}01&to=${day}`
  const readers = [
    ...['day', 'category', 'method', 'register'].map((by) => `/v1/reports/takings?by=${by}&${month}`),
    `/v1/stock?${month}`,
  ].map(reader)
  const beside = await latencies(sessionId)
  isOver = true
  await Promise.all(readers)

  expect(reports).toBeGreaterThan(5)
  // One core sells, the other one reads: the middle sale takes about as long. On a machine with other work a floor for the noise.
  expect(middle(beside)).toBeLessThan(Math.max(10 * middle(alone), 40))
})

/** Sales of five lines, thirty at a time. */
const fill = async (sessionId: string, count: number) => {
  const left = times(count, (n) => n)[Symbol.iterator]()
  const till = async () => {
    for (const n of left) await centre.post('/v1/sales', fiveLines(sessionId, n))
  }
  await Promise.all(times(30, till))
}

const fiveLines = (sessionId: string, n: number): Body => ({
  sessionId,
  lines: times(5, (line) => ({ categoryId: 'livres', qty: 1, unitCents: 100 + line, grams: 10 + (n % 90) })),
  totalCents: 510,
  payments: [{ methodId: n % 3 ? 'cash' : 'card', cents: 510 }],
})

/** How long each of a hundred sales took, one after the other, in milliseconds. */
const latencies = async (sessionId: string): Promise<number[]> => {
  const took: number[] = []
  for (let n = 0; n < 100; n += 1) {
    const start = performance.now()
    await centre.sell(sessionId)
    took.push(performance.now() - start)
  }
  return took
}

const middle = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0
