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

/** What `ready` rejects with when a process ends too early: how it ended, and its own words where it had any. */
export class EndedEarly extends Error {}

/** The value, unless the process ends first. */
export const orEnded = <T>(ready: Promise<T>, ended: Promise<End>): Promise<T> =>
  Promise.race([
    ready,
    ended.then(({ how }): never => {
      throw new EndedEarly(how)
    }),
  ])
