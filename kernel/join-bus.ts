import { FACTS } from '@recyclique/contracts'
import type { Logger } from 'pino'
import { openBus } from './bus/nats.ts'
import type { BusState } from './bus/port.ts'
import { type RelayState, startRelay } from './bus/relay.ts'
import type { Clock } from './hooks/clock.ts'
import type { Hooks } from './hooks/hooks.ts'
import type { Note } from './hooks/notice.ts'
import type { World } from './http/world.ts'
import { kernelCredentials, sysCredentials } from './keys/credentials.ts'
import { openAccounts } from './keys/keep-accounts.ts'
import { initKeys } from './keys/keyring.ts'
import type { Shelf } from './pages/shelf.ts'
import { allPermissions } from './registry/permission.ts'
import { openRegistry, type Registry, type RegistryParts } from './registry/registry.ts'
import { allStandings } from './registry/standing.ts'
import { openRemote } from './remote/remote.ts'
import type { Settings } from './settings.ts'
import type { Read } from './store/port.ts'
import type { Trouble } from './trouble.ts'
import { watchRequired } from './watch-required.ts'
import { withoutBus } from './without-bus.ts'

/** The kernel's side of the bus while it runs. */
export interface JoinedBus {
  readonly modules: World['modules']
  readonly relay: World['relay']
  degradedBy(): Trouble[]
  isUp(): boolean
  state(): string
  close(flushMs: number): Promise<void>
}

export interface BusParts {
  readonly settings: Settings
  readonly ledger: World['ledger']
  readonly read: Read
  readonly decide: RegistryParts['decide']
  readonly keep: RegistryParts['write']
  readonly hooks: Hooks
  readonly shelf: Shelf
  readonly note: Note
  readonly clock: Clock
  readonly log: Logger
  readonly version: string
  readonly timeZone: () => string
  readonly callApi: RegistryParts['callApi']
}

/** Joins the bus, or without NATS_URL does without: the till sells all the same, and the facts wait in the ledger. */
export const joinBus = async (parts: BusParts): Promise<JoinedBus> => {
  const { settings, ledger, read, decide, keep, hooks, shelf, note, clock, log, version } = parts
  if (settings.natsUrl === undefined) return withoutBus(parts)
  const { site, keysDir, natsUrl, isReduced } = settings
  const keyring = isReduced ? undefined : await initKeys(keysDir, site)
  const accounts = keyring && openAccounts(keyring)
  await accounts?.setRight(await decidedIn(read))
  const bus = openBus({
    url: natsUrl,
    creds: keyring && kernelCredentials(keyring).creds,
    sysCreds: keyring && sysCredentials(keyring).creds,
    onSystem: (sys) =>
      accounts?.connected(sys).catch((err) => log.warn({ err }, 'the modules’ accounts could not be pushed to NATS')),
    site,
    log,
    after: clock.after,
  })
  const relay = startRelay({ ledger, bus, site, log })
  let registry: Registry | undefined
  const remote = openRemote({
    ...{ bus, site, clock, note },
    ask: hooks.askByName,
    mayAsk: (module, hook) => registry?.mayAsk(module, hook) ?? false,
    onGuard: (module) => registry?.guardChanged(module),
  })
  registry = await openRegistry({
    ...{ bus, hooks, remote, decide, read, write: keep },
    site,
    kernel: `kernel ${version}`,
    facts: new Set(FACTS.map(({ name }) => name)),
    head: () => ledger.head.position,
    shelf,
    grants: { policy: settings.grants, accounts },
    now: () => new Date(),
    timeZone: parts.timeZone,
    callApi: parts.callApi,
    log,
  })
  const watch = watchRequired(registry, settings.control, log)
  return {
    modules: registry,
    relay: () => relay.state,
    degradedBy: () => [...troubles(bus.state, relay.state), ...watch.missing()],
    isUp: () => bus.isConnected,
    state: () => (bus.state.is === 'connected' && bus.state.reduced ? 'reduced' : bus.state.is),
    async close(flushMs) {
      watch.stop()
      await relay.flush(flushMs)
      await registry.close()
      remote.close()
      await relay.close()
      await bus.close()
    },
  }
}

/** What the ledger says of each module, for its account: who is blocked, and who was granted what. */
const decidedIn = async (read: Read) => {
  const [standings, permissions] = await Promise.all([allStandings(read), allPermissions(read)])
  const blocked = new Set(standings.filter((one) => one.blocked !== undefined).map(({ name }) => name))
  return (module: string) => ({
    isBlocked: blocked.has(module),
    mayHave: (right: string) => permissions.get(module)?.rights.get(right)?.decision === 'granted',
  })
}

const troubles = (bus: BusState, relay: RelayState): Trouble[] => [
  ...busTroubles(bus).map((words) => ({ words, isGrave: false })),
  ...(relay.state === 'stopped' ? [{ words: `facts are not told: ${relay.reason}`, isGrave: true }] : []),
]

const busTroubles = (bus: BusState): string[] => {
  if (bus.is !== 'connected') return [`NATS: ${bus.why}; sales go on, and what is kept is told when it is back`]
  return bus.reduced
    ? ['reduced mode: this NATS server does not know our keys, so that modules are not kept apart']
    : []
}
