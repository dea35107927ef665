import { Failure } from '@recyclique/contracts'

/** One module on one hook, as the operator sees it. */
export interface GuardView {
  readonly hook: string
  /** `open`: it is not asked. `half-open`: one question tries whether it answers again. */
  readonly state: 'closed' | 'open' | 'half-open'
  /** Silences in a row: no answer in time, or nobody there. */
  readonly silences: number
  /** Milliseconds since 1970; only while open. */
  readonly openUntil: number | undefined
  readonly inFlight: number
  /** Questions that were not asked, because the breaker was open or too many were under way. */
  readonly notAsked: number
}

export interface GuardLimits {
  /** The breaker opens after so many silences in a row. */
  readonly silences: number
  /** How long it stays open the first time; twice as long each time that the trial fails too, up to `longestMs`. */
  readonly openMs: number
  readonly longestMs: number
  /** How many questions may be under way at once. */
  readonly inFlight: number
}

export const LIMITS: GuardLimits = { silences: 3, openMs: 2_000, longestMs: 60_000, inFlight: 512 }

/**
 * Circuit breaker and bulkhead of one module on one hook. A module that does not answer costs each caller its whole deadline: after
 * a few silences in a row nobody waits for it any more, until a single question finds that it answers again.
 */
export const openGuard = (hook: string, limits: GuardLimits, now: () => number, changed: () => void) => {
  let silences = 0
  let opened = 0
  let openUntil: number | undefined
  let isTrying = false
  let inFlight = 0
  let notAsked = 0
  let dead = new WeakSet<object>()

  const refuse = (code: string, words: string): never => {
    notAsked += 1
    throw new Failure('unavailable', code, words)
  }
  const open = () => {
    openUntil = now() + Math.min(limits.openMs * 2 ** opened, limits.longestMs)
    opened += 1
    changed()
  }
  /** Many may fall silent at once: they open it once, and only a trial that failed opens it again, for longer. */
  const silent = () => {
    const isDue = openUntil === undefined ? silences + 1 >= limits.silences : isTrying
    isTrying = false
    silences += 1
    if (isDue) open()
    else changed()
  }

  return {
    /** Before each question. Throws a `Failure` of kind `unavailable` where it must not be asked. */
    enter(module: string) {
      if (inFlight >= limits.inFlight)
        refuse('too-many-questions', `${module} has ${inFlight} questions in hand and gets no more for now`)
      if (openUntil !== undefined) {
        if (isTrying || now() < openUntil)
          refuse('breaker-open', `${module} did not answer ${silences} times in a row and is not asked for a moment`)
        isTrying = true
      }
      inFlight += 1
    },
    leave() {
      inFlight -= 1
    },
    /** It answered, if only with an error. */
    heard() {
      isTrying = false
      if (silences === 0) return
      silences = 0
      opened = 0
      openUntil = undefined
      changed()
    },
    silent,
    /** One death is one silence, however many questions the process had in hand: the others of its module may answer on. */
    died(process: object) {
      if (dead.has(process) && !isTrying) return
      dead.add(process)
      silent()
    },
    /** Its module was started anew or its processes changed: what was counted says nothing about the new ones. */
    reset() {
      isTrying = false
      silences = 0
      opened = 0
      openUntil = undefined
      dead = new WeakSet()
    },
    view: (): GuardView => ({
      ...{ hook, silences, inFlight, notAsked },
      openUntil,
      state: openUntil === undefined ? 'closed' : isTrying || now() >= openUntil ? 'half-open' : 'open',
    }),
  }
}

export type Guard = ReturnType<typeof openGuard>
