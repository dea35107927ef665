import { FACTS } from '@recyclique/contracts'
import type { Logger } from 'pino'
import { openBus } from './bus/nats.ts'
import type { BusState } from './bus/port.ts'
import { type RelayState, startRelay } from './bus/relay.ts'
import type { ControlSettings } from './control-settings.ts'
import { refuse } from './errors.ts'
import { KERNEL } from './first-start.ts'
import type { Clock } from './hooks/clock.ts'
import type { Hooks } from './hooks/hooks.ts'
import type { Note } from './hooks/notice.ts'
import type { World } from './http/world.ts'
import { admitKnownModules } from './keys/admit.ts'
import { kernelCredentials, sysCredentials } from './keys/credentials.ts'
import { initKeys } from './keys/keyring.ts'
import { keepApart } from './ledger/keep-apart.ts'
import type { Command, Rule } from './ledger/rule.ts'
import { openDeadLetters } from './registry/dead-letters.ts'
import { openRegistry, type Registry } from './registry/registry.ts'
import type { Standing } from './registry/standing.ts'
import { openStandings, type StandingsParts } from './registry/standings.ts'
import { viewOf } from './registry/view.ts'
import { openRemote } from './remote/remote.ts'
import type { Settings } from './settings.ts'
import type { Read } from './store/port.ts'
import type { Trouble } from './trouble.ts'

/** The kernel's side of the bus while it runs. */
export interface JoinedBus {
  readonly modules: World['modules']
  readonly relay: World['relay']
  degradedBy(): Trouble[]
  isUp(): boolean
  state(): string
  close(flushMs: number): Promise<void>
}

interface Parts {
  readonly settings: Settings
  readonly ledger: World['ledger']
  readonly read: Read
  readonly hooks: Hooks
  readonly note: Note
  readonly clock: Clock
  readonly newId: () => string
  readonly log: Logger
  readonly version: string
}

/** Joins the bus, or without NATS_URL does without: the till sells all the same, and the facts wait in the ledger. */
export const joinBus = async (parts: Parts): Promise<JoinedBus> => {
  const { settings, ledger, read, hooks, note, clock, newId, log, version } = parts
  const decide = <B, S>(rule: Rule<B, S>, body: B, as: Partial<Pick<Command, 'key' | 'digest' | 'actor'>> = {}) => {
    const id = newId()
    return ledger.append({ key: id, digest: '', actor: KERNEL, ...as, id, body }, rule)
  }
  if (settings.natsUrl === undefined) return alone(parts, decide)
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
    ...{ bus, hooks, remote, decide },
    site,
    kernel: `kernel ${version}`,
    facts: new Set(FACTS.map(({ name }) => name)),
    head: () => ledger.head.position,
    read,
    async write(changes) {
      await decide(keepApart, { changes })
    },
    now: () => new Date(),
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

/**
 * The modules without which the operator does not want to begin: they have a while to be at work, and after that the kernel says so;
 * the till sells all the same, unless the operator wants it to end instead.
 */
const watchRequired = (registry: Registry, { required, requiredWithinMs, isStrict }: ControlSettings, log: Logger) => {
  let isDue = false
  const missing = () => (isDue ? required.flatMap((name) => whyAway(registry, name)) : [])
  const timer = setTimeout(() => {
    isDue = true
    const reasons = missing().map(({ words }) => words)
    if (reasons.length === 0) return
    log.error({ reasons }, 'required modules are not at work')
    if (!isStrict) return
    process.send?.({ failed: { message: reasons.join('; ') } })
    process.exit(START_FAILED)
  }, requiredWithinMs)
  return { missing, stop: () => clearTimeout(timer) }
}

/** `EX_UNAVAILABLE`: what it needs is not there. */
const START_FAILED = 69

const whyAway = (registry: Registry, name: string): Trouble[] => {
  const found = registry.states().find((one) => one.name === name)
  if (found?.state === 'active') return []
  const why = found?.reasons.join(' ') || 'it has not announced itself yet'
  return [{ words: `module ${name} is required and not at work: ${why}`, isGrave: false }]
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

/** Nobody is there to be heard. What was kept of modules is shown, and orders are kept for the day when there is a bus. */
const alone = async ({ ledger, read, clock, log }: Parts, decide: StandingsParts['decide']): Promise<JoinedBus> => {
  const unavailable = async (module: string) =>
    refuse('module-unavailable', { module, why: 'this kernel runs without NATS' })
  const { letters } = openDeadLetters({
    ...{ read, log, giveAgain: unavailable, now: () => new Date(clock.now()) },
    async write(changes) {
      await decide(keepApart, { changes })
    },
  })
  const standings = await openStandings({ read, decide })
  const nothing = { family: undefined, guards: [], lag: undefined, deadLetters: 0 }
  const show = (standing: Standing) => viewOf({ ...nothing, standing, now: clock.now() })
  return {
    modules: {
      list: async () => standings.all().map(show),
      view: async (name) =>
        standings
          .all()
          .filter((one) => one.name === name)
          .map(show)[0],
      states: () => standings.all().map(show),
      ordered: standings.reload,
      marks: standings.marks,
      callHttp: unavailable,
      deadLetters: letters,
    },
    relay: () => ({ state: 'away', told: 0, behind: ledger.head.position, reason: 'NATS_URL is not set' }),
    degradedBy: () => [{ words: 'NATS_URL is not set: facts are kept and not told', isGrave: false }],
    isUp: () => false,
    state: () => 'none',
    close: async () => {},
  }
}
