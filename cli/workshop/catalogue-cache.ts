import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type ManifestReader, retakeManifest } from './read-manifest.ts'

/**
 * The manifests that were read before, kept in a file over restarts: so a second look knows which points are empty without reading
 * one of them. Whatever is wrong with the file, it is made anew.
 */
export interface CatalogueCache {
  /** A reader that reads again only what has another time or size. */
  readonly readerOver: (read: ManifestReader) => ManifestReader
  /** Writes down what was seen since the last time, where something changed. */
  readonly keep: () => Promise<void>
}

type Stamp = { readonly mtimeMs: number; readonly size: number }
type Entry = Stamp & { readonly manifest: unknown }

/** Another number whenever the form of the file changes: an older one is then made anew. */
const FORM = 1

/** Opens the cache of a file; an empty one where the file is missing, damaged or of another form. */
export const openCatalogueCache = async (file: string): Promise<CatalogueCache> => {
  let kept = await load(file)
  let seen: Record<string, Entry> = {}
  return {
    readerOver: (read) => async (path) => {
      const stamp = await stampOf(path)
      if (!stamp) return read(path)
      const before = kept[path]
      const manifest = before && isSame(before, stamp) ? retakeManifest(before.manifest) : undefined
      const found = manifest ? { manifest } : await read(path)
      // What cannot be taken is read again each time: a person is about to mend it.
      if (found && 'manifest' in found) seen[path] = { ...stamp, manifest: found.manifest }
      return found
    },
    keep: async () => {
      const isNew = JSON.stringify(inOrder(seen)) !== JSON.stringify(inOrder(kept))
      kept = seen
      seen = {}
      // Only the next start is slower where it cannot be written.
      if (isNew) await write(file, kept).catch(() => {})
    },
  }
}

const load = async (file: string): Promise<Record<string, Entry>> => {
  try {
    const said = JSON.parse(await readFile(file, 'utf8')) as { form?: unknown; manifests?: unknown }
    const isOurs = said.form === FORM && typeof said.manifests === 'object' && said.manifests !== null
    return isOurs ? (said.manifests as Record<string, Entry>) : {}
  } catch {
    return {}
  }
}

/** Whole or not at all: two starts may write at the same time. */
const write = async (file: string, manifests: Record<string, Entry>): Promise<void> => {
  const draft = `${file}.${process.pid}.new`
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  await writeFile(draft, JSON.stringify({ form: FORM, manifests: inOrder(manifests) }))
  await rename(draft, file)
}

const stampOf = async (path: string): Promise<Stamp | undefined> => {
  const found = await stat(path).catch(() => undefined)
  return found && { mtimeMs: found.mtimeMs, size: found.size }
}

const isSame = (before: Stamp, now: Stamp): boolean => before.mtimeMs === now.mtimeMs && before.size === now.size

const inOrder = (entries: Record<string, Entry>): Record<string, Entry> =>
  Object.fromEntries(Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1)))
