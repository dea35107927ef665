import type { AskMode } from '@recyclique/contracts'
import { type PipelineAnswer, parse } from '@recyclique/contracts'
import { callStep, isPromise } from './call-step.ts'
import { misfit } from './check-answer.ts'
import { fold } from './fold.ts'
import { type HookError, severalErrors } from './hook-error.ts'
import { failed, type Run } from './run.ts'
import type { Args, Step } from './step.ts'

/** How the steps behind the wrappers are asked, and what becomes of their answers. */
export type Play = (run: Run, args: Args) => Promise<unknown>

const collectInTurn: Play = async (run, args) => {
  const values: unknown[] = []
  await inTurn(run, args, (value) => void values.push(value))
  return values
}

const collectAtOnce: Play = async (run, args) => {
  const values: unknown[] = []
  await atOnce(run, args, (value) => void values.push(value))
  return values
}

const firstInTurn: Play = async (run, args) => {
  const answer = await inTurn(run, args, (value) => ({ value }))
  return answer?.value ?? null
}

/** By place and not by speed: the answer of the second waits for the first to have none. */
const firstAtOnce: Play = async (run, args) => {
  const answer = await atOnce(run, args, (value) => ({ value }))
  return answer?.value ?? null
}

/** Each step gets what the one before made of the arguments. The caller's own object stays as it is. */
const pipeline: Play = async (run, args) => {
  let current = structuredClone(args)
  const advance = (answer: unknown, step: Step) => {
    current = folded(run, step, current, answer as PipelineAnswer)
  }
  await inTurn(run, () => current, advance)
  return current
}

const folded = (run: Run, step: Step, current: Args, answer: PipelineAnswer): Args => {
  try {
    return parse(run.spec.args, fold(current, answer, step.args), `what ${step.module} made of it`) as Args
  } catch (error) {
    throw misfit(run, step, error)
  }
}

/** Exactly one module, and its answer. Every error is the caller's. */
const driver: Play = async (run, args) => {
  const { steps } = run.plan
  const names = steps.map(({ module, handler }) => `${module}/${handler}`).join(', ')
  if (steps.length > 1) throw failed(run, 'invalid', 'several-implementations', `several could answer: ${names}`)
  return firstInTurn(run, args)
}

/** The fastest answer. When nobody has one the errors count as the policy says. */
const race: Play = async (run, args) => {
  const { steps } = run.plan
  const winner = Promise.withResolvers<unknown>()
  const tasks = steps.map((step) => asked(run, step, args, 1))
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

/** One after the other; over when `take` gives something. */
const inTurn = async <T>(run: Run, args: Args | (() => Args), take: Take<T>): Promise<T | undefined> => {
  const { steps } = run.plan
  for (const [nth, step] of steps.entries()) {
    try {
      const got = ask(run, step, typeof args === 'function' ? (args as () => Args)() : args, steps.length - nth)
      const value = isPromise(got) ? await got : got
      const taken = value === undefined ? undefined : take(value, step)
      if (taken !== undefined) return taken as T
    } catch (error) {
      bear(run, step, error)
    }
  }
  return throwGathered(run)
}

type Take<T> = (value: unknown, step: Step) => T | undefined | void

/** All begin now; the answers are taken in the plan's order. */
const atOnce = async <T>(run: Run, args: Args, take: Take<T>): Promise<T | undefined> => {
  const tasks = run.plan.steps.map((step) => asked(run, step, args, 1))
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

const asked = async (run: Run, step: Step, args: Args, left: number) => ask(run, step, args, left)

const ask = (run: Run, step: Step, args: Args, left: number): unknown =>
  callStep(run, step, { args, until: patience(run, step, left) })

/**
 * Until when one step is waited for. Where an error does not stop the others, each of the steps that are still to come has an equal
 * share of what is left, so that a silent one cannot use up their time.
 */
const patience = (run: Run, step: Step, left: number): number => {
  const now = run.clock.now()
  const rest = run.deadline - now
  const share = run.spec.timeoutMs ?? (run.spec.onError === 'stop' ? rest : rest / left)
  return now + Math.min(rest, share, step.timeoutMs ?? rest)
}

/** Throws what is the caller's, and keeps what is not. */
const bear = (run: Run, step: Step, error: unknown) => {
  run.errors.push(error as HookError)
  if (step.need === 'required') throw error
  const isAway = (error as HookError).kind === 'unavailable'
  if (run.spec.onError === 'stop' && !(isAway && step.need === 'optional')) throw error
}

const throwGathered = (run: Run): undefined => {
  if (run.spec.onError === 'aggregate' && run.errors.length > 0) throw severalErrors(run.errors, run)
}

const ignored = () => {}

type Plays = { readonly sequential: Play; readonly parallel: Play }

export const PLAYS: Readonly<Record<AskMode, Plays>> = {
  collect: { sequential: collectInTurn, parallel: collectAtOnce },
  first: { sequential: firstInTurn, parallel: firstAtOnce },
  pipeline: { sequential: pipeline, parallel: pipeline },
  driver: { sequential: driver, parallel: driver },
  race: { sequential: race, parallel: race },
}
