import type { BreakerView, InstanceView, Manifest, ModuleView } from '@recyclique/contracts'
import type { GuardView } from '../remote/guard.ts'
import { configView } from './config-view.ts'
import type { ConfigRow } from './configs.ts'
import { type Family, type Instance, isLiving } from './party.ts'
import type { Standing } from './standing.ts'
import { stateOf } from './state.ts'

export interface Viewed {
  readonly family: Family | undefined
  readonly standing: Standing
  readonly guards: readonly GuardView[]
  readonly lag: number | undefined
  readonly deadLetters: number
  /** What the kernel keeps for it. */
  readonly settings: readonly ConfigRow[]
  /** What should be known of it although it works. */
  readonly notes?: readonly string[]
  readonly now: number
}

const HOUR_MS = 3_600_000

/** A module as the API shows it, out of all that is known of it. */
export const viewOf = (viewed: Viewed): ModuleView => {
  const { family, standing, guards, lag, deadLetters, notes = [], now } = viewed
  const { state, version, description, reasons } = stateOf(family, standing, guards)
  const manifest = manifestOf(family)
  const restarts = family?.restarts ?? []
  const instances = (family?.parties ?? []).flatMap((party) => [...party.instances.values()])
  return {
    ...{ name: standing.name, version, description, state, reasons: [...reasons] },
    ...(notes.length > 0 ? { notes: [...notes] } : {}),
    desired: standing.disabled === undefined ? 'enabled' : 'disabled',
    blocked: standing.blocked !== undefined,
    ...(standing.blockedVersions.length > 0 ? { blockedVersions: [...standing.blockedVersions] } : {}),
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
    config: configOf(viewed, manifest, instances),
    instances: instances.map(instanceOf),
  }
}

/** The one that works, else the one that waits, else the one that was refused. */
export const manifestOf = (family: Family | undefined): Manifest | undefined =>
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

/** What is set for it, or can be; a secret is never shown here, not even where it stands. */
const configOf = (
  { standing: { name }, settings }: Viewed,
  manifest: Manifest | undefined,
  instances: readonly Instance[],
) => {
  const shown = instances.findLast(isLiving)?.config ?? []
  return configView(name, { manifest, rows: settings, shown }).items.map(({ key, value, origin, secret }) => ({
    ...{ key, origin, secret },
    ...(secret ? { value: '***' } : value === undefined ? {} : { value }),
  }))
}
