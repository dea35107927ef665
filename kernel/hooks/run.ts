import { Failure, type HookSpec } from '@recyclique/contracts'
import type { Clock } from './clock.ts'
import { HookError } from './hook-error.ts'
import type { Note } from './notice.ts'
import type { Plan } from './plan.ts'
import type { Question, Step, Visit } from './step.ts'

/** One answer and where it came from. */
export interface Provenance<T = unknown> {
  readonly value: T
  readonly module: string
  readonly version: string
  readonly instance: string | undefined
  readonly ms: number
}

/** One step as it was asked, for whoever looks on. `failed`: its error, whatever became of it in the call. */
export interface AskedStep {
  readonly module: string
  readonly instance: string | undefined
  readonly isWrapper: boolean
  /** A wrapper's with all that stood inside it. */
  readonly ms: number
  readonly is: 'answered' | 'nothing' | 'failed'
  readonly error?: HookError
}

/** One call under way. */
export interface Run {
  readonly plan: Plan
  readonly spec: HookSpec
  readonly hook: string
  readonly callId: string
  readonly parentId: string | undefined
  readonly depth: number
  readonly around: Visit | undefined
  readonly trace: string | undefined
  readonly seq: number | undefined
  readonly begunAt: number
  readonly deadline: number
  readonly clock: Clock
  readonly note: Note
  readonly slowMs: number
  /** In the order in which they came. */
  readonly answers: Provenance[]
  /** Those that were skipped or are being gathered. */
  readonly errors: HookError[]
  /** Each asking as it ended; kept only while somebody looks on. */
  asked: AskedStep[] | undefined
}

/** What a whole process has in common over its calls. */
export interface RunParts {
  readonly clock: Clock
  /** A fresh name for a call, a token of subjects: a-z, 0-9 and -, 32 at most. */
  readonly newId: () => string
  readonly note: Note
  /** From here on a step is noted as slow. */
  readonly slowMs: number
  readonly maxDepth: number
}

/** The question from inside which this call is made, the caller's own patience, and the trace that it belongs to. */
export interface Surroundings {
  readonly within?: Question
  readonly budgetMs?: number
  readonly trace?: string
  readonly seq?: number
}

/** Begins a call. Throws where it stands too deep, or its time is over before it begins. */
export const beginRun = (plan: Plan, parts: RunParts, { within, budgetMs, trace, seq }: Surroundings = {}): Run => {
  const { spec } = plan.terms
  const begunAt = parts.clock.now()
  const own = begunAt + Math.min(spec.deadlineMs, budgetMs ?? spec.deadlineMs)
  const run: Run = {
    plan,
    spec,
    hook: spec.name,
    callId: parts.newId(),
    parentId: within?.callId,
    depth: within ? within.depth + 1 : 0,
    around: within?.visit,
    trace: trace ?? within?.trace,
    seq,
    begunAt,
    deadline: within ? Math.min(own, within.deadline) : own,
    clock: parts.clock,
    note: parts.note,
    slowMs: parts.slowMs,
    answers: [],
    errors: [],
    asked: undefined,
  }
  if (run.depth > parts.maxDepth) throw failed(run, 'denied', 'too-deep', `${run.depth} calls inside each other`)
  if (run.deadline <= begunAt) throw failed(run, 'timeout', 'no-time-left', 'its time was over before it began')
  return run
}

/** An error of the call itself, or of a step of it; noted. */
export const failed = (run: Run, kind: Failure['kind'], code: string, words: string, step?: Step): HookError =>
  noted(run, new HookError(new Failure(kind, code, `${run.hook}: ${words}`), run, step))

export const noted = (run: Run, error: HookError): HookError => {
  run.note({ is: 'failed', hook: run.hook, callId: run.callId, error })
  return error
}
