/** What the process is doing right now: for heartbeats, and for the end. */
export interface Work {
  /** How many handlers run. */
  readonly inFlight: number
  /** The last position that was dealt with since the start; 0 before the first. */
  readonly position: number
  /** Counts while `run` runs. */
  during<T>(run: () => Promise<T>): Promise<T>
  done(position: number): void
  /** The positions of the facts in hand, those that are being acknowledged among them. */
  readonly holding: readonly number[]
  /** From now on this fact is in hand. Gives the way to let it go. */
  hold(position: number): () => void
  /** Aborts after `leftMs`, or when the process will wait no longer. */
  signalFor(leftMs: number): AbortSignal
  /** Tells all handlers that nobody waits for them any more. */
  abandon(): void
}

export const countWork = (): Work => {
  const abandoned = new AbortController()
  let inFlight = 0
  let position = 0
  const held = new Set<number>()
  return {
    get inFlight() {
      return inFlight
    },
    get position() {
      return position
    },
    async during(run) {
      inFlight += 1
      try {
        return await run()
      } finally {
        inFlight -= 1
      }
    },
    get holding() {
      return [...held]
    },
    hold(at) {
      held.add(at)
      return () => held.delete(at)
    },
    done(at) {
      position = Math.max(position, at)
    },
    signalFor: (leftMs) =>
      Number.isFinite(leftMs) ? AbortSignal.any([abandoned.signal, AbortSignal.timeout(leftMs)]) : abandoned.signal,
    abandon: () => abandoned.abort(new Error('the module stops')),
  }
}
