import { randomUUID } from 'node:crypto'
import { HOOKS } from '@recyclique/contracts'
import { openBus } from '../../kernel/bus/nats.ts'
import type { Bus } from '../../kernel/bus/port.ts'
import { type Relay, startRelay } from '../../kernel/bus/relay.ts'
import { openDeadlineWheel } from '../../kernel/deadline-wheel.ts'
import { type Hooks, openHooks } from '../../kernel/hooks/hooks.ts'
import { kernelCredentials, sysCredentials } from '../../kernel/keys/credentials.ts'
import { loadHistory } from '../../kernel/registry/keep-history.ts'
import { openRegistry, type Registry } from '../../kernel/registry/registry.ts'
import { openRemote } from '../../kernel/remote/remote.ts'
import type { Change } from '../../kernel/store/table.ts'
import { type Facts, openFacts } from '../bus/facts.ts'
import type { TestServer } from '../support/nats.ts'
import { until } from '../support/wait.ts'

const log = { info: () => {}, warn: () => {} }

/** Of several kernels one tells. */
const NO_RELAY: Relay = { state: { state: 'idle', told: 0, behind: 0 }, flush: async () => true, close: async () => {} }

export type KernelSide = { bus: Bus; relay: Relay; registry: Registry; hooks: Hooks; stop: () => Promise<void> }

/** Bus, relay and registry over a ledger, as `main.ts` joins them; may be stopped and started again over the same ledger. */
export const startKernelSide = async (
  server: TestServer,
  facts: Facts,
  { heartbeatMs = 2_000, healthMs = 10_000, hasSys = true, hasRelay = true, now = () => new Date() } = {},
): Promise<KernelSide> => {
  const bus = openBus({
    url: server.url,
    creds: kernelCredentials(server.keyring).creds,
    sysCreds: hasSys ? sysCredentials(server.keyring).creds : undefined,
    site: 'essai',
    log,
  })
  const relay: Relay = !hasRelay
    ? NO_RELAY
    : startRelay({ ledger: facts.ledger, bus, site: 'essai', log, lookEveryMs: 50 })
  const write = (changes: readonly Change[]) =>
    facts.store.write(async (tx) => {
      for (const change of changes) await tx.change(change)
    })
  const history = await loadHistory({ read: facts.store.read, write, log })
  const hooks = openHooks({
    ...{ clock: openDeadlineWheel(), note: () => {}, slowMs: 1_000, maxDepth: 8, openHistory: history.openHistory },
    newId: () => randomUUID().replaceAll('-', ''),
  })
  hooks.book.declare('kernel', HOOKS)
  let registry: Registry | undefined
  const remote = openRemote({
    ...{ bus, site: 'essai', clock: openDeadlineWheel(), note: () => {}, ask: hooks.askByName },
    mayAsk: (module, hook) => registry?.mayAsk(module, hook) ?? false,
    onGuard: (module) => registry?.guardChanged(module),
  })
  registry = await openRegistry({
    ...{ bus, site: 'essai', kernel: 'recyclique 0.1.0', log, heartbeatMs, healthMs, hooks, remote, write },
    facts: new Set(['cash.variance.flagged', 'post.changed']),
    head: () => facts.ledger.head.position,
    read: facts.store.read,
    decide: (rule, body, as = {}) => {
      const id = randomUUID()
      return facts.ledger.append({ key: id, digest: id, actor: 'kernel', ...as, id, body }, rule)
    },
    ...{ now, jobsMs: 20 },
    timeZone: () => 'Europe/Paris',
    callApi: () => Promise.reject(new Error('no API here')),
  })
  await until(() => bus.isConnected)
  return {
    ...{ bus, relay, registry, hooks },
    async stop() {
      await registry.close()
      remote.close()
      await history.flush()
      if (hasRelay) await relay.close()
      await bus.close()
    },
  }
}

export { type Facts, openFacts }
