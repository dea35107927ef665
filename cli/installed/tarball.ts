import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { Parser, type ReadEntry, Unpack } from 'tar'
import { CannotDo } from '../bad-use.ts'

/** How much an archive may come to; beyond it nobody goes on reading. */
export interface Bounds {
  readonly bytes: number
  readonly entries: number
}

const MB = 1024 * 1024
/** Of a module without its libraries. */
export const MODULE_BOUNDS: Bounds = { bytes: 128 * MB, entries: 20_000 }
/** Of a bundle with all libraries of all its modules. */
export const BUNDLE_BOUNDS: Bounds = { bytes: 2_048 * MB, entries: 500_000 }

/**
 * Unpacks a tar archive (gzipped or not) into an empty folder. It is looked through first: where one entry would land outside the
 * folder, or is a link, a device or a pipe, nothing is written at all, and each such entry is named. Throws a `CannotDo`.
 */
export const unpack = async (file: string, into: string, bounds: Bounds): Promise<void> => {
  const flaws = await flawsIn(file, bounds)
  if (flaws.length > 0) throw new CannotDo([`${file} is not unpacked:`, ...flaws].join('\n  '))
  // Looked through is not kept: what was swapped in between is stopped by the library's own checks.
  await run(file, bounds, new Unpack({ cwd: into, strict: true, preserveOwner: false, noMtime: true }))
}

/** The paths in an archive, as far as they are needed to tell what it is. Throws a `CannotDo` for what is no archive. */
export const pathsIn = async (file: string, bounds: Bounds): Promise<string[]> => {
  const paths: string[] = []
  await readEntries(file, bounds, ({ path }) => void paths.push(path))
  return paths
}

const MOST_FLAWS = 10

const flawsIn = async (file: string, bounds: Bounds): Promise<string[]> => {
  const flaws: string[] = []
  await readEntries(file, bounds, (entry) => {
    const why = flawOf(entry)
    if (why !== undefined && flaws.length < MOST_FLAWS) flaws.push(`${shown(entry.path)} ${why}`)
  })
  return flaws
}

const flawOf = ({ path, type, linkpath }: ReadEntry): string | undefined => {
  if (/^(?:[/\\]|[A-Za-z]:)/.test(path)) return 'is an absolute path: pack the module with paths inside its folder'
  if (path.split(/[/\\]/).includes('..')) return "leads out of its folder ('..')"
  if (path.includes('\\') || hasControl(path)) return 'is no path that every system can have'
  if (type === 'SymbolicLink' || type === 'Link')
    return `is a link to ${shown(linkpath ?? '')}: pack files, and no links (tar -h does)`
  return PLAIN.has(type) ? undefined : `is neither a file nor a folder (${type})`
}

const PLAIN: ReadonlySet<string> = new Set(['File', 'OldFile', 'ContiguousFile', 'Directory', 'GNUDumpDir'])

const hasControl = (text: string): boolean => [...text].some((letter) => letter < ' ' || letter === '\u007f')

/** A name that a stranger chose must not steer a terminal, nor fill it. */
const shown = (path: string): string => JSON.stringify(path.length > 120 ? `${path.slice(0, 120)}…` : path)

const readEntries = async (file: string, bounds: Bounds, hear: (entry: ReadEntry) => void): Promise<void> => {
  let seen = 0
  let bytes = 0
  const parser = new Parser({ strict: true })
  const look = (entry: ReadEntry): void => {
    seen += 1
    bytes += entry.size
    if (seen > bounds.entries) return void parser.abort(tooMuch(file, `more than ${bounds.entries} entries`))
    if (bytes > bounds.bytes) return void parser.abort(tooMuch(file, `more than ${bounds.bytes / MB} MB`))
    hear(entry)
    entry.resume()
  }
  parser.on('entry', look)
  parser.on('ignoredEntry', look)
  await run(file, bounds, parser)
}

const tooMuch = (file: string, what: string): Error =>
  new CannotDo(`${file} comes to ${what}: that is no module. If it is, leave out what it does not need to run`)

/** Counts what comes out of the compression, too: behind the last entry a bomb need not name itself. */
const run = async (file: string, bounds: Bounds, sink: Parser): Promise<void> => {
  const found = await stat(file).catch(() => undefined)
  if (!found?.isFile()) throw new CannotDo(`there is no file ${file}`)
  let bytes = 0
  const counter = new Transform({
    transform(part: Buffer, _, done) {
      bytes += part.length
      // Heads and padding come to 1.5 kB an entry at most.
      const isTooMuch = bytes > bounds.bytes + bounds.entries * 1_536
      done(isTooMuch ? tooMuch(file, `more than ${bounds.bytes / MB} MB`) : null, part)
    },
  })
  try {
    const unzip = (await isGzip(file)) ? [createGunzip()] : []
    await pipeline([createReadStream(file), ...unzip, counter, asWritable(sink)] as NodeJS.ReadWriteStream[])
  } catch (cause) {
    if (cause instanceof CannotDo) throw cause
    throw new CannotDo(`${file} is no tar archive that can be read: ${(cause as Error).message}`, { cause })
  }
}

/** The parser is a stream of an older kind: Node's own pipeline wants one that says when it is done. */
const asWritable = (sink: Parser): Transform => {
  let failure: Error | undefined
  const over = new Promise<void>((resolve) => {
    sink.on('error', (error: Error) => {
      failure ??= error
      resolve()
    })
    sink.on('close', resolve)
    sink.on('end', resolve)
  })
  return new Transform({
    transform(part: Buffer, _, done) {
      if (failure) return done(failure)
      if (sink.write(part) || failure) return done(failure ?? null)
      sink.once('drain', () => done(failure ?? null))
    },
    flush(done) {
      sink.end()
      void over.then(() => done(failure ?? null))
    },
  }).resume()
}

const isGzip = async (file: string): Promise<boolean> => {
  const handle = await open(file)
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0)
  await handle.close()
  return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b
}
