import { callStep, isPromise } from './call-step.ts'
import { type HookError, severalErrors } from './hook-error.ts'
import type { Run } from './run.ts'
import type { Args, Step } from './step.ts'

/** One after the other; over when `take` gives something. An answer from the same process is not waited for. */
export const inTurn = async <T>(run: Run, argsNow: () => Args, take: Take<T>): Promise<T | undefined> => {
  const { steps } = run.plan
  for (let nth = 0; nth < steps.length; nth += 1) {
    const step = steps[nth] as Step
    try {
      const got = askOne(run, step, argsNow(), steps.length - nth)
      const value = isPromise(got) ? await got : got
      const taken = value === undefined ? undefined : take(value, step)
      if (taken !== undefined) return taken as T
    } catch (error) {
      bear(run, step, error)
    }
  }
  return throwGathered(run)
}

type Take<T> = (value: unknown, step: Step) => T | undefined

/** All begin now; the answers are taken in the plan's order. */
export const atOnce = async <T>(run: Run, args: Args, take: Take<T>): Promise<T | undefined> => {
  const tasks = run.plan.steps.map((step) => asked(run, step, args))
  for (const task of tasks) task.catch(ignored)
  for (const [nth, step] of run.plan.steps.entries()) {
    try {
      const value = await tasks[nth]
      const taken = value === undefined ? undefined : take(value, step)
      if (taken !== undefined) return taken as T
    } catch (error) {
      bear(run, step, error)
    }
  }
  return throwGathered(run)
}

/** For a step that is asked beside others: it has all the time that the call has. */
export const asked = async (run: Run, step: Step, args: Args): Promise<unknown> => askOne(run, step, args, 1)

/** `left`: how many steps are still to come, this one with them. */
export const askOne = (run: Run, step: Step, args: Args, left: number): unknown => {
  const now = run.clock.now()
  return callStep(run, step, { args, now, until: now + patience(run, step, run.deadline - now, left) })
}

/**
 * How long one step is waited for. Where an error does not stop the others, each of the steps that are still to come has an equal
 * share of what is left, so that a silent one cannot use up their time.
 */
const patience = ({ spec }: Run, step: Step, rest: number, left: number): number => {
  const share = spec.timeoutMs ?? (spec.onError === 'stop' ? rest : rest / left)
  return Math.min(rest, share, step.timeoutMs ?? rest)
}

/** Throws what is the caller's, and keeps what is not. */
export const bear = (run: Run, step: Step, error: unknown) => {
  run.errors.push(error as HookError)
  if (step.need === 'required') throw error
  const isAway = (error as HookError).kind === 'unavailable'
  if (run.spec.onError === 'stop' && !(isAway && step.need === 'optional')) throw error
}

export const throwGathered = (run: Run): undefined => {
  if (run.spec.onError === 'aggregate' && run.errors.length > 0) throw severalErrors(run.errors, run)
}

const ignored = () => {}
