import { type HookSpec, Misfit, parse } from '@recyclique/contracts'
import { HookFailure } from '../answering.ts'
import { failureFrom } from '../faults.ts'
import { type Asked, lineOf, replyOf, wanted } from './ask.ts'
import type { Gate, Inside } from './gate.ts'
import type { Stage } from './stage.ts'

type One = {
  readonly spec: HookSpec
  readonly args: Readonly<Record<string, unknown>>
  readonly asked: Asked
  readonly gate: Gate
  /** The rest of the plan, for where the hook does without its wrapper. */
  readonly inside: () => Promise<unknown>
}

/** What the caller would get with this wrapper around `inside`. Throws what the caller would read, and what the inside threw as it was. */
export const wrapOne = async (stage: Stage, one: One): Promise<unknown> => {
  const { spec, gate } = one
  const { name: module } = stage.module.manifest
  const line = lineOf(stage.module.manifest, one, true)
  const own = await outcomeOf(() => replyOf(stage, line, { ...one, args: wanted(one, line.args) }))
  const rest = await gate.close()
  if (gate.times() > 1) throw new HookFailure('invalid', 'second-proceed', `second proceed in ${module}`)
  if ('error' in own) return withoutWrapper(one, { error: own.error, rest, isOptional: line.isOptional ?? false })
  const reply = own.value
  if ('error' in reply) throw failureFrom(reply.error)
  if ('same' in reply && rest) return opened(rest)
  if (!rest && !spec.shortCircuit) throw new HookFailure('invalid', 'did-not-proceed', `${module} did not proceed`)
  return checkedOutcome(spec, 'v' in reply ? reply.v : null)
}

/** It was silent: before it proceeded the hook may do without it, afterwards the inner result is there. */
const withoutWrapper = async (
  { spec, inside }: One,
  { error, rest, isOptional }: { error: unknown; rest: Inside | undefined; isOptional: boolean },
): Promise<unknown> => {
  const isLost = error instanceof HookFailure && error.kind === 'timeout'
  if (isLost && rest && spec.wrapperLost === 'pass') return opened(rest)
  if (isLost && !rest && (spec.onError !== 'stop' || isOptional)) return inside()
  throw error
}

const outcomeOf = <T>(work: () => Promise<T>): Promise<{ readonly value: T } | { readonly error: unknown }> =>
  work().then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )

const opened = (rest: Inside): unknown => {
  if ('error' in rest) throw rest.error
  return rest.value
}

/** The hook's `outcome` where it has one, else the form of its mode. */
const checkedOutcome = (spec: HookSpec, value: unknown): unknown => {
  try {
    checkForm(spec, value)
    return value
  } catch (error) {
    if (error instanceof Misfit) throw new HookFailure('invalid', 'outcome-invalid', error.message)
    throw error
  }
}

const checkForm = ({ name, outcome, mode, args, answer }: HookSpec, value: unknown): void => {
  const what = `the result of ${name}`
  if (outcome) return void parse(outcome, value, what)
  if (mode === 'pipeline') return void parse(args, value, what)
  if (mode !== 'collect') return void (value === null || parse(answer, value, what))
  if (!Array.isArray(value)) throw new Misfit(what, [{ field: '', why: 'must be a list' }])
  for (const one of value) parse(answer, one, what)
}
