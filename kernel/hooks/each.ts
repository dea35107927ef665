import { ask, refuseTooFew } from './ask.ts'
import type { Run } from './run.ts'
import type { Args } from './step.ts'
import { asked, askOne, bear, throwGathered } from './turns.ts'

/**
 * The answers of a collecting call one by one, in the plan's order. In sequence the next module is asked when its answer is asked
 * for: who stops looking has asked nobody more. A wrapper must see the whole result, so with one in the plan all are asked first.
 */
export async function* askEach(run: Run, args: Args): AsyncGenerator<unknown, void> {
  if (run.plan.wrappers.length > 0) return yield* (await ask(run, args)) as unknown[]
  refuseTooFew(run)
  const { steps } = run.plan
  const begun = run.spec.dispatch === 'parallel' ? steps.map((step) => asked(run, step, args)) : undefined
  for (const task of begun ?? []) task.catch(() => {})
  for (const [nth, step] of steps.entries()) {
    const value = await borne(run, nth, begun ? begun[nth] : () => askOne(run, step, args, steps.length - nth))
    if (value !== undefined) yield value
  }
  throwGathered(run)
}

const borne = async (run: Run, nth: number, task: Promise<unknown> | (() => unknown) | undefined) => {
  try {
    return await (typeof task === 'function' ? task() : task)
  } catch (error) {
    return bear(run, run.plan.steps[nth]!, error)
  }
}
