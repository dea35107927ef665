import { openBus } from '../../kernel/bus/nats.ts'
import type { Bus } from '../../kernel/bus/port.ts'
import { type Relay, startRelay } from '../../kernel/bus/relay.ts'
import { kernelCredentials, sysCredentials } from '../../kernel/keys/credentials.ts'
import { openRegistry, type Registry } from '../../kernel/registry/registry.ts'
import { type Facts, openFacts } from '../bus/facts.ts'
import type { TestServer } from '../support/nats.ts'
import { until } from '../support/wait.ts'

const log = { info: () => {}, warn: () => {} }

export type KernelSide = { bus: Bus; relay: Relay; registry: Registry; stop: () => Promise<void> }

/** Bus, relay and registry over a ledger, as `main.ts` joins them; may be stopped and started again over the same ledger. */
export const startKernelSide = async (
  server: TestServer,
  facts: Facts,
  { heartbeatMs = 2_000, hasSys = true } = {},
): Promise<KernelSide> => {
  const bus = openBus({
    url: server.url,
    creds: kernelCredentials(server.keyring).creds,
    sysCreds: hasSys ? sysCredentials(server.keyring).creds : undefined,
    site: 'essai',
    log,
  })
  const relay = startRelay({ ledger: facts.ledger, bus, site: 'essai', log, lookEveryMs: 50 })
  const registry = openRegistry({
    ...{ bus, site: 'essai', kernel: 'recyclique 0.1.0', log, heartbeatMs },
    facts: new Set(['cash.variance.flagged', 'post.changed']),
    head: () => facts.ledger.head.position,
    read: facts.store.read,
    write: (changes) =>
      facts.store.write(async (tx) => {
        for (const change of changes) await tx.change(change)
      }),
    now: () => new Date(),
  })
  await until(() => bus.isConnected)
  return {
    ...{ bus, relay, registry },
    async stop() {
      await registry.close()
      await relay.close()
      await bus.close()
    },
  }
}

export { type Facts, openFacts }
