import { stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Manifest } from '@recyclique/contracts'
import type { ManifestReader } from './read-manifest.ts'

/** A module that can be started: where it is, what it says of itself, and which file runs it. */
export interface StartableModule {
  readonly name: string
  readonly folder: string
  /** The file that is run; of one whose manifest says `run`, the manifest. */
  readonly entry: string
  readonly manifest: Manifest
  /** The npm package that it came in, where it came in one. */
  readonly package?: PackageInformation | undefined
  /** What the installation configures for it; nothing where it says nothing. */
  readonly config?: Readonly<Record<string, unknown>> | undefined
  /** Where its configuration was said. */
  readonly configOrigin?: string | undefined
  /** Megabytes that the installation lets one of its processes hold. */
  readonly memory?: number | undefined
}

/** A folder, or a name, of which no module can be started: `why` names file, field and what to do. */
export interface UnfitModule {
  readonly name: string
  readonly folder?: string
  readonly why: string
}

export interface PackageInformation {
  readonly name: string
  readonly version: string
}

export type FoundModule = StartableModule | UnfitModule

export const isStartable = (module: FoundModule): module is StartableModule => 'manifest' in module

/** A place where a module may lie. `isPackage`: npm chose the folder's name, so it need not be the module's. */
export interface Place {
  readonly folder: string
  readonly isPackage: boolean
  readonly package?: PackageInformation | undefined
}

/** TypeScript first; npm packages bring JavaScript, since Node takes no types off inside `node_modules`. */
const ENTRIES = ['main.ts', 'main.js']

/**
 * What lies in a folder, read without running any of its code; undefined where it is no module and means to be none: a package
 * without a `main` is a library, as the SDK is.
 */
export const lookInto = async (place: Place, read: ManifestReader): Promise<FoundModule | undefined> => {
  const { folder, isPackage } = place
  const file = join(folder, 'manifest.json')
  const [said, entry] = await Promise.all([read(file), entryIn(folder)])
  const name = basename(folder)
  if (said === undefined) return isLibrary(place, entry) ? undefined : { name, folder, why: noManifest(file) }
  if ('why' in said) return { name, folder, why: said.why }
  const { manifest } = said
  if (!isPackage && manifest.name !== name) return { name, folder, why: otherName(file, manifest.name, name) }
  const runs = manifest.run ? file : entry
  if (runs === undefined) return { name: manifest.name, folder, why: noEntry(folder) }
  return { name: manifest.name, folder, entry: runs, manifest, ...(place.package ? { package: place.package } : {}) }
}

const entryIn = async (folder: string): Promise<string | undefined> => {
  for (const name of ENTRIES) if (await isFile(join(folder, name))) return join(folder, name)
  return undefined
}

const isFile = async (path: string): Promise<boolean> => (await stat(path).catch(() => undefined))?.isFile() ?? false

const isLibrary = (place: Place, entry: string | undefined): boolean => place.package !== undefined && !entry

const noManifest = (file: string): string =>
  `there is no ${file}: write one (modules/live-figures has one to begin with), or take the folder away`
const otherName = (file: string, said: string, name: string): string =>
  `${file}: /name says '${said}', but the folder is '${name}': make them the same`
const noEntry = (folder: string): string =>
  `there is no main.ts (or main.js) in ${folder}: it is the file that is run; in another language say in manifest.json how it is started, as in "run": ["python3", "main.py"]`
