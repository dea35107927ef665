import { once } from 'node:events'
import { HookError } from '../../kernel/hooks/hook-error.ts'
import type { Hooks } from '../../kernel/hooks/hooks.ts'
import { endAll, nextWord } from './children.ts'
import type { Place } from './hook-server.ts'
import { answerersOf, startModule } from './our-hooks.ts'
import { Held, Hung, SMALL_SALE } from './small-sale.ts'
import { until } from './until.ts'

/** One `kill -9` of a module with questions in hand, milliseconds from the signal. */
export interface Death {
  /** Nobody plans with it any more. */
  readonly known: number
  /** The last one of those who waited for its answer had an error. */
  readonly callersFailed: number
  /** Whoever asked in the moment after the signal had an error. */
  readonly nextFailed: number
  /** A process that was started at the sight of its end was asked again. */
  readonly servingAgain: number
}

/** A module dies with so many questions in hand. Throws where a caller hears anything but that it is not available. */
export const dieOnce = async (hooks: Hooks, place: Place, questions: number): Promise<Death> => {
  const child = startModule(place, 0)
  await until(() => answerersOf(hooks, Held.name) === 1)
  const failing = Array.from({ length: questions }, () => failureOf(hooks))
  await nextWord<{ held: number }>(child, ({ held }) => held === questions)
  const ended = once(child, 'exit')
  const killedAt = performance.now()
  child.kill('SIGKILL')
  const next = failureOf(hooks)
  const [known, ...failed] = await Promise.all([seen(() => answerersOf(hooks, Held.name) === 0), next, ...failing])
  const [nextFailed = 0, ...callers] = failed
  await ended
  const successor = startModule(place, 0)
  await seen(() => answerersOf(hooks, Held.name) === 1)
  const servingAgain = performance.now()
  await endAll([successor])
  await until(() => answerersOf(hooks, Held.name) === 0)
  return {
    known: known - killedAt,
    callersFailed: Math.max(...callers) - killedAt,
    nextFailed: nextFailed - killedAt,
    servingAgain: servingAgain - killedAt,
  }
}

/** When the asker had it. */
const failureOf = async (hooks: Hooks): Promise<number> => {
  const error = await hooks.ask(Held, SMALL_SALE).catch((thrown: unknown) => thrown)
  if (!(error instanceof HookError) || error.kind !== 'unavailable')
    throw new Error('not the failure of a death', { cause: error })
  return performance.now()
}

/** When it was so, looked at in each turn of the event loop. */
const seen = async (isSo: () => boolean): Promise<number> => {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve))
  return performance.now()
}

/** A module that is there and does not answer: how long its caller waits, milliseconds. The hook's deadline is 150. */
export const hangOften = async (hooks: Hooks, place: Place, times: number): Promise<number[]> => {
  const child = startModule(place, 0)
  await until(() => answerersOf(hooks, Hung.name) === 1)
  const waits: number[] = []
  for (let nth = 0; nth < times; nth += 1) {
    const asked = performance.now()
    const error = await hooks.ask(Hung, { ...SMALL_SALE, totalCents: 0 }).catch((thrown: unknown) => thrown)
    waits.push(performance.now() - asked)
    if (!(error instanceof HookError) || error.kind !== 'timeout') throw new Error('not a silence', { cause: error })
    // An answer in between, so that the breaker stays closed.
    await hooks.ask(Hung, SMALL_SALE)
  }
  await endAll([child])
  return waits
}
