/** How a process ended: in words, and its exit code where it had one. */
export type End = { how: string; code?: number }

/** A process that was started. */
export type Running = {
  pid: number | undefined
  /** Settles when it has ended. */
  ended: Promise<End>
  /** Asks it to stop, waits, kills it in the end. May be called twice. */
  stop: () => Promise<void>
}

/** A process and the promise that it is of use: settles once it is, and rejects where it ended before. */
export type Started<T> = Running & { ready: Promise<T> }

/** What `ready` rejects with when a process ends too early: how it ended, with which code, and its own words where it had any. */
export class EndedEarly extends Error {
  readonly code: number | undefined
  /** What it wrote that was no log. */
  readonly words: readonly string[]
  constructor(how: string, code?: number, words: readonly string[] = []) {
    super(how)
    this.code = code
    this.words = words
  }
}

/** The value, unless the process ends first. */
export const orEnded = <T>(ready: Promise<T>, ended: Promise<End>): Promise<T> =>
  Promise.race([
    ready,
    ended.then(({ how, code }): never => {
      throw new EndedEarly(how, code)
    }),
  ])

/** The value, unless it takes longer. What takes longer goes on all the same. */
export const within = <T>(ready: Promise<T>, ms: number): Promise<T> => {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(`was not ready after ${ms / 1000} s`)), ms)
  return Promise.race([ready, late.promise]).finally(() => clearTimeout(timer))
}
