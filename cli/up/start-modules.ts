import { join } from 'node:path'
import { apiAt } from '../api.ts'
import { watchMemory } from '../limits/watch-memory.ts'
import { type Launch, startInOrder } from '../workshop/start-in-order.ts'
import { type FoundModule, isStartable, type StartableModule } from './find-modules.ts'
import type { Hold } from './hold.ts'
import { InQuarantine, isFinal, type Keeper } from './keep.ts'
import { type KeptModule, type KeptModules, keepModule } from './kept-module.ts'
import { moduleEnv } from './module-env.ts'
import type { Run } from './run.ts'
import { EndedEarly, type Started, within } from './running.ts'
import { spawnModule } from './spawn-module.ts'
import type { Bus } from './start-bus.ts'
import type { Row } from './tree.ts'

/** A module that is not in by then holds nobody up: it is shown as not yet there, and comes when it comes. */
const MODULE_READY_MS = 10_000

type Keep = (module: StartableModule) => Keeper<void>
type StartModules = {
  modules: readonly FoundModule[]
  bus: Bus
  kernelUrl: string
  /** Holds each process to what its module was granted. */
  hold: Hold
  /** Who is kept running; those that are started join them. */
  kept: KeptModules
  /** Hears of each that is kept running, with the way to keep it anew. */
  onKept?: (module: StartableModule, keeper: Keeper<void>, again: Keep) => void
  /** The options of Node's own that give it a debugger, for each start of a module. */
  flagsFor?: (module: StartableModule) => Promise<readonly string[]>
  /** How long each may take until it is shown as not yet there. */
  withinMs?: number
}

/**
 * Starts the modules, each in its own process with its own credentials, whoever is needed before whoever needs it, and gives a line of
 * the tree for each. May be called again with modules that come later.
 */
export const startModules = async (run: Run, given: StartModules): Promise<Row[]> => {
  const { modules, bus, kernelUrl, hold, kept, onKept, withinMs = MODULE_READY_MS } = given
  const { flagsFor = async () => [] } = given
  const startable = modules.filter(isStartable)
  const timeZone = startable.length === 0 ? '' : await timeZoneOf(kernelUrl)
  const keep: Keep = (module) => {
    const one = keepOne(run, { module, bus, hold, timeZone, flagsFor: () => flagsFor(module) })
    kept.set(module.name, one)
    return one.keeper
  }
  const start = (module: StartableModule) => {
    const keeper = keep(module)
    onKept?.(module, keeper, keep)
    return { ready: arrivalOf({ module, keeper, kernelUrl, withinMs }), stop: keeper.stop }
  }
  const launches = await startInOrder({ crew: run.crew, modules: startable, start })
  const rows = new Map(launches.map((launch) => [launch.module.name, rowOf(launch)]))
  return modules.flatMap((module) =>
    isStartable(module) ? (rows.get(module.name) ?? []) : { label: module.name, note: notStarted(module.why) },
  )
}

type KeepOne = {
  module: StartableModule
  bus: Bus
  hold: Hold
  timeZone: string
  flagsFor: () => Promise<readonly string[]>
}

const keepOne = (run: Run, { module, bus, hold, timeZone, flagsFor }: KeepOne): KeptModule => {
  const { screen, leash, options } = run
  const data = join(options.data, 'modules', module.name)
  return keepModule(module, {
    keep: (start) => run.keep(module.name, start, { isReleasable: true }),
    spawn: async (next) => {
      const { name, folder, entry, manifest, config, configOrigin } = next
      const held = await hold.begin(next)
      const onLine = (line: string) => {
        screen.hear(name, line)
        held.hear(line)
        if (line.includes(HEAP_IS_FULL)) screen.say(fullWords(name, held.memoryMb), 'error')
      }
      const env = {
        ...moduleEnv(name, process.env),
        NATS_URL: bus.url,
        RECYCLIQUE_SITE: bus.prepared.site,
        RECYCLIQUE_TIME_ZONE: timeZone,
        ...(config === undefined ? {} : { RECYCLIQUE_MODULE_CONFIG: JSON.stringify(config) }),
        ...(configOrigin === undefined ? {} : { RECYCLIQUE_MODULE_CONFIG_ORIGIN: configOrigin }),
        ...(bus.isReduced ? { RECYCLIQUE_REDUCED: '1' } : { RECYCLIQUE_CREDS: bus.prepared.credsOf(name) }),
        ...held.env,
      }
      const program = manifest.run && { command: manifest.run, folder }
      const own = await flagsFor()
      const flags = [...held.flags, ...own, ...(own.length > 0 && held.flags.length > 0 ? ['--allow-inspector'] : [])]
      const started = spawnModule({ name, entry, program, env, data, leash, onLine, flags })
      capMemory(started, held.memoryMb, () => screen.say(fullWords(name, held.memoryMb), 'error'))
      return started
    },
  })
}

/** V8's own words when the heap that it was given is full. */
const HEAP_IS_FULL = 'JavaScript heap out of memory'

const fullWords = (name: string, mb: number): string =>
  `${name} wants more memory than the ${mb} MB that one of its processes may hold, and is ended. More: "memory: ${mb * 2}" in its line of recyclique.yaml`

/** Ended at once: what holds too much may not have the time to be asked. */
const capMemory = ({ pid, ended }: Started<void>, mostMb: number, say: () => void): void => {
  if (pid === undefined) return
  const over = () => {
    say()
    process.kill(pid, 'SIGKILL')
  }
  const watch = watchMemory({ pid, mostMb, over })
  void ended.then(watch.stop)
}

type Arrival = { module: StartableModule; keeper: Keeper<void>; kernelUrl: string; withinMs: number }

/** Its line once it is in, or is late and may still come; rejects with its own words where no new start can mend it. */
const arrivalOf = async ({ module, keeper, kernelUrl, withinMs }: Arrival): Promise<Row> => {
  const { name, manifest } = module
  const began = performance.now()
  const label = labelOf(module)
  const failure = await within(keeper.first, withinMs).then(
    () => undefined,
    (error: Error) => error,
  )
  if (failure instanceof InQuarantine || (failure instanceof EndedEarly && isFinal(failure.code))) throw failure
  if (failure) return { label, note: `not yet: it ${failure.message}` }
  const hasPages = (manifest.routes ?? []).length + (manifest.pages ?? []).length > 0
  return { label, ms: performance.now() - began, ...(hasPages ? { note: `${kernelUrl}/m/${name}/` } : {}) }
}

const rowOf = (launch: Launch<StartableModule, Row>): Row => {
  if (launch.state === 'active') return launch.value
  return { label: labelOf(launch.module), note: launch.state === 'waiting' ? launch.why : notStarted(launch.why) }
}

const labelOf = ({ name, manifest }: StartableModule): string => `${name} ${manifest.version}`

const notStarted = (why: string): string => `not started: ${why}`

const timeZoneOf = async (url: string): Promise<string> => {
  const { items } = await apiAt(url).get<{ items: { timeZone: string }[] }>('/v1/sites')
  return items[0]?.timeZone ?? 'Europe/Paris'
}
