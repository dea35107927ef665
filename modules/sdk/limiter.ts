/** How much of some work a process does at once and over time. Whole numbers from 1; what is not said is not limited, but for `mostWaiting`. */
export interface Limits {
  /** Names the limit in its error, as `labels` or `paheko`. */
  readonly name: string
  readonly atOnce?: number
  /** Begins in any second, whenever it starts. */
  readonly perSecond?: number
  /** More than that do not wait: they are refused. 1,000 where nothing is said. */
  readonly mostWaiting?: number
}

export interface Limiter {
  /**
   * Does the work when its turn comes, in the order in which it was asked for, and gives what it gives. Rejects with an `Overloaded` at once
   * where too many wait already, and with the signal's reason where it aborts before the work began; work that has begun is left alone.
   */
  run<T>(work: () => T | Promise<T>, when?: { readonly signal?: AbortSignal }): Promise<T>
  /** For `.health`, and for whoever looks. */
  readonly active: number
  readonly waiting: number
}

/** Too many wait for this limit already. What to do: try later, or ask for less at once. */
export class Overloaded extends Error {
  readonly code = 'overloaded'
  readonly limit: string
  constructor({ name, atOnce, perSecond }: Limits, mostWaiting: number) {
    const rules = [atOnce && `${atOnce} at once`, perSecond && `${perSecond} a second`].filter(Boolean).join(', ')
    super(`the limit '${name}' is reached (${rules || 'none'}, ${mostWaiting} waiting): try again later`)
    this.name = 'Overloaded'
    this.limit = name
  }
}

type Clock = { now: () => number; later: (ms: number, act: () => void) => void }
type Waiting = { begin: () => void }

const SECOND_MS = 1_000

const REAL: Clock = { now: () => performance.now(), later: (ms, act) => void setTimeout(act, ms) }

/** A limiter for work inside this process: each process of a module has its own. Throws a `RangeError` for a limit that is no whole number from 1. */
export const makeLimiter = (limits: Limits, clock: Clock = REAL): Limiter => {
  const { name, atOnce = Number.POSITIVE_INFINITY, perSecond, mostWaiting = 1_000 } = limits
  checkLimits(name, { ...limits, mostWaiting: mostWaiting + 1 })
  const queue: Waiting[] = []
  /** When the last ones began, the oldest first; as many as may begin in a second. */
  const begun: number[] = []
  let active = 0
  let isTimed = false

  const msUntilFree = (): number => {
    const [oldest] = begun
    if (perSecond === undefined || oldest === undefined || begun.length < perSecond) return 0
    return Math.max(0, oldest + SECOND_MS - clock.now())
  }

  const noteBegin = (): void => {
    active += 1
    if (perSecond === undefined) return
    begun.push(clock.now())
    if (begun.length > perSecond) begun.shift()
  }

  const advance = (): void => {
    while (!isTimed && queue.length > 0 && active < atOnce) {
      const ms = msUntilFree()
      if (ms > 0) wakeIn(ms)
      else {
        noteBegin()
        queue.shift()?.begin()
      }
    }
  }

  const wakeIn = (ms: number): void => {
    isTimed = true
    clock.later(ms, () => {
      isTimed = false
      advance()
    })
  }

  const turn = (signal: AbortSignal | undefined): Promise<void> => {
    signal?.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const leave = () => {
      queue.splice(queue.indexOf(one), 1)
      reject(signal?.reason)
    }
    const one: Waiting = {
      begin: () => {
        signal?.removeEventListener('abort', leave)
        resolve()
      },
    }
    queue.push(one)
    advance()
    if (!queue.includes(one)) return promise
    if (queue.length > mostWaiting) {
      queue.pop()
      reject(new Overloaded(limits, mostWaiting))
    } else signal?.addEventListener('abort', leave, { once: true })
    return promise
  }

  return {
    get active() {
      return active
    },
    get waiting() {
      return queue.length
    },
    async run(work, { signal } = {}) {
      await turn(signal)
      try {
        return await work()
      } finally {
        active -= 1
        advance()
      }
    },
  }
}

const checkLimits = (name: string, { atOnce, perSecond, mostWaiting }: Limits): void => {
  for (const [key, value] of Object.entries({ atOnce, perSecond, mostWaiting }))
    if (value !== undefined && !(Number.isSafeInteger(value) && value > 0))
      throw new RangeError(`the limit '${name}': ${key} must be a whole number from ${key === 'mostWaiting' ? 0 : 1}`)
}
