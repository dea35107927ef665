import type { Run } from './run.ts'
import type { Args, Step } from './step.ts'
import { asked, bear, throwGathered } from './turns.ts'

/** The fastest answer. When nobody has one the errors count as the policy says. */
export const race = async (run: Run, args: Args): Promise<unknown> => {
  const { steps } = run.plan
  const winner = Promise.withResolvers<unknown>()
  const tasks = steps.map((step) => asked(run, step, args))
  for (const task of tasks) task.then((value) => value !== undefined && winner.resolve(value), ignored)
  return Promise.race([winner.promise, allOver(run, tasks)])
}

const allOver = async (run: Run, tasks: readonly Promise<unknown>[]) => {
  const settled = await Promise.allSettled(tasks)
  const winner = settled.some((one) => one.status === 'fulfilled' && one.value !== undefined)
  if (winner) return NEVER
  settled.forEach((one, nth) => {
    if (one.status === 'rejected') bear(run, run.plan.steps[nth] as Step, one.reason)
  })
  throwGathered(run)
  return null
}

const NEVER = new Promise<never>(() => {})

const ignored = () => {}
