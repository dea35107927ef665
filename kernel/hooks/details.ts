import type { HookError } from './hook-error.ts'
import { explain } from './plan.ts'
import type { Provenance, Run } from './run.ts'

/** A result with everything that stands beside it. */
export interface Detailed {
  readonly result: unknown
  /** What stands in the result as it was before any wrapper, in the plan's order. */
  readonly answers: readonly Provenance[]
  /** What was skipped. */
  readonly errors: readonly HookError[]
  /** Names in `only` that nobody has. */
  readonly unknown: readonly string[]
  /** The plan, each step with the reason for its place. */
  readonly plan: readonly string[]
  readonly ms: number
}

export const detailsOf = (run: Run, result: unknown, unknown: readonly string[]): Detailed => ({
  ...{ result, unknown, plan: explain(run.plan), ms: run.clock.now() - run.begunAt },
  answers: given(run),
  errors: [...run.errors],
})

/** Of several that answered at once the caller got one: by place in `first`, by speed in a race. */
const given = (run: Run): Provenance[] => {
  const { mode } = run.spec
  if (mode === 'race') return run.answers.slice(0, 1)
  const placed = [...run.answers].sort((a, b) => placeOf(run, a) - placeOf(run, b))
  return mode === 'first' ? placed.slice(0, 1) : placed
}

const placeOf = ({ plan }: Run, { module }: Provenance) => plan.steps.findIndex((step) => step.module === module)
