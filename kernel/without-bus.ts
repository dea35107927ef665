import { subjectsOf } from '@recyclique/contracts'
import { refuse } from './errors.ts'
import type { BusParts, JoinedBus } from './join-bus.ts'
import { openConfigs } from './registry/configs.ts'
import { openDeadLetters } from './registry/dead-letters.ts'
import { openPermissions } from './registry/permissions.ts'
import { permissionsViewOf } from './registry/permissions-view.ts'
import { openRoster } from './registry/roster.ts'
import { openConfigOrders } from './registry/set-config.ts'
import type { Standing } from './registry/standing.ts'
import { openStandings } from './registry/standings.ts'
import { viewOf } from './registry/view.ts'
import { openWanted } from './registry/wanted.ts'
import { jobsIn } from './wishes/jobs.ts'

type Parts = Pick<BusParts, 'settings' | 'ledger' | 'read' | 'clock' | 'log' | 'decide' | 'keep'>

/** Nobody is there to be heard. What was kept of modules is shown, and orders are kept for the day when there is a bus. */
export const withoutBus = async ({ settings, ledger, read, clock, log, decide, keep }: Parts): Promise<JoinedBus> => {
  const unavailable = async (module: string) =>
    refuse('module-unavailable', { module, why: 'this kernel runs without NATS' })
  const { letters } = openDeadLetters({
    ...{ read, write: keep, log, giveAgain: unavailable, now: () => new Date(clock.now()) },
  })
  const nobody = { roster: openRoster(), settle: () => {}, sayToAll: () => {}, tell: () => {} }
  const kept = await openConfigs({ read, write: keep })
  const configs = openConfigOrders({
    ...{ ...nobody, configs: kept, subjects: subjectsOf(settings.site), now: () => new Date(clock.now()) },
    bus: { ask: () => Promise.reject(new Error('this kernel runs without NATS')) },
  })
  const standings = await openStandings({ read, decide })
  const permissions = await openPermissions({ read, decide, grants: { policy: settings.grants } })
  const ordered = async () => void (await Promise.all([standings.reload(), permissions.reload()]))
  const nothing = { family: undefined, guards: [], lag: undefined, deadLetters: 0 }
  const show = (standing: Standing) =>
    viewOf({ ...nothing, standing, settings: kept.rowsOf(standing.name), now: clock.now() })
  return {
    modules: {
      list: async () => standings.all().map(show),
      view: async (name) =>
        standings
          .all()
          .filter((one) => one.name === name)
          .map(show)[0],
      states: () => standings.all().map(show),
      ordered,
      wanted: openWanted({ standings, configs: kept, orders: configs, decide, ordered, manifestFor: () => undefined }),
      permissions: (name) =>
        permissionsViewOf({
          ...{ name, policy: permissions.policy, blocked: standings.of(name).blocked !== undefined },
          ...{ family: undefined, permissions: permissions.of(name) },
        }),
      // There is no bus to come onto.
      admit: async () => false,
      remove: permissions.reload,
      marks: standings.marks,
      callHttp: unavailable,
      setLogLevel: unavailable,
      openHttp: unavailable,
      errand: ({ module }) => unavailable(module),
      manifests: () => [],
      jobsOf: (module) => jobsIn(read, module),
      deadLetters: letters,
      configs,
    },
    relay: () => ({ state: 'away', told: 0, behind: ledger.head.position, reason: 'NATS_URL is not set' }),
    degradedBy: () => [{ words: 'NATS_URL is not set: facts are kept and not told', isGrave: false }],
    isUp: () => false,
    state: () => 'none',
    close: async () => {},
  }
}
