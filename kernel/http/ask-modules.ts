import type { AnswerOf, HookSpec, ResultOf } from '@recyclique/contracts'
import type { FastifyReply } from 'fastify'
import { Refusal } from '../errors.ts'
import { HookError } from '../hooks/hook-error.ts'
import type { Hooks } from '../hooks/hooks.ts'
import type { Provenance } from '../hooks/run.ts'
import { type PassedOver, passedOver, tellSkipped } from './skipped.ts'
import type { World } from './world.ts'

/** What came of a question that a request asked. `skipped` are the modules that were passed over. */
export interface Asked<H extends HookSpec> {
  readonly result: ResultOf<H>
  readonly answers: readonly Provenance<AnswerOf<H>>[]
  readonly skipped: readonly PassedOver[]
}

type Asking = Pick<World, 'hooks' | 'metrics'>

/** One look-up. A module that must be there and is not counts as well: it has to be missed. */
export const isAsked = (hooks: Hooks, { name }: HookSpec): boolean => hooks.book.plan(name)?.isEmpty === false

/**
 * Asks a hook that skips, while a request waits. Who is silent or fails is passed over, counted and named in the header; with
 * nobody left it is as if nobody had been there. Refuses (503) only where the operator marked a module as required and it failed.
 */
export const askModules = async <H extends HookSpec>(
  { hooks, metrics }: Asking,
  reply: FastifyReply,
  hook: H,
  args: H['args']['static'],
): Promise<Asked<H>> => {
  try {
    const { result, answers, errors } = await hooks.askInDetail(hook.name, declared(hook, args))
    tellSkipped({ metrics }, reply, errors)
    return { result, answers, skipped: errors.map(passedOver) } as Asked<H>
  } catch (error) {
    if (!(error instanceof HookError)) throw error
    if (isRequired(hooks, error)) throw moduleRequired(hooks, error)
    if (error.module === undefined) throw error
    tellSkipped({ metrics }, reply, [error])
    return {
      result: hook.mode === 'collect' ? [] : null,
      answers: [],
      skipped: [passedOver(error)],
    } as unknown as Asked<H>
  }
}

/** A query in an address may say more than the hook knows: that is nobody's business. */
const declared = ({ args }: HookSpec, given: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(given).filter(([name]) => Object.hasOwn(args.properties, name)))

/** Is it the failure of a module without which the call fails? */
export const isRequired = ({ book }: Hooks, { hook, module, code }: HookError): boolean => {
  const plan = book.plan(hook)
  if (!plan) return false
  const isMarked = [...plan.wrappers, ...plan.steps].some((step) => step.module === module && step.need === 'required')
  return code === 'required-missing' || isMarked || (module !== undefined && plan.missing.includes(module))
}

/** The refusal for a module that had to be asked and could not be. The error stays as its cause. */
export const moduleRequired = ({ book }: Hooks, error: HookError): Refusal => {
  const module = error.module ?? book.plan(error.hook)?.missing[0] ?? 'unknown'
  const refusal = new Refusal('module-required', { module, hook: error.hook, why: error.message }, { module })
  refusal.cause = error
  return refusal
}

/** The refusal for a request that a module does not let through, in its words and under its own code. */
export const requestRefused = (error: HookError): Refusal => {
  const { module = 'unknown', message, code } = error
  const refusal = new Refusal('request-refused', { module, words: message }, { module, moduleCode: code })
  refusal.cause = error
  return refusal
}
