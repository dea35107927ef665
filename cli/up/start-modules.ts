import { join } from 'node:path'
import { apiAt } from '../api.ts'
import { type FoundModule, isStartable, type StartableModule } from './find-modules.ts'
import { moduleEnv } from './module-env.ts'
import type { Run } from './run.ts'
import { spawnModule } from './spawn-module.ts'
import type { Bus } from './start-bus.ts'
import type { Row } from './tree.ts'

/** A module that is not in by then holds nobody up: it is shown as not yet there, and comes when it comes. */
const MODULE_READY_MS = 10_000

type StartModules = { modules: FoundModule[]; bus: Bus; kernelUrl: string }

/** Starts all modules at once, each in its own process with its own credentials, and gives a line of the tree for each. */
export const startModules = async (run: Run, { modules, bus, kernelUrl }: StartModules): Promise<Row[]> => {
  const timeZone = modules.length === 0 ? '' : await timeZoneOf(kernelUrl)
  return Promise.all(
    modules.map(async (module): Promise<Row> => {
      if (!isStartable(module)) return { label: module.name, note: `not started: ${module.why}` }
      return startOne(run, { module, bus, kernelUrl, timeZone })
    }),
  )
}

type StartOne = Omit<StartModules, 'modules'> & { module: StartableModule; timeZone: string }

const startOne = async (run: Run, { module, bus, kernelUrl, timeZone }: StartOne): Promise<Row> => {
  const { name, manifest } = module
  const { screen, leash, options } = run
  const began = performance.now()
  const env = {
    ...moduleEnv(name, process.env),
    NATS_URL: bus.url,
    RECYCLIQUE_SITE: bus.prepared.site,
    RECYCLIQUE_TIME_ZONE: timeZone,
    ...(bus.isReduced ? { RECYCLIQUE_REDUCED: '1' } : { RECYCLIQUE_CREDS: bus.prepared.credsOf(name) }),
  }
  const data = join(options.data, 'modules', name)
  const onLine = (line: string) => screen.hear(name, line)
  const keeper = run.keep(name, async () => spawnModule({ name, env, data, leash, onLine }))
  const label = `${name} ${manifest.version}`
  const outcome = await inTime(keeper.first)
  if (outcome !== undefined) return { label, note: `not yet: ${outcome}` }
  const hasPages = (manifest.routes ?? []).length + (manifest.pages ?? []).length > 0
  return { label, ms: performance.now() - began, ...(hasPages ? { note: `${kernelUrl}/m/${name}/` } : {}) }
}

/** Undefined once it is ready; else why it is not. */
const inTime = (first: Promise<void>): Promise<string | undefined> => {
  const late = Promise.withResolvers<string>()
  const timer = setTimeout(() => late.resolve(`not ready after ${MODULE_READY_MS / 1000} s`), MODULE_READY_MS)
  const settled = first.then(
    () => undefined,
    (error: Error) => `it ${error.message}`,
  )
  return Promise.race([settled, late.promise]).finally(() => clearTimeout(timer))
}

const timeZoneOf = async (url: string): Promise<string> => {
  const { items } = await apiAt(url).get<{ items: { timeZone: string }[] }>('/v1/sites')
  return items[0]?.timeZone ?? 'Europe/Paris'
}
