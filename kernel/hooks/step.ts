/** Arguments by name, JSON values. */
export type Args = Readonly<Record<string, unknown>>

/** Who is being asked, from this step out to the first caller. A module that finds itself in it is called from inside itself. */
export interface Visit {
  readonly hook: string
  readonly module: string
  readonly around: Visit | undefined
}

/** What one step is asked: plain data, so that it can be sent. Whoever asks on from inside hands it over as `within`. */
export interface Question {
  readonly hook: string
  readonly version: number
  /** Those that the step asked for, and no others. In one process what lies inside them is shared: nobody alters it. */
  readonly args: Args
  readonly callId: string
  /** The call from inside which this one was made. */
  readonly parentId: string | undefined
  /** 0 for a call that stands in no other. */
  readonly depth: number
  /** After this nobody waits. Milliseconds since 1970. */
  readonly deadline: number
  /** W3C trace context, handed on as it came. */
  readonly trace: string | undefined
  /** For a call that is kept for those who come later: its place in the history. */
  readonly seq: number | undefined
  readonly visit: Visit
  /** Says which process is asked, where the module has several; the last one said is the one that answered, or is to blame. */
  readonly reached: (instance: string) => void
}

/** Runs the rest of the plan, once, and gives its result or throws its error. */
export type Proceed = () => Promise<unknown>

/**
 * Asks one module, here or in another process. Null and undefined are no answer. An error may be a `Failure`, to say of which
 * kind; every other one counts as thrown by the module. Only a wrapper is given `proceed`.
 */
export type Call = (question: Question, proceed: Proceed) => unknown

export type Band = 'tryfirst' | 'normal' | 'trylast'

/** What becomes of the call when this module is away. `required`: it fails. `optional`: it goes on. `policy`: as the hook says. */
export type Need = 'required' | 'optional' | 'policy'

/** One module's handler for one hook, as it was registered. */
export interface Implementation {
  readonly module: string
  readonly version: string
  /** The process, where there is one and it is known beforehand. */
  readonly instance: string | undefined
  /** Unique inside the module. */
  readonly handler: string
  readonly hook: string
  /** The arguments that it wants; undefined: all. */
  readonly args: readonly string[] | undefined
  readonly band: Band
  readonly isWrapper: boolean
  /** It may stay unknown for ever: nobody is told that its hook is missing. */
  readonly isOptional: boolean
  readonly before: readonly string[]
  readonly after: readonly string[]
  readonly timeoutMs: number | undefined
  /** How often it may stand in one chain of calls; undefined: the depth alone is limited. */
  readonly concurrency: number | undefined
  /** What the manifest says of the module, for `where`. */
  readonly labels: Readonly<Record<string, unknown>>
  /** The module's age, persistent: a higher rank is newer. */
  readonly rank: number
  /** Its `call` ends at the deadline by itself, with a `Failure` of kind `timeout`, and notes what comes later. */
  readonly keepsTime: boolean
  readonly call: Call
}

/** An implementation in its place. */
export interface Step extends Implementation {
  readonly need: Need
  /** Why it stands where it stands, for a person. */
  readonly why: string
}
