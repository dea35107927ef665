import { Misfit, parse } from '@recyclique/contracts'
import { failed, type Run } from './run.ts'
import type { Step } from './step.ts'

/**
 * What a wrapper made of the result must still be what the caller was promised: the hook's `outcome` where it has one, else the
 * mode's own form.
 */
export const checkedOutcome = (run: Run, wrapper: Step, value: unknown): unknown => {
  try {
    checkForm(run, value)
    return value
  } catch (error) {
    if (!(error instanceof Misfit)) throw error
    throw failed(run, 'invalid', 'outcome-invalid', error.message, wrapper)
  }
}

const checkForm = ({ spec, hook }: Run, value: unknown) => {
  const what = `the result of ${hook}`
  if (spec.outcome) return parse(spec.outcome, value, what)
  if (spec.mode === 'pipeline') return parse(spec.args, value, what)
  if (spec.mode !== 'collect') return value === null ? null : parse(spec.answer, value, what)
  if (!Array.isArray(value)) throw new Misfit(what, [{ field: '', why: 'must be a list' }])
  for (const one of value) if (!isStreamed(one)) parse(spec.answer, one, what)
}

const isStreamed = (value: unknown) => typeof value === 'object' && value !== null && Symbol.asyncIterator in value
