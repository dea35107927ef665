import type { OpenRecord } from './record.ts'
import type { Timing } from './timing.ts'

/** A session whose entry was sent from here. */
export type Owed = Pick<OpenRecord, 'sessionId' | 'businessDate' | 'reference'>

/**
 * The looks that this process owes: it sent something, and could not keep what became of it, mostly since another process went on meanwhile. What
 * it sent may stand beside what that one sent, and nobody but this process knows of it.
 */
export interface Looks {
  /** At the next round, and once more when nothing of it can come through any more. */
  owe(session: Owed): void
  due(): readonly Owed[]
  /** One look was had. */
  had(session: Owed): void
  /** It could not be looked at, or nothing is decided there yet: a little later. */
  putOff(session: Owed): void
  /** In how many milliseconds the next one is due; `undefined`: none is owed. */
  nextIn(): number | undefined
}

type Kept = { readonly session: Owed; readonly dues: readonly number[] }

export const openLooks = ({ timing, now }: { timing: Timing; now: () => Date }): Looks => {
  const owed = new Map<string, Kept>()
  const nowMs = () => now().getTime()
  const keep = (session: Owed, dues: readonly number[]) => {
    if (dues.length === 0) owed.delete(session.sessionId)
    else owed.set(session.sessionId, { session, dues })
  }
  const later = ({ sessionId }: Owed) => owed.get(sessionId)?.dues.slice(1) ?? []

  return {
    owe: ({ sessionId, businessDate, reference }) =>
      keep({ sessionId, businessDate, reference }, [nowMs(), nowMs() + timing.confirmMs]),
    due: () => [...owed.values()].filter(({ dues: [due = 0] }) => due <= nowMs()).map(({ session }) => session),
    had: (session) => keep(session, later(session)),
    putOff: (session) => keep(session, [nowMs() + timing.settleMs, ...later(session)]),
    nextIn() {
      const dues = [...owed.values()].map(({ dues: [due = 0] }) => due)
      return dues.length === 0 ? undefined : Math.max(0, Math.min(...dues) - nowMs())
    },
  }
}
