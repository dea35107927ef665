import type { Closing } from './entry.ts'
import type { OutcomeCode, Sent } from './push.ts'
import type { SyncState } from './state.ts'

/** A session whose entry is not, or not surely, in Paheko. Kept by the kernel under `open/<sessionId>`. */
export interface OpenRecord {
  readonly sessionId: string
  readonly registerId: string
  readonly businessDate: string
  /** Of the fact of its close, so that it can be read again. */
  readonly position: number
  readonly closing: Closing
  /** Made once, before anything is sent, and never again. */
  readonly reference: string
  readonly state: SyncState
  readonly code: OutcomeCode
  /** Paheko's own words, or what they are about. */
  readonly words: string | undefined
  readonly attempts: number
  /** What the last try came to, where that is not why it stands where it stands. */
  readonly lastTry: { readonly code: OutcomeCode; readonly words: string | undefined } | undefined
  /** When it is due again, ISO 8601; absent: when somebody says so. */
  readonly nextAt: string | undefined
  /** What was sent last, and when: until it has settled nothing else is sent. */
  readonly sent: (Sent & { readonly at: string }) | undefined
  readonly entry: { readonly id: number; readonly yearId: number } | undefined
  /** Members of Paheko, by their internal ids, to whom the entry is to be linked. */
  readonly members: readonly number[] | undefined
  /** How often its state changed: the key under which the change is told. */
  readonly turn: number
  readonly isTold: boolean
}

/** The same once it is done: no more than a person wants to see. A day's are kept together, under `done/<day>`. */
export interface DoneRecord {
  readonly sessionId: string
  readonly registerId: string
  readonly businessDate: string
  readonly position: number
  readonly reference: string
  readonly code: OutcomeCode
  readonly attempts: number
  readonly entry: { readonly id: number; readonly yearId: number } | undefined
  readonly members: readonly number[] | undefined
  readonly turn: number
  readonly doneAt: string
}

export const doneFrom = (record: OpenRecord, doneAt: string): DoneRecord => {
  const { sessionId, registerId, businessDate, position, reference, code, attempts, entry, members, turn } = record
  return { sessionId, registerId, businessDate, position, reference, code, attempts, entry, members, turn, doneAt }
}

/** A session that was done is looked at again: as if it had been sent before, so that its number is looked at once more. */
export const reopened = (done: DoneRecord, closing: Closing, now: string): OpenRecord => ({
  ...{ sessionId: done.sessionId, registerId: done.registerId, businessDate: done.businessDate },
  ...{ position: done.position, closing, reference: done.reference, members: done.members },
  ...{
    state: 'to-retry',
    code: 'new',
    words: undefined,
    attempts: done.attempts,
    nextAt: now,
    sent: undefined,
    lastTry: undefined,
  },
  ...{ entry: undefined, turn: done.turn + 1, isTold: false },
})
