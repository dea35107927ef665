import { PLAYS } from './modes.ts'
import { failed, type Run } from './run.ts'
import type { Args, Proceed } from './step.ts'
import { wrapAround } from './wrap.ts'

/**
 * One call, from the outermost wrapper to the last step and back. It knows no bus, no registry and no clock of its own: a frozen
 * plan, plain arguments and functions in, a value or one `HookError` out. Throws at once where it is not begun.
 */
export const ask = (run: Run, args: Args): Promise<unknown> => {
  refuseTooFew(run)
  const { mode, dispatch } = run.spec
  // One alone is beside nobody.
  const play = PLAYS[mode][run.plan.steps.length === 1 && mode !== 'race' ? 'sequential' : dispatch]
  const steps: Proceed = () => play(run, args)
  if (run.plan.wrappers.length === 0) return steps()
  const whole = run.plan.wrappers.reduceRight<Proceed>(
    (inner, wrapper, nth) => () => wrapAround(run, wrapper, { args, until: patienceWith(run, nth) }, inner),
    steps,
  )
  return whole()
}

/** A call that must not be answered by those who happen to be there is not begun. */
export const refuseTooFew = (run: Run) => {
  const { steps, missing, terms } = run.plan
  const least = Math.max(terms.spec.minImplementations, terms.spec.mode === 'driver' ? 1 : 0)
  if (missing.length > 0)
    throw failed(run, 'unavailable', 'required-missing', `required and not there: ${missing.join(', ')}`)
  if (steps.length < least && steps.length === 0)
    throw failed(run, 'unavailable', 'no-implementations', `No ${run.hook} extensions found`)
  if (steps.length < least)
    throw failed(run, 'unavailable', 'too-few', `${least} implementations are needed, ${steps.length} are there`)
}

/**
 * After-parts run when the deadline has passed for what is inside. They share a tenth of the call's time, the innermost first, so
 * that a wrapper that hangs leaves the ones around it theirs.
 */
const patienceWith = ({ plan, deadline, begunAt }: Run, nth: number): number => {
  const count = plan.wrappers.length
  return deadline + ((deadline - begunAt) / 10) * ((count - nth) / count)
}
