/** How long everything takes. Tests take a quicker one; nothing but these numbers differs. */
export interface Timing {
  /** One request. */
  readonly requestMs: number
  /** How long a request that nobody waits for any more may still do something in Paheko: its database waits up to 10 s for a lock. */
  readonly settleMs: number
  /** So long after a doubtful outcome that was solved it is looked once more whether it stands there once: a queue may be longer than all waits. */
  readonly confirmMs: number
  /** Longer than a request: who may write has stopped by then. */
  readonly leaseMs: number
  /** Waits after the first failure, the second …; the last one over and over. */
  readonly backoffMs: readonly number[]
  /** What an operator has to mend is looked at again so often. */
  readonly mendMs: number
  /** How often a process looks whether another one left something behind. */
  readonly lookMs: number
}

export const TIMING: Timing = {
  requestMs: 30_000,
  settleMs: 12_000,
  confirmMs: 600_000,
  leaseMs: 45_000,
  backoffMs: [15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000],
  mendMs: 1_800_000,
  lookMs: 15_000,
}

/** From the wait itself to a half more, so that several centres do not come back together. `chance` is from 0 to 1. */
export const withJitter = (waitMs: number, chance: number): number => Math.round(waitMs * (1 + chance / 2))

export const backoff = ({ backoffMs }: Pick<Timing, 'backoffMs'>, attempts: number): number =>
  backoffMs[Math.min(attempts, backoffMs.length) - 1] ?? 0
