import { type Static, type TObject, type TSchema, Type } from '@sinclair/typebox'

/**
 * How the answers become one result.
 *
 * `collect`: every answer, in the order of the plan. `first`: the first answer that is not null, by place and not by speed; `race`:
 * by speed. `pipeline`: each step gets what the one before made of the arguments. `driver`: exactly one module, and its answer.
 */
export type AskMode = 'collect' | 'first' | 'pipeline' | 'driver' | 'race'

/** `sequential`: one after the other, in the plan's order. `parallel`: all at once; the answers still stand in the plan's order. */
export type Dispatch = 'sequential' | 'parallel'

/**
 * What becomes of an error. `stop`: it is the caller's, and later steps are not asked. `skip`: noted, left out, and on. `aggregate`:
 * all are asked, then the caller gets every error; where one answer is enough (`first`, `race`), only when there is none.
 */
export type OnError = 'stop' | 'skip' | 'aggregate'

/** Which calls of a historic hook are kept for the modules that come later. At least one of the limits must be said. */
export interface Historic {
  readonly maxAgeMs?: number
  readonly maxCount?: number
  /** Of the calls with one value in this argument only the newest is kept. */
  readonly key?: string
  /** Who gets the old calls: every process that registers (`instance`, the default: it is configuration), or each module once. */
  readonly replay?: 'instance' | 'module'
}

/** A question that the kernel asks: what goes out, what comes back, and every policy of the call. The call site stays one line. */
export interface HookSpec<A extends TObject = TObject, R extends TSchema = TSchema, M extends AskMode = AskMode> {
  /** Tokens with dots between; the first one is its owner's. */
  readonly name: string
  /** Rises when the arguments or the answer change their shape. */
  readonly version: number
  /** What is asked, in one sentence for someone who never read a line of this. */
  readonly words: string | undefined
  /** By name, JSON values. A module gets those that its manifest lists, and no others. */
  readonly args: A
  /** What one module answers; null is always "no answer". A pipeline's is its `args`. */
  readonly answer: R
  /** What the whole call gives where a wrapper may give another form than the mode does; absent: the mode's own form. */
  readonly outcome: TSchema | undefined
  readonly mode: M
  /** Default: `sequential`; a race is always `parallel`. */
  readonly dispatch: Dispatch
  /** Absent: a call reaches who is there, and is over. */
  readonly historic: Historic | undefined
  /** The most that one call takes, all steps together. A caller's own budget and the deadline of the call around it make it shorter. */
  readonly deadlineMs: number
  /**
   * The most that one step takes. Absent: what is left of the call; where the steps come one after the other and an error does not
   * stop them, an equal share of what is left, so that a silent step leaves the others theirs.
   */
  readonly timeoutMs: number | undefined
  /** Default: `stop`. It cannot be promised in parallel, so there one of the others must be said. */
  readonly onError: OnError
  /** Modules without which the call fails, whatever `onError` says. The operator may name more. */
  readonly required: readonly string[]
  /** Fewer, and the call fails before anyone is asked. Default: 0. */
  readonly minImplementations: number
  /** Asking twice does no harm: a step that was unavailable or silent is asked once more while there is time. Default: no. */
  readonly idempotent: boolean
  /** A wrapper may answer without proceeding. Default: no, it is an error. */
  readonly shortCircuit: boolean
  /** A wrapper was lost after it had proceeded: its error (default), or the inner result. */
  readonly wrapperLost: 'error' | 'pass'
  /** Two majors of one module may both be asked. Default: no, the newer one answers for both. */
  readonly sideBySide: boolean
  /** Why the hook goes away, and what to use instead. Whoever registers on it is warned. */
  readonly deprecated: string | undefined
  /** The same for single arguments, by name. Whoever asks for one is warned. */
  readonly deprecatedArgs: Readonly<Record<string, string>>
}

type Given<A extends TObject, R extends TSchema, M extends AskMode> = Pick<
  HookSpec<A, R, M>,
  'name' | 'version' | 'args' | 'answer' | 'mode' | 'deadlineMs'
>

/** What must be said of a hook, and what may be. */
export type HookDeclaration<A extends TObject, R extends TSchema, M extends AskMode> = Given<A, R, M> &
  Partial<Omit<HookSpec<A, R, M>, keyof Given<A, R, M>>>

export type ArgsOf<H extends HookSpec> = Static<H['args']>
export type AnswerOf<H extends HookSpec> = Static<H['answer']>

/** What one module gives: in a pipeline a change of the arguments; null and undefined are no answer. */
export type GivenBy<H extends HookSpec> = H['mode'] extends 'pipeline'
  ? PipelineAnswer<Partial<ArgsOf<H>>>
  : AnswerOf<H>

/** What the caller gets. */
export type ResultOf<H extends HookSpec> = H['mode'] extends 'collect'
  ? AnswerOf<H>[]
  : H['mode'] extends 'pipeline'
    ? ArgsOf<H>
    : AnswerOf<H> | null

