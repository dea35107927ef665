import { copyFile, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { InstalledVersion, Manifest } from '@recyclique/contracts'
import { CannotDo } from '../bad-use.ts'
import { isAlive } from '../up/process-group.ts'
import { checkFolder } from '../workshop/check-module.ts'
import { installWithNpm } from '../workshop/npm-install.ts'
import { librariesOf } from '../workshop/package-flaws.ts'
import { layKit } from './home.ts'
import { obtain, type Source, wordsOf } from './obtain.ts'
import { during } from './progress.ts'
import { checkSigned, type Trust } from './signature.ts'
import { hashOfTree } from './tree.ts'

/** A module that lies ready, whole and checked; which version is in force the index says, and nobody else. */
export interface Laid {
  readonly name: string
  readonly manifest: Manifest
  /** The index's line for it. */
  readonly as: InstalledVersion
}

const HASH_LENGTH = 12

/** The name by which a module is installed: who it is, and a hash over all that it is. */
export const folderNameOf = async ({ name, version }: Manifest, folder: string): Promise<string> =>
  `${name}-${version}-${(await hashOfTree(folder)).slice(0, HASH_LENGTH)}`

/**
 * Lays a module ready below `home`, with the libraries that it asks for, under the hash of all that it is. It appears whole or not at
 * all: what was cut off lies in a draft that counts for nothing, and that the next install takes away. Throws a `CannotDo` with
 * everything that is wrong with it at once.
 */
export const layReady = async (home: string, source: Source, trust: Trust = ANYBODY): Promise<Laid> => {
  return inDraft(home, async (draft) => {
    const module = await obtain(source, draft)
    const { manifest, flaws } = await checkFolder(module)
    if (flaws.length > 0 || !manifest) throw new CannotDo(refusal(source, flaws, module))
    // Before anything is added to it: what its author signed is what came.
    const signedBy = await checkSigned(module, manifest, trust)
    await bringLibraries(module, draft, manifest.name)
    const folder = await folderNameOf(manifest, module)
    await moveInto(module, join(home, folder))
    const signer = signedBy === undefined ? {} : { signedBy }
    const as = { version: manifest.version, folder, ...typedAs(source), ...signer, at: new Date().toISOString() }
    return { name: manifest.name, manifest, as }
  })
}

/** Nobody looks who signed it. */
export const ANYBODY: Trust = { policy: 'off', say: () => {} }

/** Works in a folder that counts for nothing, beside those that do: what becomes of it is moved out in one step. */
export const inDraft = async <T>(home: string, work: (draft: string) => Promise<T>): Promise<T> => {
  await mkdir(home, { recursive: true, mode: 0o700 })
  await layKit(home)
  await sweep(home)
  const draft = await mkdtemp(join(home, `.new-${process.pid}-`))
  try {
    return await work(draft)
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

const typedAs = (source: Source) =>
  source.kind === 'npm'
    ? { source: source.spec, ...(source.registry === undefined ? {} : { registry: source.registry }) }
    : { source: source.path }

/** The draft's path says nothing to a person. */
const refusal = (source: Source, flaws: readonly string[], folder: string): string =>
  [`${wordsOf(source)} is not installed:`, ...flaws.map((flaw) => flaw.replaceAll(`${folder}/`, ''))].join('\n  ')

/**
 * The libraries that its `package.json` asks for, in a `node_modules` of its own: another module's may be of other versions. A lockfile
 * that it brings is followed; the one that npm writes stays beside it.
 */
const bringLibraries = async (module: string, draft: string, name: string): Promise<void> => {
  await rm(join(module, 'node_modules'), { recursive: true, force: true })
  const libraries = await librariesOf(module)
  const count = Object.keys(libraries).length
  if (count === 0) return
  const place = join(draft, 'libraries')
  await mkdir(place)
  await copyFile(join(module, 'package-lock.json'), join(place, 'package-lock.json')).catch(() => {})
  await during(`installing ${count === 1 ? 'one library' : `${count} libraries`} of ${name} with npm`, () =>
    installWithNpm(place, libraries),
  )
  await rename(join(place, 'node_modules'), join(module, 'node_modules'))
  await rename(join(place, 'package-lock.json'), join(module, 'package-lock.json'))
}

/** The same hash is the same content: who is there already may stay. */
export const moveInto = async (module: string, target: string): Promise<void> => {
  if (await isThere(target)) return
  await rename(module, target).catch(async (error) => {
    if (!(await isThere(target))) throw error
  })
}

/** Takes away the drafts of installs that were cut off. */
const sweep = async (home: string): Promise<void> => {
  for (const name of await readdir(home)) {
    const pid = Number(/^\.new-(\d+)-/.exec(name)?.[1])
    if (pid > 0 && !isAlive(pid)) await rm(join(home, name), { recursive: true, force: true })
  }
}

const isThere = async (path: string): Promise<boolean> => (await stat(path).catch(() => undefined)) !== undefined
