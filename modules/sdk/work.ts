/** The longest that a timer of the runtime can wait. */
const LONGEST_MS = 2 ** 31 - 1

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
  /** Aborts after `leftMs`, at once where none are left, or when the process will wait no longer. */
  signalFor(leftMs: number): AbortSignal
  /** The same for what may go on behind its deadline, once it has begun to answer. */
  patience(leftMs: number): Patience
  /** Tells all handlers that nobody waits for them any more. */
  abandon(): void
}

export interface Patience {
  readonly signal: AbortSignal
  /** From now on only the end of the process aborts it. */
  extend(): void
  /** Nobody waits any more. */
  end(): void
}

export const countWork = (): Work => {
  const abandoned = new AbortController()
  const timed = new Set<AbortController>()
  let inFlight = 0
  let position = 0
  const held = new Set<number>()
  const patience = (leftMs: number): Patience => {
    const one = new AbortController()
    const end = () => {
      clearTimeout(timer)
      timed.delete(one)
      one.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'))
    }
    const timer = Number.isFinite(leftMs)
      ? setTimeout(end, Math.min(Math.max(0, leftMs), LONGEST_MS)).unref()
      : undefined
    if (abandoned.signal.aborted) one.abort(abandoned.signal.reason)
    else if (leftMs <= 0) end()
    else timed.add(one)
    return { signal: one.signal, extend: () => clearTimeout(timer), end }
  }
  return {
    patience,
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
    // Never `AbortSignal.any` of a timeout: it holds what it follows weakly, and follows it only while somebody listens. Whoever first looks when
    // the time is over, and the timeout is collected, would never see it.
    signalFor(leftMs) {
      if (abandoned.signal.aborted || !Number.isFinite(leftMs)) return abandoned.signal
      return patience(leftMs).signal
    },
    abandon() {
      abandoned.abort(new Error('the module stops'))
      for (const one of timed) one.abort(abandoned.signal.reason)
      timed.clear()
    },
  }
}