/** The schema of those arguments that a handler asked for; of all where it named none. */
export const argsSchemaOf = ({ args }: HookSpec, wanted: readonly string[] | undefined): TObject =>
  wanted === undefined ? args : Type.Pick(args, [...wanted] as never[])

/** Declares a hook. Throws a `RangeError` with everything that contradicts itself; nothing else happens at declaration. */
export const hook = <A extends TObject, R extends TSchema, const M extends AskMode>(
  said: HookDeclaration<A, R, M>,
): HookSpec<A, R, M> => {
  const spec = { ...defaultsFor(said.mode), ...said }
  const flaws = contradictions(spec)
  if (flaws.length > 0) throw new RangeError(`hook '${spec.name}': ${flaws.join('; ')}`)
  return Object.freeze(spec)
}

/** What stands in for a hook that nobody declared: any arguments, any answers, collected. For development only. */
export const undeclaredHook = (name: string): HookSpec =>
  Object.freeze({
    ...defaultsFor('collect'),
    ...{ name, version: 0, mode: 'collect' as const, deadlineMs: 5_000 },
    ...{ args: Type.Object({}), answer: Type.Unknown(), outcome: Type.Unknown() },
  })

const defaultsFor = (mode: AskMode) => ({
  words: undefined,
  outcome: undefined,
  dispatch: mode === 'race' ? ('parallel' as const) : ('sequential' as const),
  historic: undefined,
  timeoutMs: undefined,
  onError: 'stop' as const,
  required: [],
  minImplementations: 0,
  idempotent: false,
  shortCircuit: false,
  wrapperLost: 'error' as const,
  sideBySide: false,
  deprecated: undefined,
  deprecatedArgs: {},
})

/** A hook's name, as subjects and manifests can bear it. */
const NAME = /^[a-z0-9-]{1,32}(\.[a-z0-9-]{1,32}){1,4}$/

const contradictions = (spec: HookSpec): string[] =>
  [...plainFlaws(spec), ...modeFlaws(spec), ...historyFlaws(spec)].filter((flaw) => flaw !== false)

type Flaws = (string | false)[]

const plainFlaws = (spec: HookSpec): Flaws => [
  !NAME.test(spec.name) && 'its name needs two to five tokens of a-z, 0-9 and -, with dots between',
  !isCount(spec.version, 1) && 'its version is a whole number from 1',
  !isCount(spec.deadlineMs, 1) && 'its deadline is a whole number of milliseconds from 1',
  spec.timeoutMs !== undefined && !(spec.timeoutMs <= spec.deadlineMs) && 'one step cannot take longer than the call',
  !isCount(spec.minImplementations, 0) && 'minImplementations is a whole number from 0',
  ...unknownNames(Object.keys(spec.deprecatedArgs), spec).map((name) => `it has no argument '${name}' to deprecate`),
]

const modeFlaws = ({ mode, dispatch, onError, args, answer }: HookSpec): Flaws => [
  dispatch === 'parallel' && onError === 'stop' && 'in parallel nothing can be stopped: say skip or aggregate',
  mode === 'race' && dispatch === 'sequential' && 'a race is run in parallel',
  mode === 'pipeline' && dispatch === 'parallel' && 'a pipeline goes step by step',
  mode === 'pipeline' &&
    (answer as unknown) !== args &&
    'a pipeline answers with its own arguments: the same schema for both',
  mode === 'driver' && dispatch === 'parallel' && 'a driver is alone',
  mode === 'driver' && onError !== 'stop' && 'an error of the driver is always the caller’s',
]

const historyFlaws = ({ historic, mode, ...spec }: HookSpec): Flaws =>
  historic === undefined
    ? []
    : [
        mode !== 'collect' && `a historic hook collects, it cannot be ${mode}`,
        historic.maxAgeMs === undefined &&
          historic.maxCount === undefined &&
          historic.key === undefined &&
          'a historic hook says what is kept: maxAgeMs, maxCount or key',
        historic.key !== undefined &&
          !(historic.key in spec.args.properties) &&
          `it has no argument '${historic.key}' to keep calls by`,
      ]

const unknownNames = (names: readonly string[], { args }: Pick<HookSpec, 'args'>): string[] =>
  names.filter((name) => !(name in args.properties))

const isCount = (value: number, from: number): boolean => Number.isInteger(value) && value >= from

/** A pipeline step's answer: this stands instead of what the step was given … */
export interface Replacement<T = unknown> {
  readonly replace: T
}

/** … or these changes to the arguments (RFC 7396: null takes out, objects are merged, everything else is put in its place). */
export interface Patch {
  readonly patch: Readonly<Record<string, unknown>>
}

export type PipelineAnswer<T = unknown> = Replacement<T> | Patch
