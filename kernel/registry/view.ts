import type { BreakerView, InstanceView, Manifest, ModuleView } from '@recyclique/contracts'
import type { GuardView } from '../remote/guard.ts'
import { type Family, type Instance, isLiving } from './party.ts'
import type { Standing } from './standing.ts'
import { stateOf } from './state.ts'

export interface Viewed {
  readonly family: Family | undefined
  readonly standing: Standing
  readonly guards: readonly GuardView[]
  readonly lag: number | undefined
  readonly deadLetters: number
  readonly now: number
}

const HOUR_MS = 3_600_000

/** A module as the API shows it, out of all that is known of it. */
export const viewOf = ({ family, standing, guards, lag, deadLetters, now }: Viewed): ModuleView => {
  const { state, version, description, reasons } = stateOf(family, standing, guards)
  const manifest = manifestOf(family)
  const restarts = family?.restarts ?? []
  const instances = (family?.parties ?? []).flatMap((party) => [...party.instances.values()])
  return {
    ...{ name: standing.name, version, description, state, reasons: [...reasons] },
    desired: standing.disabled === undefined ? 'enabled' : 'disabled',
    blocked: standing.blocked !== undefined,
    ...(standing.rank === undefined ? {} : { rank: standing.rank }),
    hears: manifest?.hears ?? [],
    answers: (manifest?.answers ?? []).map(({ hook }) => hook),
    tells: (manifest?.tells ?? []).map(({ name }) => name),
    requires: manifest?.requires ?? {},
    routes: (manifest?.routes ?? []).map(({ method, path }) => `${method} ${path}`),
    ...(lag === undefined ? {} : { lag }),
    deadLetters,
    restarts: { lastHour: restarts.filter((at) => now - at < HOUR_MS).length, total: restarts.length },
    breakers: guards.map(breakerOf),
    config: configOf(manifest?.config, instances),
    instances: instances.map(instanceOf),
  }
}

/** The one that works, else the one that waits, else the one that was refused. */
const manifestOf = (family: Family | undefined): Manifest | undefined =>
  (family?.parties.filter(({ place }) => place === 'in').at(-1) ?? family?.parties.at(-1))?.manifest ??
  family?.rejection?.manifest

const instanceOf = ({ id, version, state, startedAt, lastSeenAt, ...one }: Instance): InstanceView => ({
  ...{ id, version, state, startedAt, lastSeenAt, position: one.position, inFlight: one.inFlight },
  pending: one.pending.size,
  ...(one.health ? { health: one.health } : {}),
})

const breakerOf = ({ hook, state, silences, openUntil, inFlight, notAsked }: GuardView): BreakerView => ({
  ...{ hook, state, failures: silences, inFlight, skipped: notAsked },
  ...(openUntil === undefined ? {} : { openUntil: new Date(openUntil).toISOString() }),
})

/**
 * What is set in its processes, as they say themselves: secrets stay with them. Before one of them has come: what can be set, by the
 * manifest's schema.
 */
const configOf = (schema: unknown, instances: readonly Instance[]): ModuleView['config'] => {
  const said = instances.findLast(isLiving)?.config ?? []
  if (said.length > 0) return said.map((one) => (one.secret ? { ...one, value: '***' } : { ...one }))
  const { properties } = (schema ?? {}) as { properties?: Record<string, { secret?: unknown }> }
  if (typeof properties !== 'object' || properties === null) return []
  return Object.entries(properties).map(([key, one]) => {
    const secret = one?.secret === true
    return { key, secret, ...(secret ? { value: '***' } : {}) }
  })
}
