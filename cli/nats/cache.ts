import { copyFile, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { askVersion, compareVersions, isUnderFloor } from './version.ts'

/** A server that was found: where it lies, and which it is. */
export type Server = { path: string; version: string }

export const EXECUTABLE = process.platform === 'win32' ? 'nats-server.exe' : 'nats-server'
const WORK = '.work-'
const ABANDONED_MS = 3_600_000

/** The part of the cache that holds servers for this kind of machine: a home folder may be shared by several kinds. */
export const serversFolder = (cacheDir: string): string =>
  join(cacheDir, 'nats-server', `${process.platform}-${process.arch}`)

/** The newest cached server that is not under the floor. One that does not run, as after a power cut, is handed to `discard`. */
export const cachedServer = async (
  cacheDir: string,
  env: NodeJS.ProcessEnv,
  discard: (folder: string) => Promise<void> = throwAway,
): Promise<Server | undefined> => {
  const folder = serversFolder(cacheDir)
  const versions = (await readdir(folder).catch(() => [])).filter((name) => /^\d+\.\d+\.\d+$/.test(name))
  for (const version of versions
    .filter((name) => !isUnderFloor(name))
    .sort(compareVersions)
    .reverse()) {
    const path = join(folder, version, EXECUTABLE)
    if ((await askVersion(path, env)) === version) return { path, version }
    await discard(join(folder, version))
  }
  return undefined
}

const throwAway = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true })

/** Gives `work` a private folder beside the cached servers, and removes it whatever happens. */
export const withWorkFolder = async <T>(cacheDir: string, work: (folder: string) => Promise<T>): Promise<T> => {
  const parent = serversFolder(cacheDir)
  await mkdir(parent, { recursive: true })
  await removeAbandoned(parent)
  const folder = await mkdtemp(join(parent, WORK))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/**
 * Moves a whole, tried server into the cache. Two processes may fetch at once: a rename shows either nothing or everything,
 * and the one that comes second uses what the first one left.
 */
export const keepServer = async (cacheDir: string, folder: string, { path, version }: Server): Promise<Server> => {
  const ready = join(folder, 'ready')
  const kept = join(serversFolder(cacheDir), version)
  await mkdir(ready)
  await copyFile(path, join(ready, EXECUTABLE))
  try {
    await rename(ready, kept)
  } catch (error) {
    if (!(await stat(join(kept, EXECUTABLE)).catch(() => undefined))) throw error
  }
  return { path: join(kept, EXECUTABLE), version }
}

/** What a killed process left behind. A younger folder may be somebody's who is fetching right now. */
const removeAbandoned = async (parent: string): Promise<void> => {
  for (const name of (await readdir(parent)).filter((entry) => entry.startsWith(WORK))) {
    const made = await stat(join(parent, name)).catch(() => undefined)
    if (made && Date.now() - made.mtimeMs > ABANDONED_MS) await rm(join(parent, name), { recursive: true, force: true })
  }
}
