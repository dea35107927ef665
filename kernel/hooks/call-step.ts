import { AfterPartRaised } from '@recyclique/contracts'
import { argsFor } from './arguments.ts'
import { checkedAnswer } from './check-answer.ts'
import { type HookError, stepError } from './hook-error.ts'
import { inTime } from './in-time.ts'
import { type AskedStep, failed, noted, type Run } from './run.ts'
import type { Args, Proceed, Question, Step } from './step.ts'

/** What one asking needs: now, until when one waits, and for a wrapper the way on. */
export interface Asking {
  readonly args: Args
  readonly now: number
  readonly until: number
  readonly proceed?: Proceed
}

/**
 * Asks one step: its arguments, its time, its answer checked, its error named. Gives undefined for no answer. Synchronous where the
 * step is, so that an answer from the same process costs no timer.
 */
export const callStep = (run: Run, step: Step, asking: Asking): unknown => {
  const again = run.spec.idempotent && !asking.proceed
  const got = callOnce(run, step, asking)
  return again && isPromise(got) ? got.catch((error: HookError) => retried(run, step, asking, error)) : got
}

const retried = (run: Run, step: Step, asking: Asking, error: HookError): unknown => {
  const isUnheard = error.kind === 'unavailable' || error.kind === 'timeout'
  const now = run.clock.now()
  if (!isUnheard || now >= asking.until) throw error
  return callOnce(run, step, { ...asking, now })
}

const callOnce = (run: Run, step: Step, asking: Asking): unknown => {
  let asked = step
  const reached = (instance: string) => {
    if (instance !== asked.instance) asked = { ...step, instance }
  }
  const question = questionFor(run, step, asking, reached)
  const blame = (thrown: unknown): never => {
    const error = blamed(run, asked, thrown)
    if (run.asked) show(run, asked, asking, { is: 'failed', error })
    throw error
  }
  const answered = (got: unknown) => {
    const value = answerOf(run, asked, asking, got)
    if (run.asked) show(run, asked, asking, { is: value === undefined ? 'nothing' : 'answered' })
    return value
  }
  try {
    const got = step.call(question, asking.proceed ?? notAWrapper)
    if (!isPromise(got)) return answered(got)
    const timed = step.keepsTime ? got : inTime(run, step, got, asking.until)
    return timed.then((value) => {
      try {
        return answered(value)
      } catch (thrown) {
        return blame(thrown)
      }
    }, blame)
  } catch (thrown) {
    return blame(thrown)
  }
}

const show = (run: Run, step: Step, { now, proceed }: Asking, how: Pick<AskedStep, 'is' | 'error'>) => {
  const { module, instance } = step
  run.asked?.push({ module, instance, isWrapper: proceed !== undefined, ms: run.clock.now() - now, ...how })
}

const questionFor = (run: Run, step: Step, { args, now, until }: Asking, reached: Question['reached']): Question => {
  if (until <= now) throw failed(run, 'timeout', 'no-time-left', `no time was left for ${step.module}`, step)
  refuseReentrance(run, step)
  return {
    hook: run.hook,
    version: run.spec.version,
    args: argsFor(run, step, args),
    callId: run.callId,
    parentId: run.parentId,
    depth: run.depth,
    deadline: until,
    trace: run.trace,
    seq: run.seq,
    visit: { hook: run.hook, module: step.module, around: run.around },
    reached,
  }
}

/** A module that serves one question at a time would wait for itself until the deadline: it is told at once instead. */
const refuseReentrance = (run: Run, step: Step) => {
  if (step.concurrency === undefined) return
  let inside = 0
  for (let at = run.around; at; at = at.around) if (at.module === step.module) inside += 1
  if (inside >= step.concurrency)
    throw failed(run, 'denied', 'called-from-inside', `${step.module} is in this chain of calls already`, step)
}

const answerOf = (run: Run, step: Step, asking: Asking, got: unknown): unknown => {
  const ms = run.clock.now() - asking.now
  const { module, version, instance } = step
  if (ms >= run.slowMs) run.note({ is: 'slow', hook: run.hook, callId: run.callId, module, ms })
  if (asking.proceed) return got
  const value = checkedAnswer(run, step, got, asking.until)
  if (value !== undefined) run.answers.push({ value, module, version, instance, ms })
  return value
}

/** Names the culprit and notes it, once; an error that is passed on by a wrapper is known already. */
const blamed = (run: Run, step: Step, thrown: unknown): HookError => {
  const isRaised = thrown instanceof AfterPartRaised
  const error = stepError(isRaised ? thrown.cause : thrown, run, step)
  if (isRaised) warnOfAfterPart(run, step, error)
  return error === thrown ? error : noted(run, error)
}

const warnOfAfterPart = ({ note, hook }: Run, { module }: Step, { message }: HookError) =>
  note({
    ...{ is: 'warned', hook, module, code: 'after-part-raised' },
    words: `${module} threw in its after-part on ${hook} (${message}): force the error instead`,
  })

const notAWrapper: Proceed = () => Promise.reject(new Error('only a wrapper proceeds'))

export const isPromise = (value: unknown): value is Promise<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
