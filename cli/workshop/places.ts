import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { PackageInformation, Place } from './manifests.ts'

/** Where to look: folders that hold a folder for each module, and `node_modules` folders. */
export interface Sources {
  readonly folders: readonly string[]
  readonly packages?: readonly string[]
  /** Folders of one module each, whatever they are called: those that were installed. They come first. */
  readonly installed?: readonly string[]
}

const KEYWORD = 'recyclique-module'

/**
 * Every place where a module may lie, in order: what was installed, the folders, then npm packages with a manifest and the keyword
 * `recyclique-module`. A place that several ways lead to (a link of npm's) is given once.
 */
export const placesIn = async ({ folders, packages = [], installed = [] }: Sources): Promise<Place[]> => {
  const all = [
    ...(await onlyFolders(installed)).map((folder) => ({ folder, isPackage: true })),
    ...(await Promise.all(folders.map(foldersIn))).flat(),
    ...(await Promise.all(packages.map(packagesIn))).flat(),
  ]
  const real = await Promise.all(all.map(({ folder }) => realpath(folder)))
  return all.filter((_, nth) => real.indexOf(real[nth] ?? '') === nth)
}

const foldersIn = async (parent: string): Promise<Place[]> => {
  const names = await namesIn(parent)
  const folders = names.filter((name) => name !== 'node_modules').map((name) => join(parent, name))
  return Promise.all(
    (await onlyFolders(folders)).map(async (folder) => ({
      folder,
      isPackage: false,
      package: await packageIn(folder),
    })),
  )
}

/** Most packages are none of ours: one look for a manifest tells, without reading their `package.json`. */
const packagesIn = async (parent: string): Promise<Place[]> => {
  const names = await namesIn(parent)
  const scoped = await Promise.all(
    names
      .filter((name) => name.startsWith('@'))
      .map(async (scope) => (await namesIn(join(parent, scope))).map((name) => join(scope, name))),
  )
  const folders = [...names.filter((name) => !name.startsWith('@')), ...scoped.flat()].map((name) => join(parent, name))
  const places = await Promise.all(
    folders.map(async (folder): Promise<Place[]> => {
      if (!(await stat(join(folder, 'manifest.json')).catch(() => undefined))) return []
      const found = await readPackage(folder)
      return found?.isModule ? [{ folder, isPackage: true, package: found.information }] : []
    }),
  )
  return places.flat()
}

/** In order, without what editors and tools hide; nothing where the folder is not there. */
const namesIn = async (folder: string): Promise<string[]> => {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return []
    throw error
  })
  return names.filter((name) => !name.startsWith('.')).sort()
}

const onlyFolders = async (paths: readonly string[]): Promise<string[]> => {
  const kinds = await Promise.all(paths.map((path) => stat(path).catch(() => undefined)))
  return paths.filter((_, nth) => kinds[nth]?.isDirectory())
}

const packageIn = async (folder: string): Promise<PackageInformation | undefined> =>
  (await readPackage(folder))?.information

const readPackage = async (
  folder: string,
): Promise<{ information: PackageInformation; isModule: boolean } | undefined> => {
  try {
    const said = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>
    const information = { name: String(said.name ?? ''), version: String(said.version ?? '') }
    return { information, isModule: Array.isArray(said.keywords) && said.keywords.includes(KEYWORD) }
  } catch {
    // No package.json, or none that can be read: the manifest alone decides.
    return undefined
  }
}
