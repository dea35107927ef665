import { stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { cachedServer, EXECUTABLE, type Server } from './nats/cache.ts'
import { fetchFromDebian } from './nats/from-debian.ts'
import { buildWithGo, GO_PACKAGE } from './nats/from-go.ts'
import { askVersion, FLOOR, isTested, isUnderFloor, TESTED_MINORS } from './nats/version.ts'

export { type RunningServer, startNatsServer } from './nats/start.ts'

/** Where a server came from. */
export type Origin = 'named' | 'path' | 'cache' | 'debian' | 'go'

export type FoundServer = Server & { origin: Origin }

type Find = { env: NodeJS.ProcessEnv; cacheDir?: string; say: (line: string) => void }

/**
 * Finds a nats-server that is good enough, and fetches one where there is none: what `RECYCLIQUE_NATS_SERVER` names, PATH, the
 * cache, Debian's package, `go install`. `say` hears what a person should know: what is fetched, and why a server was passed
 * over. Throws with the command to type where nothing helps, and where the server that was named is not fit: a named one is a wish,
 * and no other is taken in its stead.
 */
export const findNatsServer = async ({ env, cacheDir = cacheFolder(env), say }: Find): Promise<FoundServer> => {
  const found =
    (await namedServer(env)) ??
    from('path', await serverOnPath(env, say)) ??
    from('cache', await cachedServer(cacheDir, env)) ??
    from('debian', await fetchFromDebian({ env, cacheDir, say })) ??
    from('go', await buildWithGo({ env, cacheDir, say }))
  if (!found)
    throw new Error(`there is no nats-server ≥ ${FLOOR} on this machine, and none could be fetched. ${advice()}`)
  if (!isTested(found.version)) {
    say(
      `nats-server ${found.version} was never tested with Recyclique (tested: ${TESTED_MINORS.join(', ')}); using it all the same`,
    )
  }
  return found
}

/** The server that a start would take without fetching one. Changes nothing; throws where the one that was named is not fit. */
export const lookForNatsServer = async ({
  env,
  cacheDir = cacheFolder(env),
  say,
}: Find): Promise<FoundServer | undefined> =>
  (await namedServer(env)) ??
  from('path', await serverOnPath(env, say)) ??
  from('cache', await cachedServer(cacheDir, env, async (folder) => say(`${folder} holds a server that does not run`)))

/** `~/.cache/recyclique`, or where the desktop's rules (XDG) put such things. */
export const cacheFolder = (env: NodeJS.ProcessEnv): string =>
  join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), 'recyclique')

const from = (origin: Origin, server: Server | undefined): FoundServer | undefined => server && { ...server, origin }

const namedServer = async (env: NodeJS.ProcessEnv): Promise<FoundServer | undefined> => {
  const path = env.RECYCLIQUE_NATS_SERVER
  if (!path) return undefined
  const version = await askVersion(path, env)
  if (!version) throw new Error(`RECYCLIQUE_NATS_SERVER names ${path}, which does not run as a nats-server`)
  if (isUnderFloor(version)) throw new Error(`RECYCLIQUE_NATS_SERVER names ${path}: ${tooOld(version)}`)
  return { path, version, origin: 'named' }
}

const serverOnPath = async (env: NodeJS.ProcessEnv, say: (line: string) => void): Promise<Server | undefined> => {
  // Debian's package puts it into /usr/sbin, which is not on everybody's PATH.
  const folders = [...(env.PATH ?? '').split(delimiter), ...(process.platform === 'linux' ? ['/usr/sbin'] : [])]
  for (const folder of new Set(folders.filter((entry) => entry !== ''))) {
    const path = join(folder, EXECUTABLE)
    if (!(await stat(path).catch(() => undefined))?.isFile()) continue
    const version = await askVersion(path, env)
    if (version && !isUnderFloor(version)) return { path, version }
    say(`${path} is passed over: ${version ? tooOld(version) : 'it does not run as a nats-server'}`)
  }
  return undefined
}

const tooOld = (version: string): string =>
  `${version} is under ${FLOOR}; older servers can lose a whole stream when they are killed, or lack what Recyclique uses`

/** The one command that helps here. No addresses: a package manager knows where it gets things, and checks them. */
export const advice = (): string => {
  const command =
    {
      darwin: 'brew install nats-server',
      win32: 'winget install --exact --id NATSAuthors.NATSServer',
      linux: `sudo apt-get install nats-server   (Debian 13 or newer), or: go install ${GO_PACKAGE}`,
    }[process.platform as string] ?? `go install ${GO_PACKAGE}`
  return `Type:\n  ${command}\nor name one with RECYCLIQUE_NATS_SERVER=/path/to/nats-server`
}
