import { NotGranted } from '@recyclique/sdk'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openPaheko } from '../../modules/paheko/client.ts'
import { retry } from '../../modules/paheko/desk.ts'
import { openLease } from '../../modules/paheko/lease.ts'
import { openLooks } from '../../modules/paheko/looks.ts'
import { openRecords, type Records } from '../../modules/paheko/records.ts'
import { QUIET, syncAll } from '../../modules/paheko/sync.ts'
import { TIMING } from '../../modules/paheko/timing.ts'
import { until } from '../support/wait.ts'
import { type Bench, openBench } from './support/bench.ts'
import { closingOf } from './support/closing.ts'

// A writer stands still in mid-request, another one takes over and writes, and the first request comes through all the same.

let bench: Bench
beforeEach(async () => {
  bench = await openBench({}, PATIENT_MS)
})
afterEach(() => bench.stop())

/** The sleeper's request is answered in the end, however busy the machine is. */
const PATIENT_MS = 20_000

type Change = Records['change']
const unchanged = (change: Change): Change => change

/** The rounds of one more process over the same store. `changing`: how it comes through with what it wants to keep. */
const writer = (holder: string, changing = unchanged) => {
  const { paheko, kv, now } = bench
  const clock = () => now().getTime()
  const timing = { ...TIMING, requestMs: PATIENT_MS }
  const kept = openRecords(kv)
  const call = openPaheko(() => ({
    address: `${paheko.url}/api`,
    credentials: () => ({ user: 'writekey', password: 'w-s3cret' }),
    timeoutMs: PATIENT_MS,
  }))
  const parts = {
    records: { ...kept, change: changing(kept.change) },
    lease: openLease({ kv, holder, leaseMs: timing.leaseMs, clock }),
    looks: openLooks({ timing, now }),
    mapping: () => ({ accounts: {}, methods: {}, categories: {}, subtypes: {} }),
    tell: async () => ({ position: 1, seq: 1 }),
    closingAt: async () => ({ ...closing, businessDate: '2026-11-20' }),
    ...{ call, timing, now, clock, log: QUIET, chance: () => 0 },
  }
  const never = new AbortController().signal
  return () => syncAll(parts, { stop: never, cut: never })
}

const closing = closingOf()

/** The sleeper's request waits in Paheko, and another process has written meanwhile. */
const overtaken = async (sleeper: () => Promise<unknown>, other: () => Promise<number | undefined>) => {
  const letGo = bench.paheko.holdOne()
  const reference = await bench.close(closing)
  const asleep = sleeper()
  await until(() => bench.paheko.held > 0)
  await other()
  bench.later(TIMING.leaseMs)
  const confirmMs = (await other()) ?? 0
  expect(await bench.session(reference)).toMatchObject({ state: 'resolved', code: 'found' })
  const wakeUp = async () => {
    letGo()
    await asleep
    expect(bench.paheko.entries(reference)).toEqual([1, 2])
  }
  return { reference, confirmMs, wakeUp }
}

const DOUBLED = { state: 'quarantined', code: 'duplicates', words: '#1, #2' }

test('who wakes finds the session there, awaiting its further look: it is looked at now, and quarantined', async () => {
  const sleeper = writer('sleeper')
  const { reference, wakeUp } = await overtaken(sleeper, writer('other'))
  await wakeUp()
  await sleeper()
  expect(await bench.session(reference)).toMatchObject(DOUBLED)
})

test('who wakes when the session is done has it back, with the numbers', async () => {
  const [sleeper, other] = [writer('sleeper'), writer('other')]
  const { reference, confirmMs, wakeUp } = await overtaken(sleeper, other)
  bench.later(confirmMs)
  expect(await other()).toBeUndefined()
  await wakeUp()
  await sleeper()
  expect(await bench.session(reference)).toMatchObject(DOUBLED)
})

test('who wakes without a kernel to keep anything looks all the same', async () => {
  let isAway = false
  const sleeper = writer('sleeper', (change) => async (held, changes) => {
    if (isAway) throw new NotGranted('unavailable', 'no kernel is there')
    return change(held, changes)
  })
  const other = writer('other')
  const { reference, confirmMs, wakeUp } = await overtaken(sleeper, other)
  bench.later(confirmMs)
  await other()
  isAway = true
  await wakeUp()
  isAway = false
  await sleeper()
  expect(await bench.session(reference)).toMatchObject(DOUBLED)
})

test('a look that Paheko does not answer stays owed, and what comes through after the first one is found by the second', async () => {
  const [sleeper, other] = [writer('sleeper'), writer('other')]
  const { reference, confirmMs, wakeUp } = await overtaken(sleeper, other)
  bench.later(confirmMs)
  await other()
  await wakeUp()
  await bench.paheko.down()
  expect(await sleeper()).toBe(TIMING.settleMs)
  await bench.paheko.up()
  bench.paheko.remove(2)
  bench.later(TIMING.settleMs)
  const secondMs = (await sleeper()) ?? 0
  expect(await bench.session(reference)).toMatchObject({ state: 'resolved' })
  bench.paheko.db.exec(
    `INSERT INTO acc_transactions (type, label, reference, date, id_year) VALUES (0, 'a', '${reference}', '2026-11-20', 4)`,
  )
  bench.later(secondMs)
  expect(secondMs).toBeGreaterThan(TIMING.settleMs)
  await sleeper()
  expect(await bench.session(reference)).toMatchObject({ state: 'quarantined', code: 'duplicates' })
  bench.later(TIMING.mendMs)
  expect(await sleeper()).toBeUndefined()
})

test('who asks for a try while somebody changes the session gets one: that one may have looked before anything was mended', async () => {
  await bench.close(closing)
  const records = openRecords(bench.kv)
  const [seen] = await records.open()
  if (!seen) throw new Error('nothing is open')
  await records.change(seen, { state: 'quarantined', code: 'duplicates', nextAt: undefined })
  let isWoken = false
  const wake = () => {
    isWoken = true
  }
  await retry({ records, now: bench.now, wake }, seen)
  expect((await records.read(closing.sessionId))?.record).toMatchObject({
    ...{ state: 'quarantined', code: 'duplicates', nextAt: '2026-11-20T18:00:00.000Z' },
  })
  expect(isWoken).toBe(true)
})
