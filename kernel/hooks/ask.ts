import { PLAYS } from './modes.ts'
import { failed, type Run } from './run.ts'
import type { Args, Proceed } from './step.ts'
import { wrapAround } from './wrap.ts'

/**
 * One call, from the outermost wrapper to the last step and back. It knows no bus, no registry and no clock of its own: a frozen
 * plan, plain arguments and functions in, a value or one `HookError` out.
 */
export const ask = async (run: Run, args: Args): Promise<unknown> => {
  refuseTooFew(run)
  const steps: Proceed = () => PLAYS[run.spec.mode][run.spec.dispatch](run, args)
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
