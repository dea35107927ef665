import { Failure } from '@recyclique/contracts'
import { type Asking, callStep } from './call-step.ts'
import { checkedOutcome } from './check-outcome.ts'
import type { HookError } from './hook-error.ts'
import { failed, type Run } from './run.ts'
import type { Proceed, Step } from './step.ts'

type Outcome = { readonly value: unknown } | { readonly error: unknown }

/**
 * Runs one wrapper around the rest of the plan. It proceeds exactly once; what it gives, even null, is the new result, and what it
 * throws is the new error. An error that it lets pass is the same error.
 */
export const wrapAround = async (
  run: Run,
  wrapper: Step,
  asking: Pick<Asking, 'args' | 'until'>,
  inner: Proceed,
): Promise<unknown> => {
  const now = run.clock.now()
  const gate = openGate(run, wrapper, inner)
  const own = await outcomeOf(async () => callStep(run, wrapper, { ...asking, now, proceed: gate.proceed }))
  const rest = await gate.close()
  if (gate.times() > 1) throw failed(run, 'invalid', 'second-proceed', `second proceed in ${wrapper.module}`, wrapper)
  if ('error' in own) return afterError(run, wrapper, { error: own.error as HookError, rest, inner })
  if (!rest && !run.spec.shortCircuit)
    throw failed(run, 'invalid', 'did-not-proceed', `${wrapper.module} did not proceed`, wrapper)
  return checkedOutcome(run, wrapper, own.value ?? null)
}

/** The way on, open once and only while the wrapper is at work. `close` waits for what runs inside. */
const openGate = (run: Run, wrapper: Step, inner: Proceed) => {
  let isOpen = true
  let times = 0
  let rest: Promise<Outcome> | undefined
  const proceed = (): Promise<unknown> => {
    if (!isOpen) return refusal('proceed-too-late', `${wrapper.module} has answered, or nobody waits for it any more`)
    times += 1
    if (rest) return refusal('second-proceed', `second proceed in ${wrapper.module}`)
    rest = outcomeOf(inner)
    return unwatched(rest.then(opened))
  }
  const refusal = (code: string, words: string) =>
    unwatched(Promise.reject(new Failure('denied', code, `${run.hook}: ${words}`)))
  const close = () => {
    isOpen = false
    return rest
  }
  return { proceed, close, times: () => times }
}

/** Lost before it proceeded: the hook may do without it. Lost afterwards: the inner result is still there. */
const afterError = (
  run: Run,
  wrapper: Step,
  { error, rest, inner }: { error: HookError; rest: Outcome | undefined; inner: Proceed },
): unknown => {
  const isLost = (error.kind === 'unavailable' || error.kind === 'timeout') && error.module === wrapper.module
  if (!isLost || wrapper.need === 'required') throw error
  if (rest && run.spec.wrapperLost === 'pass') return goneOn(run, error, () => opened(rest))
  if (!rest && (run.spec.onError !== 'stop' || wrapper.need === 'optional')) return goneOn(run, error, inner)
  throw error
}

/** It counts among the skipped only once the others are through: until then it is nobody's reason to fail. */
const goneOn = async (run: Run, error: HookError, rest: () => unknown): Promise<unknown> => {
  const value = await rest()
  run.errors.push(error)
  return value
}

const outcomeOf = (work: () => Promise<unknown>): Promise<Outcome> =>
  work().then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )

const opened = (outcome: Outcome): unknown => {
  if ('error' in outcome) throw outcome.error
  return outcome.value
}

/** A wrapper may let it lie: that is no crash. */
const unwatched = (promise: Promise<unknown>): Promise<unknown> => {
  promise.catch(() => {})
  return promise
}
