import { BusAway, TooLarge, Unanswered } from '../bus/port.ts'
import { Refusal } from '../errors.ts'
import { leastBusy } from '../remote/choose-peer.ts'
import type { Peer, PeerGroup } from '../remote/peer.ts'
import type { Roster } from './roster.ts'

interface Parts {
  readonly roster: Roster
  readonly now: () => Date
}

/**
 * Asks one process of a module by `ask`, chosen as for any question. One that nobody heard goes to the next process; one that was
 * perhaps heard is never sent twice. Refuses with `module-unknown`, `module-unavailable` or `module-call-too-large`.
 */
export const askProcess = async <T>(
  { roster, now }: Parts,
  module: string,
  ask: (process: Peer) => Promise<T>,
): Promise<T> => {
  for (;;) {
    const { group, peer } = chosen(roster, module, now())
    try {
      return await ask(peer)
    } catch (error) {
      if (!(error instanceof Unanswered && error.how === 'nobody')) throw refusalOf(error as Error, module)
      group.unheard(peer)
    }
  }
}

const chosen = (roster: Roster, module: string, now: Date): { group: PeerGroup; peer: Peer } => {
  if (!roster.families.has(module)) throw new Refusal('module-unknown', { module })
  const group = roster.inside(module)[0]?.group
  const peer = group && leastBusy(group, now.getTime())
  // Who is leaving answers only for calls that were begun with it, and this one begins.
  if (!(group && peer?.isAskable)) throw new Refusal('module-unavailable', { module, why: whyNobody(roster, module) })
  return { group, peer }
}

const whyNobody = (roster: Roster, module: string) => {
  const states = new Set(roster.living(module).map(({ state }) => state))
  if (states.has('standby')) return 'it waits, and does not work: see /v1/modules'
  if (states.has('suspect')) return 'it has not been heard of for some seconds'
  return states.has('draining') ? 'it is stopping' : 'it is not running'
}

/** What a caller over HTTP reads when a process did not answer. */
const refusalOf = (error: Error, module: string): Refusal => {
  if (error instanceof Refusal) return error
  if (error instanceof TooLarge) return new Refusal('module-call-too-large', { module })
  if (error instanceof BusAway) return new Refusal('module-unavailable', { module, why: 'the bus is away' })
  return new Refusal('module-unavailable', { module, why: error.message })
}
