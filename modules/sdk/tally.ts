/** What became of the requests to one endpoint since the process was started. */
export interface Count {
  requests: number
  errors: number
  /** Empty while there was none. */
  lastError: string
  busyMs: number
}

/** Counts what a process is asked, by endpoint. */
export interface Tally {
  readonly startedAt: string
  /** Runs one request; `failureIn` says in words what is wrong with its answer. One to an endpoint that there is not is run and not counted. */
  during<T>(key: string, run: () => Promise<T>, failureIn: (answer: T) => string | undefined): Promise<T>
  of(key: string): Readonly<Count>
}

const MOST_LETTERS = 300

export const openTally = (keys: readonly string[]): Tally => {
  const counts = new Map<string, Count>(
    keys.map((key) => [key, { requests: 0, errors: 0, lastError: '', busyMs: 0 }] as const),
  )
  return {
    startedAt: new Date().toISOString(),
    async during(key, run, failureIn) {
      const count = counts.get(key)
      if (!count) return run()
      const begunAt = performance.now()
      count.requests += 1
      const answer = await run()
      const failure = failureIn(answer)
      count.busyMs += performance.now() - begunAt
      if (failure !== undefined)
        Object.assign(count, { errors: count.errors + 1, lastError: failure.slice(0, MOST_LETTERS) })
      return answer
    },
    of: (key) => counts.get(key) ?? { requests: 0, errors: 0, lastError: '', busyMs: 0 },
  }
}
