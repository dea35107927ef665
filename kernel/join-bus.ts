import { FACTS } from '@recyclique/contracts'
import type { Logger } from 'pino'
import { openBus } from './bus/nats.ts'
import type { BusState } from './bus/port.ts'
import { type RelayState, startRelay } from './bus/relay.ts'
import { refuse } from './errors.ts'
import { KERNEL } from './first-start.ts'
import type { World } from './http/world.ts'
import { admitKnownModules } from './keys/admit.ts'
import { kernelCredentials, sysCredentials } from './keys/credentials.ts'
import { initKeys } from './keys/keyring.ts'
import { keepApart } from './ledger/keep-apart.ts'
import { openRegistry } from './registry/registry.ts'
import type { Settings } from './settings.ts'
import type { Read } from './store/port.ts'

/** The kernel's side of the bus while it runs. */
export interface JoinedBus {
  readonly modules: World['modules']
  readonly relay: World['relay']
  degradedBy(): string[]
  isUp(): boolean
  state(): string
  close(flushMs: number): Promise<void>
}

interface Parts {
  readonly settings: Settings
  readonly ledger: World['ledger']
  readonly read: Read
  readonly newId: () => string
  readonly log: Logger
  readonly version: string
}

/** Joins the bus, or without NATS_URL does without: the till sells all the same, and the facts wait in the ledger. */
export const joinBus = async ({ settings, ledger, read, newId, log, version }: Parts): Promise<JoinedBus> => {
  if (settings.natsUrl === undefined) return alone(ledger)
  const { site, keysDir, natsUrl, isReduced } = settings
  const keyring = isReduced ? undefined : await initKeys(keysDir, site)
  const bus = openBus({
    url: natsUrl,
    creds: keyring && kernelCredentials(keyring).creds,
    sysCreds: keyring && sysCredentials(keyring).creds,
    onSystem: (sys) =>
      keyring &&
      admitKnownModules(sys, keyring).catch((err) =>
        log.warn({ err }, 'the modules’ accounts could not be pushed to NATS'),
      ),
    site,
    log,
  })
  const relay = startRelay({ ledger, bus, site, log })
  const registry = openRegistry({
    bus,
    site,
    kernel: `kernel ${version}`,
    facts: new Set(FACTS.map(({ name }) => name)),
    head: () => ledger.head.position,
    read,
    async write(changes) {
      const id = newId()
      await ledger.append({ key: id, digest: '', actor: KERNEL, id, body: { changes } }, keepApart)
    },
    now: () => new Date(),
    log,
  })
  return {
    modules: registry,
    relay: () => relay.state,
    degradedBy: () => troubles(bus.state, relay.state),
    isUp: () => bus.isConnected,
    state: () => (bus.state.is === 'connected' && bus.state.reduced ? 'reduced' : bus.state.is),
    async close(flushMs) {
      await relay.flush(flushMs)
      await registry.close()
      await relay.close()
      await bus.close()
    },
  }
}

const troubles = (bus: BusState, relay: RelayState): string[] => [
  ...(bus.is === 'connected' ? [] : [`NATS: ${bus.why}; sales go on, and what is kept is told when it is back`]),
  ...(bus.is === 'connected' && bus.reduced
    ? ['reduced mode: this NATS server does not know our keys, so that modules are not kept apart']
    : []),
  ...(relay.state === 'stopped' ? [`facts are not told: ${relay.reason}`] : []),
]

const alone = (ledger: World['ledger']): JoinedBus => ({
  modules: {
    list: async () => [],
    callHttp: async (module) => refuse('module-unavailable', { module, why: 'this kernel runs without NATS' }),
  },
  relay: () => ({ state: 'away', told: 0, behind: ledger.head.position, reason: 'NATS_URL is not set' }),
  degradedBy: () => ['NATS_URL is not set: facts are kept and not told'],
  isUp: () => false,
  state: () => 'none',
  close: async () => {},
})
