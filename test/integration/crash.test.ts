import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Answer, type KernelProcess, startKernelProcess } from '../support/kernel-process.ts'
import { type Body, type Centre, expectedIn, factsNamed, said, setUpCentre, ticketOf } from './centre.ts'
import { verified } from './verified.ts'

// Processes start and end here all the time: on a machine with other work that takes its time.
vi.setConfig({ testTimeout: 120_000 })

// A 201 means on disk: whatever becomes of the process, what was answered is there, once, and what was not answered can be sent again.

const IS_LONG = process.env.RECYCLIQUE_LONG === '1'
const ACTS = IS_LONG ? 10_000 : 1000
const HALF = ACTS / 2
const KILLS = IS_LONG ? 12 : 3
const CLIENTS = 50

let kernel: KernelProcess
let centre: Centre
beforeEach(async () => {
  kernel = await startKernelProcess()
  centre = await setUpCentre(kernel)
})
afterEach(() => kernel.done())

interface Act {
  readonly key: string
  readonly path: string
  readonly body: object
}

/** What became of each act: its answer, or nothing where the line broke before one came. */
type Outcomes = Map<Act, Answer | undefined>

interface Watch {
  /** Hears how many acts have an outcome. */
  readonly onDone?: (count: number) => void
  /** What a client waits for whose line broke, before its next act: else it would run through all of them while nobody listens. */
  readonly isBack?: () => Promise<void>
}

/** Fifty clients do all acts, each one at a time. */
const doAll = async (acts: readonly Act[], { onDone, isBack }: Watch = {}): Promise<Outcomes> => {
  const outcomes: Outcomes = new Map()
  const left = acts[Symbol.iterator]()
  const client = async () => {
    for (const act of left) {
      const answer = await centre.api('POST', act.path, act.body, { key: act.key }).catch(() => undefined)
      outcomes.set(act, answer)
      onDone?.(outcomes.size)
      if (!answer) await isBack?.()
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, client))
  return outcomes
}

const sales = (sessionId: string, count: number): Act[] =>
  Array.from({ length: count }, (_, n) => ({
    key: randomUUID(),
    path: '/v1/sales',
    body: ticketOf(sessionId, { cents: 100 + n, grams: 1 + (n % 7) }),
  }))

/** Kills the kernel and starts it again each time that another share of the acts has an outcome. */
const killing = (kills: number, acts: number) => {
  let killed = 0
  let restarting = Promise.resolve()
  return {
    onDone(count: number) {
      if (killed === kills || count < ((killed + 1) * acts) / (kills + 1)) return
      killed += 1
      restarting = restarting.then(async () => {
        await kernel.kill9()
        await kernel.restart()
      })
    },
    isBack: () => restarting,
  }
}

const is201 = (answer: Answer | undefined): answer is Answer => answer?.status === 201

/** Every act sent again under its own key: what was answered before reads the same, and nothing is there twice. */
const sendAgain = async (acts: readonly Act[], first: Outcomes) => {
  const again = await doAll(acts)
  expect([...again.values()].filter((answer) => !is201(answer))).toEqual([])
  for (const act of acts) {
    const before = first.get(act)
    if (!is201(before)) continue
    expect(again.get(act)?.headers.get('idempotency-replayed')).toBe('true')
    expect(again.get(act)?.body).toEqual(before.body)
  }
  return again
}

const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0)
const countTo = (last: number) => Array.from({ length: last }, (_, n) => n + 1)

