import { mkdir, mkdtemp, readFile, realpath, rename, rm, stat, symlink } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type EnvironmentOf, environmentKey } from './environment-key.ts'

export interface Environment {
  readonly folder: string
  /** False where it was there already. */
  readonly isNew: boolean
}

/** Installs dependencies into a folder, as `node_modules` below it. */
export type Install = (folder: string, dependencies: EnvironmentOf['dependencies']) => Promise<void>

/**
 * The folder with a module's dependencies below `home`: the one that is there, else a new one. It appears whole or not at all, so that an
 * install that was cut off is never taken for a finished one; of two who make it at the same time one wins.
 */
export const ensureEnvironment = async (home: string, of: EnvironmentOf, install: Install): Promise<Environment> => {
  const folder = join(home, environmentKey(of))
  if (await isThere(folder)) return { folder, isNew: false }
  await mkdir(home, { recursive: true })
  const draft = await mkdtemp(join(home, '.new-'))
  try {
    await install(draft, of.dependencies)
    await rename(draft, folder)
    return { folder, isNew: true }
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    if (await isThere(folder)) return { folder, isNew: false }
    throw error
  }
}

/** Lets a module use an environment: from now on its imports are found there. Another environment takes the place of the one before. */
export const useEnvironment = async (module: string, { folder }: Pick<Environment, 'folder'>): Promise<void> => {
  const target = await realpath(join(folder, 'node_modules'))
  const draft = join(module, `.node_modules.${process.pid}`)
  await rm(draft, { force: true })
  // A junction is a link that Windows lets anybody make.
  await symlink(target, draft, 'junction')
  await rename(draft, join(module, 'node_modules'))
}

/** What a module's `package.json` asks for. Throws where it cannot be read. */
export const environmentOf = async (module: string): Promise<EnvironmentOf> => {
  const said = JSON.parse(await readFile(join(module, 'package.json'), 'utf8')) as Partial<Record<string, unknown>>
  const { name, version = '0.0.0', dependencies = {} } = said
  // A scope's mark and slash make no part of a folder's name.
  const plain = String(name ?? basename(module))
    .replaceAll(/[^a-z0-9.-]+/g, '-')
    .replace(/^-/, '')
  return { name: plain, version: String(version), dependencies: dependencies as EnvironmentOf['dependencies'] }
}

const isThere = async (folder: string): Promise<boolean> => (await stat(folder).catch(() => undefined)) !== undefined
