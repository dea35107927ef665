import type { HookError } from './hook-error.ts'
import type { Note } from './notice.ts'
import type { AskedStep, Run } from './run.ts'
import type { Args, Step } from './step.ts'

/** A call as an observer sees it. */
export interface SeenCall {
  readonly hook: string
  readonly callId: string
  readonly parentId: string | undefined
  readonly depth: number
  /** In the order of the plan, wrappers first. */
  readonly steps: readonly Step[]
  /** A copy, made when it is looked at. */
  readonly args: Args
  readonly begunAt: number
  /** Each asking as it has ended by now, retries as well; none before the call. */
  readonly asked: readonly AskedStep[]
}

export type SeenOutcome = { readonly value: unknown } | { readonly error: HookError }

/** An observer. It cannot alter a call, hold it up or make it fail: it is shown copies, and what it throws is a warning. */
export interface Tap {
  before?(call: SeenCall): void
  after?(call: SeenCall, outcome: SeenOutcome): void
}

export const openTaps = (note: Note) => {
  const taps = new Set<Tap>()
  const show = (hook: string, look: (tap: Tap) => void) => {
    for (const tap of [...taps]) {
      try {
        look(tap)
      } catch (error) {
        note({ is: 'warned', hook, code: 'tap-failed', words: `an observer failed: ${String(error)}` })
      }
    }
  }
  return {
    /** From the next call on. Gives the way to undo it. */
    add(tap: Tap): () => void {
      const own = { ...tap }
      taps.add(own)
      return () => void taps.delete(own)
    },
    /** Runs the call under the eyes of whoever looks; nobody costs nothing. */
    watch: (run: Run, args: Args, work: () => Promise<unknown>): Promise<unknown> =>
      taps.size === 0 ? work() : seenBy(show, run, args, work),
  }
}

export type Taps = ReturnType<typeof openTaps>

type Show = (hook: string, look: (tap: Tap) => void) => void

const seenBy = async (show: Show, run: Run, args: Args, work: () => Promise<unknown>): Promise<unknown> => {
  run.asked = []
  show(run.hook, (tap) => tap.before?.(seenCall(run, args)))
  try {
    const value = await work()
    show(run.hook, (tap) => tap.after?.(seenCall(run, args), outcomeOf(value)))
    return value
  } catch (error) {
    show(run.hook, (tap) => tap.after?.(seenCall(run, args), { error: error as HookError }))
    throw error
  }
}

const seenCall = ({ hook, callId, parentId, depth, plan, begunAt, asked = [] }: Run, args: Args): SeenCall => ({
  ...{ hook, callId, parentId, depth, begunAt, asked },
  steps: [...plan.wrappers, ...plan.steps],
  get args() {
    return copied(args)
  },
})

/** Copied for who looks: most observers do not. */
const outcomeOf = (value: unknown): SeenOutcome => ({
  get value() {
    return copied(value)
  },
})

/** A stream cannot be copied: it is shown as it is, and who reads it takes it from the caller. */
const copied = <T>(value: T): T => {
  try {
    return structuredClone(value)
  } catch {
    return value
  }
}
