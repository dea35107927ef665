import type { Logger } from 'pino'
import { growingWaits, pause } from './pause.ts'

/** What something that is open besides the handlers gets. */
export interface AtWork {
  readonly log: Logger
  /** Aborts as soon as the module is at work no longer. */
  readonly signal: AbortSignal
}

/**
 * Opens something of the module's own, such as a listener, and gives the way to close it. Called when the kernel has let the module in; closed
 * before the process ends, while something can still be told, and when an operator switches the module off: then the kernel grants nothing any
 * more. What it throws is logged, and it is tried again after a while.
 */
export type OpenAtWork = (atWork: AtWork) => Close | Promise<Close>
type Close = () => unknown

export interface WorkingHours {
  /** May be called again while it is open. */
  begin(): void
  /** Resolves when it is closed. */
  end(): Promise<void>
}

export const keepAtWork = (open: OpenAtWork | undefined, log: Logger): WorkingHours => {
  let ending: AbortController | undefined
  let held: Promise<Close | undefined> = Promise.resolve(undefined)
  return {
    begin() {
      if (!open || (ending && !ending.signal.aborted)) return
      ending = new AbortController()
      const { signal } = ending
      const before = held
      held = before.then(() => opened(open, { log, signal }))
    },
    async end() {
      ending?.abort()
      const closing = held.then(async (close) => {
        await close?.()
        return undefined
      })
      held = closing
      await closing
    },
  }
}

const opened = async (open: OpenAtWork, atWork: AtWork): Promise<Close | undefined> => {
  const { log, signal } = atWork
  const waits = growingWaits([100, 250, 500, 1_000, 2_000, 5_000])
  let lastSaid = ''
  while (!signal.aborted) {
    try {
      return await open(atWork)
    } catch (error) {
      const reason = (error as Error).message
      // Said once for each new reason, not at each attempt.
      if (reason !== lastSaid) log.warn({ reason }, 'this module cannot open what it needs; trying on')
      lastSaid = reason
      await pause(waits.nextMs(), signal)
    }
  }
  return undefined
}
