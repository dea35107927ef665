import { CALL_HEADERS, HttpAnswer, type HttpCall, parseJson, type Subjects } from '@recyclique/contracts'
import { type Bus, BusAway, TooLarge, Unanswered } from '../bus/port.ts'
import { Refusal } from '../errors.ts'
import type { Instance } from './party.ts'
import type { Roster } from './roster.ts'

const ANSWER_WITHIN_MS = 5_000

export interface CallParts {
  readonly bus: Pick<Bus, 'ask'>
  readonly roster: Roster
  readonly subjects: Subjects
  readonly now: () => Date
}

/**
 * Hands a request to the instance with the fewest calls in hand. One that nobody heard goes to the next instance; one that was perhaps
 * heard is never sent twice. Refuses with `module-unknown` or `module-unavailable`, at the latest after five seconds, and at once
 * when the instance dies meanwhile.
 */
export const callHttp = async (parts: CallParts, module: string, call: HttpCall): Promise<HttpAnswer> => {
  for (;;) {
    const instance = leastBusy(parts.roster, module)
    try {
      return await callOne(parts, { module, instance, call })
    } catch (error) {
      if (!(error instanceof Unanswered && error.how === 'nobody')) throw refusalOf(error as Error, module)
      parts.roster.suspect(instance)
    }
  }
}

/** The process with the fewest calls in hand. Refuses with `module-unknown`, or `module-unavailable` where none can be asked. */
export const leastBusy = (roster: Roster, module: string): Instance => {
  if (!roster.families.has(module)) throw new Refusal('module-unknown', { module })
  const inside = roster.inside(module)[0]
  const [first, ...others] = [...(inside?.instances.values() ?? [])].filter(({ isAskable }) => isAskable)
  if (!first) throw new Refusal('module-unavailable', { module, why: whyNobody(roster, module) })
  return others.reduce((least, one) => (one.pending.size < least.pending.size ? one : least), first)
}

const whyNobody = (roster: Roster, module: string) => {
  const states = new Set(roster.living(module).map(({ state }) => state))
  if (states.has('standby')) return 'it waits, and does not work: see /v1/modules'
  if (states.has('suspect')) return 'it has not been heard of for some seconds'
  return states.has('draining') ? 'it is stopping' : 'it is not running'
}

type One = { module: string; instance: Instance; call: HttpCall }

const callOne = async ({ bus, subjects, now }: CallParts, { module, instance, call }: One): Promise<HttpAnswer> => {
  const subject = subjects.toModule(module, instance.id, 'http')
  const headers = { [CALL_HEADERS.deadline]: String(now().getTime() + ANSWER_WITHIN_MS) }
  const wanted = { withinMs: ANSWER_WITHIN_MS, headers, among: instance.pending }
  return parseJson(HttpAnswer, await bus.ask(subject, JSON.stringify(call), wanted), 'its answer')
}

/** What a caller over HTTP reads when a process did not answer. */
export const refusalOf = (error: Error, module: string): Refusal => {
  if (error instanceof Refusal) return error
  if (error instanceof TooLarge) return new Refusal('module-call-too-large', { module })
  if (error instanceof BusAway) return new Refusal('module-unavailable', { module, why: 'the bus is away' })
  return new Refusal('module-unavailable', { module, why: error.message })
}
