import type { Closing } from './entry.ts'
import type { OpenRecord } from './record.ts'
import { referenceOf } from './reference.ts'

interface Begun {
  readonly position: number
  readonly closing: Closing
  readonly prefix: string
  readonly now: string
}

/** A session was closed: its entry is to be made. The reference is made here, and kept before anything is sent. Whoever keeps it has told it. */
export const begunRecord = ({ position, closing, prefix, now }: Begun): OpenRecord => {
  const { sessionId, registerId, businessDate } = closing
  return {
    ...{ sessionId, registerId, businessDate, position, closing },
    reference: referenceOf(prefix, closing),
    ...{ state: 'to-retry', code: 'new', words: undefined, lastTry: undefined, attempts: 0, nextAt: now },
    ...{ sent: undefined, entry: undefined, members: undefined, turn: 0, isTold: true },
  }
}
