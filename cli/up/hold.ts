import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { ConfigView, GrantPolicy, PermissionsView } from '@recyclique/contracts'
import { type Api, apiAt, Refused } from '../api.ts'
import { grantsOf, keptConfig } from '../limits/granted.ts'
import { codeFolders } from '../limits/libraries.ts'
import { flagsOf, guardEnv, type Limits, limitsOf } from '../limits/limits.ts'
import { cacheFolder } from '../nats-server.ts'
import type { StartableModule } from '../workshop/manifests.ts'
import type { Run } from './run.ts'
import type { Bus } from './start-bus.ts'

/** How a process is started so that it is held to what its module was granted. */
export interface Held {
  readonly flags: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly memoryMb: number
  /** A line of its log: some say that something was decided or set, and its limits may be others now. */
  readonly hear: (line: string) => void
}

/** Holds modules' processes to their limits, and notices when those change. */
export interface Hold {
  readonly begin: (module: StartableModule) => Promise<Held>
  /** From now on called with whoever should be started anew: its limits are others than those it was started with. */
  readonly onChange: (act: (name: string) => Promise<void>) => void
}

type Parts = { run: Pick<Run, 'options' | 'screen'>; bus: Bus; kernelUrl: string }

export const holdModules = ({ run, bus, kernelUrl }: Parts): Hold => {
  const { options, screen } = run
  const isOff = process.env.RECYCLIQUE_MODULE_LIMITS === 'off'
  if (isOff) screen.say(OFF, 'warn')
  const ask = askKernel(apiAt(kernelUrl))
  const usual = options.dev ? 'all' : ((process.env.RECYCLIQUE_GRANTS || 'first') as GrantPolicy)
  const said = new Set<string>()
  /** What changed while everything still starts, before anybody could act on it: a kernel shows what is kept for a module once that has come. */
  const early = new Set<string>()
  let changed = async (name: string): Promise<void> => void early.add(name)

  const sayOnce = (line: string, level?: 'warn'): void => {
    if (!said.has(line)) screen.say(line, level)
    said.add(line)
  }

  const limitsFor = async ({ name, folder, manifest, config = {}, memory }: StartableModule) => {
    const { view, kept } = await ask(name)
    return limitsOf({
      manifest,
      folders: await codeFolders(folder),
      creds: bus.isReduced ? undefined : bus.prepared.credsOf(name),
      data: join(options.data, 'modules', name),
      compiled: compiledFor(name),
      servers: bus.url,
      config: { ...config, ...kept },
      isGranted: grantsOf(view, usual),
      memory,
    })
  }

  /** Looks again where its log gives a reason to; says each change once. */
  const follow = (module: StartableModule, started: Limits) => {
    let last = started
    return (line: string): void => {
      if (!NEWS.some((words) => line.includes(words))) return
      void limitsFor(module)
        .then(async ({ unset: _, ...now }) => {
          if (isDeepStrictEqual(now, last)) return
          last = now
          await changed(module.name)
        })
        .catch((error: Error) => screen.say(`${module.name}: ${error.message}`, 'error'))
    }
  }

  return {
    begin: async (module) => {
      const { name, manifest } = module
      const { unset, ...limits } = await limitsFor(module)
      const { memoryMb } = limits
      if (manifest.run) sayOnce(notHeld(name, manifest.run[0]), 'warn')
      if (isOff || manifest.run) return { flags: [], env: {}, memoryMb, hear: () => {} }
      for (const { key, right } of unset)
        sayOnce(`${name}: nothing is set for '${key}' yet, so ${right} comes to nothing until it is`)
      await mkdir(compiledFor(name), { recursive: true })
      const env = { ...guardEnv(limits), NODE_COMPILE_CACHE: compiledFor(name) }
      return { flags: flagsOf(limits), env, memoryMb, hear: follow(module, limits) }
    },
    onChange: (act) => {
      changed = act
      for (const name of early) void act(name).catch((error: Error) => screen.say(`${name}: ${error.message}`, 'error'))
    },
  }
}

/** What a module says in its log when it was let in, or waits, or something was set for it. */
const NEWS = ['"admitted"', 'the kernel lets this module wait', 'what is set for this module']

const OFF =
  'RECYCLIQUE_MODULE_LIMITS=off: no module is held to what it was granted on this machine: each may read, write and reach what you may'

const notHeld = (name: string, program = ''): string =>
  `${name} is started as ${program}: nothing on this machine holds it to the files and hosts that it was granted. Where that matters, run it in a container.`

const compiledFor = (name: string): string => join(cacheFolder(process.env), 'compiled-modules', name)

/** What the kernel knows of a module; while nobody answers, what it knew last. */
const askKernel = (api: Api) => {
  const known = new Map<string, { view: PermissionsView | undefined; kept: Record<string, unknown> }>()
  const found = <T>(path: string): Promise<T | undefined> =>
    api.get<T>(path, { withinMs: 2_000 }).catch((error: unknown) => {
      if (error instanceof Refused && error.status === 404) return undefined
      throw error
    })
  return async (name: string) => {
    try {
      const [view, config] = await Promise.all([
        found<PermissionsView>(`/v1/modules/${name}/permissions`),
        found<ConfigView>(`/v1/modules/${name}/config`),
      ])
      known.set(name, { view, kept: keptConfig(config) })
    } catch {
      // The kernel is starting again: a module is not kept down for that.
    }
    return known.get(name) ?? { view: undefined, kept: {} }
  }
}
