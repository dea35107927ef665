import { NotTold, type Tell } from '@recyclique/sdk'
import { lookWhereOwed } from './audit.ts'
import type { CallPaheko } from './client.ts'
import type { Closing } from './entry.ts'
import { type Lease, LeaseLost } from './lease.ts'
import type { Looks } from './looks.ts'
import { type Outcome, type OutcomeCode, push } from './push.ts'
import type { OpenRecord } from './record.ts'
import { type Held, Overtaken, type Records } from './records.ts'
import type { Mapping } from './settings.ts'
import { type SyncState, stateAfter } from './state.ts'
import { backoff, type Timing, withJitter } from './timing.ts'
import type { Signals } from './worker.ts'

/** As much of the module's log as is used here. */
export type Log = Record<'info' | 'warn' | 'error', (what: object, words: string) => void>

export const QUIET: Log = { info: () => {}, warn: () => {}, error: () => {} }

export interface SyncParts {
  readonly records: Records
  readonly lease: Lease
  readonly looks: Looks
  readonly call: CallPaheko
  readonly mapping: () => Mapping
  readonly tell: Tell
  readonly timing: Timing
  readonly log: Log
  /** The close of a session from the ledger, by the position of its fact. */
  readonly closingAt: (position: number) => Promise<Closing | undefined>
  readonly now: () => Date
  /** From 0 to 1. */
  readonly chance: () => number
  readonly clock: () => number
}

/** The fact that this module tells of each change of a session's state. */
export const STATE_CHANGED = 'paheko.state.changed'

/**
 * Goes over the open sessions once, in the order of their closes, as the only writer. Gives when there is something to do again, in milliseconds;
 * `undefined` where nothing is open. One that fails does not hold up the others. They are read once: who changed one meanwhile is found at its revision.
 */
export const syncAll = async (parts: SyncParts, { stop, cut }: Signals): Promise<number | undefined> => {
  const { records, lease, timing } = parts
  await lookWhereOwed(parts)
  const open = await records.open()
  if (!open.some((held) => isDue(held, parts.now()))) return nextIn(parts, open)
  if (!(await lease.take())) return Math.min(1_000, timing.leaseMs / 4)
  const left: Held[] = []
  try {
    for (const held of open) {
      const after = stop.aborted || !isDue(held, parts.now()) ? held : await syncIfItCan(parts, held, cut)
      if (after) left.push(after)
    }
  } finally {
    await lease.release()
  }
  return nextIn(parts, left)
}

/** Whatever is the matter with one, the others go on; it is still open, and comes again. */
const syncIfItCan = (parts: SyncParts, held: Held, cut: AbortSignal): Promise<Held | undefined> =>
  syncOne(parts, held, cut).catch((err: unknown) => {
    parts.log.error({ err, sessionId: held.record.sessionId }, 'a session could not be tried')
    return held
  })

const isDue = ({ record }: Held, now: Date): boolean =>
  !record.isTold || isDone(record) || (record.nextAt !== undefined && record.nextAt <= now.toISOString())

/** It is there, and there is nothing more to look at. */
const isDone = ({ state, nextAt }: OpenRecord): boolean => state === 'resolved' && nextAt === undefined

const nextIn = ({ looks, now }: SyncParts, open: readonly Held[]): number | undefined => {
  const waits = open.map(({ record }) => dueAt(record)).map((at) => at && Math.max(0, at - now().getTime()))
  const due = [...waits, looks.nextIn()].filter((wait) => wait !== undefined)
  return due.length === 0 ? undefined : Math.min(...due)
}

const dueAt = (record: OpenRecord): number | undefined => {
  if (!record.isTold || isDone(record)) return 0
  return record.nextAt === undefined ? undefined : Date.parse(record.nextAt)
}

/** One session as far as it comes now; gives what is open of it. Somebody else who changes it meanwhile is right, and is left to it. */
export const syncOne = async (parts: SyncParts, begun: Held, stop: AbortSignal): Promise<Held | undefined> => {
  const { sessionId, reference } = begun.record
  try {
    const told = await tellState(parts, begun)
    if (isDone(told.record) || !isDue(told, parts.now())) return await finished(parts, told)
    return await finished(parts, await tellState(parts, await tryOne(parts, told, stop)))
  } catch (error) {
    if (!(error instanceof Overtaken) && !(error instanceof LeaseLost)) throw error
    parts.log.warn(
      { sessionId, reference, reason: error.message },
      'another process of this module goes on with a session',
    )
    return begun
  }
}

const finished = async ({ records, now }: SyncParts, held: Held): Promise<Held | undefined> => {
  if (!isDone(held.record)) return held
  await records.finish(held, now().toISOString())
  return undefined
}

/** One try, and what is kept of it. Where that cannot be kept, whatever the reason, what was sent is looked for once more. */
const tryOne = async (parts: SyncParts, begun: Held, stop: AbortSignal): Promise<Held> => {
  const { records, lease, call, mapping, log, timing } = parts
  const { closing, reference, sent, sessionId } = begun.record
  let held = begun
  let mayHaveSent = false
  try {
    const outcome = await push({
      ...{ call, closing, reference, sent, stop, mapping: mapping() },
      maySend: begun.record.state !== 'resolved' && hasSettled(begun.record, parts),
      // First the lease, then the record: whoever takes over finds in the record what may be under way.
      async beforeSend(next) {
        const untilMs = await lease.renew()
        held = await records.change(held, { sent: { ...next, at: parts.now().toISOString() } })
        // Who stood still meanwhile may not be the only one any more before the answer comes.
        if (parts.clock() + timing.requestMs > untilMs) throw new LeaseLost()
        mayHaveSent = true
      },
    })
    const linked = await withMembers(parts, held.record, asLooked(begun.record, outcome), stop)
    log.info({ sessionId, reference, state: linked.state, code: linked.code }, 'a session was tried')
    const mayBeThere = linked.wasNotKept ? sent : held.record.sent
    return await records.change(held, { ...after(parts, held.record, linked), sent: mayBeThere })
  } catch (error) {
    if (mayHaveSent) parts.looks.owe(begun.record)
    throw error
  }
}

