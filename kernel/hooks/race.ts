import type { Run } from './run.ts'
import type { Args, Step } from './step.ts'
import { asked, bear, throwGathered } from './turns.ts'

/** The fastest answer. When nobody has one the errors count, as the policy says. */
export const race = async (run: Run, args: Args): Promise<unknown> => {
  const tasks = run.plan.steps.map((step) => asked(run, step, args))
  try {
    return await Promise.any(tasks.map(answering))
  } catch {
    return nobodyWon(run, tasks)
  }
}

const answering = async (task: Promise<unknown>) => {
  const value = await task
  if (value === undefined) throw new Error('no answer')
  return value
}

const nobodyWon = async (run: Run, tasks: readonly Promise<unknown>[]) => {
  for (const [nth, task] of tasks.entries()) await task.catch((error) => bear(run, run.plan.steps[nth] as Step, error))
  throwGathered(run)
  return null
}
