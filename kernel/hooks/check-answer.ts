import { Misfit, parse } from '@recyclique/contracts'
import type { HookError } from './hook-error.ts'
import { inTime } from './in-time.ts'
import { failed, type Run } from './run.ts'
import type { Step } from './step.ts'

/** The answer as it can be trusted; undefined for none. 0, '', false and [] are answers. */
export const checkedAnswer = (run: Run, step: Step, value: unknown, until: number): unknown => {
  if (value === null || value === undefined) return undefined
  if (run.spec.mode === 'pipeline') return checkedChange(run, step, value)
  if (isStream(value)) return checkedStream(run, step, value, until)
  return fitting(run, step, value)
}

const fitting = (run: Run, step: Step, value: unknown): unknown => {
  try {
    return parse(run.spec.answer, value, `the answer of ${step.module}`)
  } catch (error) {
    throw misfit(run, step, error)
  }
}

export const misfit = (run: Run, step: Step, error: unknown): HookError => {
  if (!(error instanceof Misfit)) throw error
  return failed(run, 'invalid', 'answer-invalid', error.message, step)
}

/** What it makes of the arguments is checked when it is folded in. */
const checkedChange = (run: Run, step: Step, value: unknown): unknown => {
  const isChange = typeof value === 'object' && value !== null && ('replace' in value || 'patch' in value)
  if (isChange) return value
  throw failed(run, 'invalid', 'answer-invalid', `${step.module} answers neither {replace} nor {patch}`, step)
}

const isStream = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value

/** An answer in parts: each is checked when it comes, and the deadline holds for all of them together. */
async function* checkedStream(run: Run, step: Step, parts: AsyncIterable<unknown>, until: number) {
  const iterator = parts[Symbol.asyncIterator]()
  for (;;) {
    const part = await inTime(run, step, iterator.next(), until)
    if (part.done) return
    yield fitting(run, step, part.value)
  }
}
