import type { Log } from './sync.ts'

/** Does one round, and says in how many milliseconds there is something to do again; `undefined`: nothing is open. */
export type Round = (signals: Signals) => Promise<number | undefined>

export interface Signals {
  /** Begins nothing new. */
  readonly stop: AbortSignal
  /** Waits for nothing any more. */
  readonly cut: AbortSignal
}

export interface Worker {
  /** There is something new: now rather than later. */
  wake(): void
  /** Begins no other session. What is under way has some seconds, then it is cut off, and looked for at the next start. */
  stop(): Promise<void>
}

interface Parts {
  readonly round: Round
  /** However little is open, it is looked so often: another process may have left something behind. */
  readonly lookMs: number
  readonly log: Log
}

/** Two rounds follow each other at least so far apart, also where many sessions close at once: a kernel is not flooded. */
const SHORTEST_MS = 500

/** Who ends the process waits somewhat longer. */
const GRACE_MS = 4_000

/** Round after round, one at a time, for as long as the process lives. A round that fails is followed by the next one. */
export const openWorker = ({ round, lookMs, log }: Parts): Worker => {
  const stopping = new AbortController()
  const cutting = new AbortController()
  let wake = () => {}
  let isWoken = false

  const pause = (waitMs: number): Promise<void> =>
    new Promise((resolve) => {
      if (stopping.signal.aborted) return resolve()
      const timer = setTimeout(resolve, isWoken ? SHORTEST_MS : waitMs)
      if (isWoken) return
      wake = () => {
        clearTimeout(timer)
        setTimeout(resolve, SHORTEST_MS)
      }
    })

  const run = async () => {
    while (!stopping.signal.aborted) {
      isWoken = false
      const next = await round({ stop: stopping.signal, cut: cutting.signal }).catch((err: unknown) => {
        log.error({ err }, 'a round over the open sessions failed')
        return undefined
      })
      await pause(Math.min(lookMs, Math.max(SHORTEST_MS, next ?? lookMs)))
    }
  }
  const ended = run()

  return {
    wake() {
      isWoken = true
      wake()
    },
    async stop() {
      stopping.abort()
      wake()
      const grace = setTimeout(() => cutting.abort(), GRACE_MS)
      await ended
      clearTimeout(grace)
    },
  }
}
