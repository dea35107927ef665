import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'
import {
  BUNDLE,
  type BundleClaim,
  type BundleFile,
  BundlePath,
  listingText,
  Misfit,
  parse,
} from '@recyclique/contracts'
import { ModuleError } from './errors.ts'

/** A folder of static files as it was at the start: which, how long, and their hashes. */
export interface Bundle {
  readonly folder: string
  readonly claim: BundleClaim
  /** By path. */
  readonly files: ReadonlyMap<string, BundleFile>
  /** The same in the order of the listing. */
  readonly listing: readonly BundleFile[]
}

/**
 * Reads the folder with all below it. Names that begin with a dot stay out. Throws a `ModuleError` for a folder that cannot be handed
 * over: too much in it, a name that not every disk and address can bear, a link that leads out of it.
 */
export const listBundle = (folder: string): Bundle => {
  const files = filesIn(folder)
    .map((path) => listed(folder, path))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
  const bytes = files.reduce((all, one) => all + one.bytes, 0)
  if (files.length === 0) throw unfit(folder, 'it holds no file')
  if (files.length > BUNDLE.mostFiles)
    throw unfit(folder, `it holds ${files.length} files, and ${BUNDLE.mostFiles} is the most`)
  if (bytes > BUNDLE.mostBytes)
    throw unfit(folder, `it holds ${megabytes(bytes)} MB, and ${megabytes(BUNDLE.mostBytes)} is the most`)
  const sha256 = sha256Of(listingText(files))
  return {
    ...{ folder, listing: files, files: new Map(files.map((one) => [one.path, one])) },
    claim: { sha256, files: files.length, bytes },
  }
}

const filesIn = (folder: string): string[] => {
  try {
    return pathsBelow(folder, realpathSync(folder), '')
  } catch (error) {
    if (error instanceof ModuleError) throw error
    throw unfit(folder, `it cannot be read (${(error as NodeJS.ErrnoException).code})`, error)
  }
}

/** Links to files inside are followed. A linked folder is not: it may hold itself. */
const pathsBelow = (folder: string, root: string, below: string): string[] =>
  readdirSync(join(folder, below), { withFileTypes: true })
    .filter(({ name }) => !name.startsWith('.'))
    .flatMap((entry) => {
      const path = below === '' ? entry.name : `${below}/${entry.name}`
      if (entry.isDirectory()) return pathsBelow(folder, root, path)
      const real = realpathSync(join(folder, path))
      if (!real.startsWith(root + sep)) throw unfit(folder, `${path} leads out of it, to ${real}: put a copy there`)
      if (!statSync(real).isFile()) throw unfit(folder, `${path} is no file: put a copy there`)
      return [path]
    })

const listed = (folder: string, path: string): BundleFile => {
  try {
    parse(BundlePath, path, 'its name')
  } catch (error) {
    if (!(error instanceof Misfit)) throw error
    throw unfit(folder, `'${path}' must be ${BundlePath.description}: rename it`)
  }
  const content = readFileSync(join(folder, path))
  return { path, bytes: content.length, sha256: sha256Of(content) }
}

const sha256Of = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex')

const megabytes = (bytes: number) => Math.round(bytes / 100_000) / 10

const unfit = (folder: string, why: string, cause?: unknown) =>
  new ModuleError('pages-unfit', { folder, why }, { cause })