test(`killed ${KILLS} times under ${ACTS} sales of ${CLIENTS} tills, it loses none that it answered and doubles none that is sent again`, async () => {
  const sessionId = await centre.open()
  const acts = sales(sessionId, ACTS)
  const kills = killing(KILLS, ACTS)
  const first = await doAll(acts, kills)
  await kills.isBack()
  // Else no kill came while something was under way.
  expect([...first.values()].filter((answer) => !answer).length).toBeGreaterThan(KILLS)
  expect([...first.values()].filter((answer) => answer && !is201(answer))).toEqual([])

  const kept = new Map(factsNamed(kernel.dataDir, 'sale.recorded').map((fact) => [fact.key, fact]))
  const answered = [...first].filter(([, answer]) => is201(answer))
  const lost = answered.filter(([{ key }, answer]) => kept.get(key)?.position !== answer?.body.position)
  expect(lost).toEqual([])

  await sendAgain(acts, first)
  const facts = factsNamed(kernel.dataDir, 'sale.recorded')
  expect(facts.map(({ seq }) => seq)).toEqual(countTo(ACTS))
  expect(new Set(facts.map(({ key }) => key))).toEqual(new Set(acts.map(({ key }) => key)))
  const money = sum(countTo(ACTS).map((n) => 99 + n))
  expect(sum(facts.map(({ data }) => data.totalCents))).toBe(money)
  expect(await expectedIn(centre, sessionId)).toEqual({ cash: 5000 + money })
  const starts = factsNamed(kernel.dataDir, 'kernel.started')
  expect(starts).toHaveLength(KILLS + 1)
  expect(factsNamed(kernel.dataDir, 'kernel.stopped')).toEqual([])
  expect(await verified(kernel)).toMatchObject({ ok: true, flaws: [] })
})

test(`killed under ${HALF} weighings, it has each line of the deposits once`, async () => {
  const deposits = await Promise.all(countTo(10).map(() => centre.deposit()))
  const acts: Act[] = countTo(HALF).map((n) => ({
    key: randomUUID(),
    path: `/v1/deposits/${deposits[n % deposits.length]}/lines`,
    body: { categoryId: 'textile', grossGrams: 1000 + n, tareGrams: n % 50 },
  }))
  const wanted = sum(countTo(HALF).map((n) => 1000 + n - (n % 50)))
  const kills = killing(2, HALF)
  const first = await doAll(acts, kills)
  await kills.isBack()
  const kept = new Map(factsNamed(kernel.dataDir, 'matter.logged').map((fact) => [fact.key, fact]))
  const answered = [...first].filter(([, answer]) => is201(answer))
  expect(answered.filter(([{ key }, answer]) => kept.get(key)?.position !== answer?.body.position)).toEqual([])

  await sendAgain(acts, first)
  const lines = factsNamed(kernel.dataDir, 'matter.logged')
  expect(new Set(lines.map(({ key }) => key)).size).toBe(HALF)
  expect(lines).toHaveLength(HALF)
  const grams = sum(lines.map(({ data }) => data.netGrams))
  expect(grams).toBe(wanted)
  const shown = await Promise.all(deposits.map((id) => centre.get(`/v1/deposits/${id}`)))
  expect(sum(shown.map(({ netGrams }) => netGrams))).toBe(grams)
  for (const { lines } of shown) expect(lines.map(({ line }: Body) => line)).toEqual(countTo(lines.length))
  const day = shown[0].businessDate
  expect((await centre.get(`/v1/stock?from=${day}&to=${day}`)).total.inGrams).toBe(grams)
  expect(await verified(kernel)).toMatchObject({ ok: true, flaws: [] })
})

test('stopped in order under load, it answers or refuses every sale, and loses none', async () => {
  const sessionId = await centre.open()
  const acts = sales(sessionId, HALF)
  let stopped: Promise<unknown> | undefined
  const onDone = (count: number) => {
    if (count >= HALF / 3) stopped ??= kernel.stop()
  }
  const first = await doAll(acts, { onDone })
  expect(await stopped).toBe(0)
  const facts = factsNamed(kernel.dataDir, 'sale.recorded')
  const answered = [...first].filter(([, answer]) => is201(answer))
  // Neither lost nor kept behind a till's back: each that is in the ledger was answered, and each that was answered is there.
  expect(facts.map(({ key }) => key).toSorted()).toEqual(answered.map(([{ key }]) => key).toSorted())
  const others = [...first.values()]
    .filter((answer) => answer && !is201(answer))
    .map((answer) => said(answer as Answer))
  expect(others.filter((one) => one !== '503 ledger-unavailable')).toEqual([])
  expect(factsNamed(kernel.dataDir, 'kernel.stopped')).toHaveLength(1)
  expect(await verified(kernel)).toMatchObject({ ok: true, flaws: [] })

  await kernel.restart()
  await sendAgain(acts, first)
  expect(factsNamed(kernel.dataDir, 'sale.recorded').map(({ seq }) => seq)).toEqual(countTo(HALF))
})
