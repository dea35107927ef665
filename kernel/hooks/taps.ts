import type { HookError } from './hook-error.ts'
import type { Note } from './notice.ts'
import type { Run } from './run.ts'
import type { Args, Step } from './step.ts'

/** A call as an observer sees it. */
export interface SeenCall {
  readonly hook: string
  readonly callId: string
  readonly parentId: string | undefined
  readonly depth: number
  /** In the order of the plan, wrappers first. */
  readonly steps: readonly Step[]
  readonly args: Args
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
  show(run.hook, (tap) => tap.before?.(seenCall(run, args)))
  try {
    const value = await work()
    show(run.hook, (tap) => tap.after?.(seenCall(run, args), { value: copied(value) }))
    return value
  } catch (error) {
    show(run.hook, (tap) => tap.after?.(seenCall(run, args), { error: error as HookError }))
    throw error
  }
}

const seenCall = ({ hook, callId, parentId, depth, plan }: Run, args: Args): SeenCall => ({
  ...{ hook, callId, parentId, depth },
  steps: [...plan.wrappers, ...plan.steps],
  args: copied(args),
})

/** A stream cannot be copied: it is shown as it is, and who reads it takes it from the caller. */
const copied = <T>(value: T): T => {
  try {
    return structuredClone(value)
  } catch {
    return value
  }
}
