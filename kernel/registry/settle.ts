import { keepable } from './change-module.ts'
import type { InTurn } from './in-turns.ts'
import type { Shared } from './parts.ts'
import { stateOf } from './state.ts'

/** Looks where a module stands, and keeps it where it is another place than before. One at a time: the last word is the last look. */
export const settler = (
  { roster, standings, remote, log }: Pick<Shared, 'roster' | 'standings' | 'remote' | 'log'>,
  inTurn: InTurn,
) => {
  const settleOne = async (name: string, instance: string | undefined) => {
    const seen = stateOf(roster.families.get(name), standings.of(name), remote.guardsOf(name))
    const before = standings.of(name)
    if (before.state === seen.state && before.version === keepable(seen.version, 64)) return
    const { state: to, version } = seen
    const reason = seen.reasons.join(' ')
    await standings.change({ module: name, version, to, reason, instance, isLetIn: false })
    log.info({ module: name, from: before.state, to, reason }, `${name} is ${to}`)
  }
  return (name: string, instance?: string): void => {
    inTurn('', () => settleOne(name, instance)).catch((err) =>
      log.warn({ err, module: name }, 'where a module stands could not be kept; it is tried again'),
    )
  }
}
