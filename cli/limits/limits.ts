import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Manifest, type RunsName, USUAL_MEMORY_MB } from '@recyclique/contracts'
import { ROOT } from '../paths.ts'
import { isFullPath, reachOf, type Setting } from './reach.ts'

/** What one process of a module may have of the machine, besides the bus. Paths are whole; `net` and `listen` name hosts and ports, no settings. */
export interface Limits {
  readonly module: string
  readonly read: readonly string[]
  readonly write: readonly string[]
  readonly net: readonly string[]
  readonly listen: readonly string[]
  readonly runs: readonly RunsName[]
  readonly memoryMb: number
}

export interface Held {
  readonly manifest: Manifest
  /** Its own folder and those of its libraries, links as well as where they lead. */
  readonly folders: readonly string[]
  readonly creds?: string | undefined
  /** Where it keeps what is its own. */
  readonly data: string
  /** Where Node keeps what it compiled for this module; another module's would run what this one wrote. */
  readonly compiled?: string | undefined
  readonly servers: string
  /** What is set for it, as it will read it. */
  readonly config: Readonly<Record<string, unknown>>
  readonly isGranted: (right: string) => boolean
  /** The installation's word on memory. */
  readonly memory?: number | undefined
}

/** The part of the program that is loaded into each process that is held. */
export const GUARD = join(ROOT, 'cli', 'limits', 'guard')

/** What comes of the manifest and of what was granted. `unset`: settings that stand for a host, a port or a path, and are not set. */
export const limitsOf = (held: Held): Limits & { readonly unset: readonly Setting[] } => {
  const { manifest, folders, creds, data, compiled, servers, config, isGranted, memory } = held
  const reach = reachOf(manifest, isGranted, config)
  const own = [data, ...(compiled === undefined ? [] : [compiled])]
  const asked = manifest.permissions?.memory
  const granted = asked !== undefined && isGranted(`memory:${asked}`) ? asked : USUAL_MEMORY_MB
  return {
    module: manifest.name,
    read: [GUARD, ...folders, ...own, ...(creds === undefined ? [] : [creds]), ...secretFiles(config), ...reach.read],
    write: [...own, ...reach.write],
    net: [...serversIn(servers), ...reach.net],
    listen: reach.listen,
    runs: (manifest.permissions?.runs ?? []).filter((one) => isGranted(`runs:${one}`)),
    memoryMb: memory ?? granted,
    unset: reach.unset,
  }
}

const serversIn = (servers: string): string[] =>
  servers.split(',').map((one) => {
    const { hostname, port } = new URL(one.includes('://') ? one.trim() : `nats://${one.trim()}`)
    return `${hostname}:${port || '4222'}`
  })

/** The operator set them for this module: that it reads them is what they are for. */
const secretFiles = (config: Held['config']): string[] =>
  Object.values(config)
    .filter((value) => typeof value === 'string' && value.startsWith('file:'))
    .map((value) => String(value).slice('file:'.length))
    .filter(isFullPath)

/** The rest is what Node itself takes, and buffers: who fills its heap ends with V8's own words, before all of it counts as too much. */
const heapMb = (memoryMb: number): number => Math.round(memoryMb * 0.6)

const RUNS: Readonly<Record<RunsName, string>> = {
  programs: '--allow-child-process',
  threads: '--allow-worker',
  addons: '--allow-addons',
  wasi: '--allow-wasi',
}

/** The limits as options of Node's own. Folders that are to be written must be there: Node looks what they are when it starts. */
export const flagsOf = ({ read, write, runs, memoryMb }: Limits): string[] => [
  '--permission',
  ...all(read).map((path) => `--allow-fs-read=${path}`),
  ...all(write).map((path) => `--allow-fs-write=${path}`),
  ...runs.map((one) => RUNS[one]),
  `--max-old-space-size=${heapMb(memoryMb)}`,
  `--import=${pathToFileURL(join(GUARD, 'main.ts')).href}`,
]

/** A path means itself and what is below it; one that lies in another is said by that. */
const all = (paths: readonly string[]): string[] => {
  const whole = [...new Set(paths)]
  return whole.filter((path) => !isInside(path, whole)).flatMap((path) => [path, join(path, '*')])
}

const isInside = (path: string, folders: readonly string[]): boolean => {
  const above = dirname(path)
  return above !== path && (folders.includes(above) || isInside(above, folders))
}

/** What the guard in the process reads. */
export const guardEnv = ({ module, net, listen, runs }: Limits): NodeJS.ProcessEnv => ({
  RECYCLIQUE_LIMITS: JSON.stringify({ module, net, listen, runs }),
})
