import type { DoneRecord, OpenRecord } from './record.ts'
import { type SyncState, worstOf } from './state.ts'
import { CODE_WORDS, STATE_WORDS } from './words.ts'

/** What is shown of a session to programs and assistants. Nothing of what went through its till. */
export const viewOf = (open: readonly OpenRecord[], done: readonly DoneRecord[]) => ({
  /** The worst of all: one that is solved never hides one that is not. */
  state: worstOf(open.map(({ state }) => state)),
  items: [...open.map(openView), ...done.map(doneView)],
})

const openView = ({
  sessionId,
  registerId,
  businessDate,
  reference,
  state,
  code,
  words,
  attempts,
  nextAt,
  entry,
  lastTry,
}: OpenRecord) => ({
  ...{ sessionId, registerId, businessDate, reference, attempts },
  ...stateView(state, code),
  ...(words === undefined ? {} : { words }),
  ...(nextAt === undefined ? {} : { nextAt }),
  ...(entry === undefined ? {} : { entryId: entry.id }),
  ...(lastTry === undefined ? {} : { lastTry: lastTry.code }),
})

const doneView = ({ sessionId, registerId, businessDate, reference, code, attempts, entry, doneAt }: DoneRecord) => ({
  ...{ sessionId, registerId, businessDate, reference, attempts, doneAt },
  ...stateView('resolved', code),
  ...(entry === undefined ? {} : { entryId: entry.id }),
})

const stateView = (state: SyncState, code: OpenRecord['code']) => ({
  ...{ state, stateWords: STATE_WORDS[state], code },
  ...{ why: CODE_WORDS[code].why, todo: CODE_WORDS[code].todo },
})
