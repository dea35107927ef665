import { type AskMode, fold, type PipelineAnswer, parse } from '@recyclique/contracts'
import { misfit } from './check-answer.ts'
import { race } from './race.ts'
import { failed, type Run } from './run.ts'
import type { Args, Step } from './step.ts'
import { atOnce, inTurn } from './turns.ts'

/** How the steps behind the wrappers are asked, and what becomes of their answers. */
export type Play = (run: Run, args: Args) => Promise<unknown>

const collectInTurn: Play = async (run, args) => {
  const values: unknown[] = []
  await inTurn(
    run,
    () => args,
    (value) => keepIn(values, value),
  )
  return values
}

const collectAtOnce: Play = async (run, args) => {
  const values: unknown[] = []
  await atOnce(run, args, (value) => keepIn(values, value))
  return values
}

/** Gives nothing: the next one is asked as well. */
const keepIn = (values: unknown[], value: unknown): undefined => {
  values.push(value)
}

const firstInTurn: Play = async (run, args) => {
  const answer = await inTurn(
    run,
    () => args,
    (value) => ({ value }),
  )
  return answer?.value ?? null
}

/** By place and not by speed: the answer of the second waits for the first to have none. */
const firstAtOnce: Play = async (run, args) => {
  const answer = await atOnce(run, args, (value) => ({ value }))
  return answer?.value ?? null
}

/**
 * Each step gets what the one before made of the arguments, as a copy: what it does to it without saying so reaches nobody, in this
 * process as little as from another.
 */
const pipeline: Play = async (run, args) => {
  let current = args
  const advance = (answer: unknown, step: Step): undefined => {
    current = folded(run, step, current, answer as PipelineAnswer)
  }
  await inTurn(run, () => structuredClone(current), advance)
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

type Plays = { readonly sequential: Play; readonly parallel: Play }

export const PLAYS: Readonly<Record<AskMode, Plays>> = {
  collect: { sequential: collectInTurn, parallel: collectAtOnce },
  first: { sequential: firstInTurn, parallel: firstAtOnce },
  pipeline: { sequential: pipeline, parallel: pipeline },
  driver: { sequential: driver, parallel: driver },
  race: { sequential: race, parallel: race },
}
