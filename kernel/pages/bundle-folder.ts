import { createHash, randomUUID } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type BundleFile, BundlePath, listingText, parse } from '@recyclique/contracts'

/** A bundle on the kernel's disk. */
export interface KeptBundle {
  readonly sha256: string
  /** By path. */
  readonly files: ReadonlyMap<string, BundleFile>
  /** Where the content of a file lies: under its own hash, so that no name of a module's choice ever becomes one on this disk. */
  readonly placeOf: (file: BundleFile) => string
}

const LISTING = 'listing'
const UNFINISHED = 'unfinished-'

export const sha256Of = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex')

/** The bundle of this hash, every byte of it looked at; undefined where it is not there or is damaged. */
export const readBundle = async (root: string, sha256: string): Promise<KeptBundle | undefined> => {
  const folder = join(root, sha256)
  try {
    const text = await readFile(join(folder, LISTING), 'utf8')
    if (sha256Of(text) !== sha256) return undefined
    const kept = bundleIn(folder, sha256, text.split('\n').filter(Boolean).map(lineRead))
    for (const file of kept.files.values())
      if (sha256Of(await readFile(kept.placeOf(file))) !== file.sha256) return undefined
    return kept
  } catch {
    return undefined
  }
}

/** Writes a bundle beside its place, and puts it there when all of it is on disk. `contentOf` gives the parts of a file, in order. */
export const writeBundle = async (
  root: string,
  files: readonly BundleFile[],
  contentOf: (file: BundleFile) => AsyncIterable<Uint8Array>,
): Promise<KeptBundle> => {
  const text = listingText(files)
  const sha256 = sha256Of(text)
  const [unfinished, folder] = [join(root, `${UNFINISHED}${randomUUID()}`), join(root, sha256)]
  await mkdir(unfinished, { recursive: true })
  try {
    await severalAtOnce(unique(files), (file) => writeSynced(join(unfinished, file.sha256), contentOf(file)))
    await writeSynced(join(unfinished, LISTING), [Buffer.from(text)])
    await sync(unfinished)
    // Whatever lies there was found damaged.
    await rm(folder, { recursive: true, force: true })
    await rename(unfinished, folder)
    await sync(root)
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
  return bundleIn(folder, sha256, files)
}

/** Takes away all but these. */
export const sweepBundles = async (root: string, wanted: ReadonlySet<string>): Promise<void> => {
  const there = await readdir(root).catch(() => [])
  for (const name of there) {
    const isOurs = /^[0-9a-f]{64}$/.test(name) || name.startsWith(UNFINISHED)
    if (isOurs && !wanted.has(name)) await rm(join(root, name), { recursive: true, force: true })
  }
}

const bundleIn = (folder: string, sha256: string, files: readonly BundleFile[]): KeptBundle => ({
  ...{ sha256, files: new Map(files.map((one) => [one.path, one])) },
  placeOf: (file) => join(folder, file.sha256),
})

/** The same content under two names lies here once. */
const unique = (files: readonly BundleFile[]) => [...new Map(files.map((file) => [file.sha256, file])).values()]

/** Waiting for the disk takes longest, and sixteen files wait no longer than one. After a failure no other is begun. */
const severalAtOnce = async <T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> => {
  const rest = items.values()
  const failures: unknown[] = []
  const worker = async () => {
    for (const item of rest) {
      await work(item).catch((error) => failures.push(error))
      if (failures.length > 0) return
    }
  }
  await Promise.all(Array.from({ length: 16 }, worker))
  if (failures.length > 0) throw failures[0]
}

const lineRead = (line: string): BundleFile => {
  const [, sha256 = '', bytes = '', path = ''] = /^([0-9a-f]{64}) (\d{1,9}) (.+)$/.exec(line) ?? []
  return { path: parse(BundlePath, path), bytes: Number(bytes), sha256 }
}

const writeSynced = async (path: string, parts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>) => {
  const file = await open(path, 'wx')
  try {
    for await (const part of parts) await file.writeFile(part)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** A new name in a folder is on disk when the folder is; Windows has no such thing. */
const sync = async (folder: string) => {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