/** Where it was there, a further look sends nothing: what is gone was taken away by a person. */
const asLooked = ({ state }: OpenRecord, outcome: Outcome): Outcome =>
  state === 'resolved' && outcome.code === 'not-confirmed' ? { state: 'quarantined', code: 'missing' } : outcome

/** Nothing of an earlier request can come through any more. */
const hasSettled = ({ sent }: OpenRecord, { now, timing }: SyncParts): boolean =>
  !sent || now().getTime() - Date.parse(sent.at) >= timing.settleMs

/** The second call: whoever is to be linked to the entry. It may be repeated, and a failure leaves no entry behind. */
const withMembers = async (
  { call }: SyncParts,
  { members, entry: before }: OpenRecord,
  outcome: Outcome,
  stop: AbortSignal,
): Promise<Outcome> => {
  const entry = outcome.entry ?? before
  if (outcome.state !== 'resolved' || !entry || !members || members.length === 0) return outcome
  try {
    await call('POST', `accounting/transaction/${entry.id}/users`, { users: members }, stop)
    return outcome
  } catch (error) {
    return { ...unlinked(error as Error), entry }
  }
}

const unlinked = (error: Error & { fault?: OutcomeCode }): Outcome =>
  error.fault === 'refused'
    ? { state: 'quarantined', code: 'members-unknown', words: error.message }
    : { state: 'to-retry', code: error.fault ?? 'unexpected', words: error.message }

/** What is kept of a try. */
const after = (parts: SyncParts, record: OpenRecord, outcome: Outcome): Partial<OpenRecord> => {
  const attempts = record.attempts + 1
  const state = stateAfter(record.state, outcome.state)
  // A try that fails on the way does not take the place of why it stands where it stands.
  const isHidden = state !== outcome.state
  const code = isHidden ? record.code : outcome.code
  const words = isHidden ? record.words : outcome.words
  const isNews = state !== record.state
  return {
    ...{ state, code, words, attempts, entry: outcome.entry ?? record.entry },
    lastTry: isHidden ? { code: outcome.code, words: outcome.words } : undefined,
    nextAt: nextAt(parts, {
      outcome,
      attempts,
      before: record.state,
      isDoubtful: record.sent !== undefined && outcome.code !== 'booked',
    }),
    ...(isNews ? { turn: record.turn + 1, isTold: false } : {}),
  }
}

/** What must wait for a person's word: a rejection, and what only a person can tell apart. */
export const ON_WORD: readonly OutcomeCode[] = [
  'refused',
  'different',
  'duplicates',
  'missing',
  'too-old',
  'unbalanced',
  'members-unknown',
]

const nextAt = (parts: SyncParts, tried: Tried): string | undefined => {
  const waitMs = waitOf(parts, tried)
  return waitMs === undefined
    ? undefined
    : new Date(parts.now().getTime() + withJitter(waitMs, parts.chance())).toISOString()
}

interface Tried {
  readonly outcome: Outcome
  readonly attempts: number
  readonly before: SyncState
  /** Something was sent of which nobody knows what became of it. */
  readonly isDoubtful: boolean
}

const waitOf = ({ timing }: SyncParts, { outcome, attempts, before, isDoubtful }: Tried): number | undefined => {
  if (outcome.state === 'resolved') return isDoubtful && before !== 'resolved' ? timing.confirmMs : undefined
  if (ON_WORD.includes(outcome.code)) return undefined
  const waitMs = outcome.state === 'quarantined' ? timing.mendMs : backoff(timing, attempts)
  return outcome.isUnsettled ? Math.max(waitMs, timing.settleMs) : waitMs
}

const tellState = async (parts: SyncParts, held: Held): Promise<Held> => {
  if (held.record.isTold) return held
  await tellChange(parts, held.record)
  return parts.records.change(held, { isTold: true })
}

/** Told once for each change, however often it is said: the key is the session and the number of the change. */
export const tellChange = async ({ tell }: SyncParts, record: OpenRecord): Promise<void> => {
  await tell(STATE_CHANGED, changeOf(record), { key: `${record.sessionId}-${record.turn}` }).catch(unlessWithheld)
}

/** An operator may not want it told: the entry goes its way all the same. */
const unlessWithheld = (error: unknown): void => {
  if (!(error instanceof NotTold) || error.code !== 'withheld') throw error
}

/** Without Paheko's words: they may quote what a person wrote, and a fact can never be erased. */
const changeOf = ({ sessionId, registerId, businessDate, reference, state, code, attempts, entry }: OpenRecord) => ({
  ...{ sessionId, registerId, businessDate, reference, code, attempts },
  state: state satisfies SyncState,
  ...(entry === undefined ? {} : { entryId: entry.id }),
})
