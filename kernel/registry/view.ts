import type { ModuleView } from '@recyclique/contracts'
import type { Instance, Member } from './roster.ts'

/** Why a module was not let in the last time, and what it says of itself. */
export interface Rejection {
  readonly version: string
  readonly description: string
  readonly reasons: readonly string[]
}

/** One of the two is there: a module that was admitted, or one that never was. */
export const viewOf = (
  name: string,
  member: Member | undefined,
  rejection: Rejection | undefined,
  lag: number | undefined,
): ModuleView => {
  const instances = [...(member?.instances.values() ?? [])]
  const state = stateOf(instances, rejection)
  const { version, description } = (state === 'rejected' ? rejection : member?.manifest) ?? NOTHING
  return {
    ...{ name, version, description, state },
    reasons: [...(rejection?.reasons ?? [])],
    hears: member?.manifest.hears ?? [],
    routes: (member?.manifest.routes ?? []).map(({ method, path }) => `${method} ${path}`),
    ...(lag === undefined ? {} : { lag }),
    instances: instances.map(({ id, state, startedAt, lastSeenAt, position, inFlight }) => ({
      ...{ id, state, startedAt, lastSeenAt, position, inFlight },
    })),
  }
}

const NOTHING = { version: '0.0.0', description: '' }

/** A module is as well as its best instance; one that was rejected while none lives is rejected. */
const stateOf = (instances: readonly Instance[], rejection: Rejection | undefined): ModuleView['state'] => {
  const states = new Set(instances.map(({ state }) => state))
  for (const state of ['active', 'suspect', 'draining'] as const) if (states.has(state)) return state
  if (rejection) return 'rejected'
  return states.has('lost') ? 'lost' : 'stopped'
}
