import type { BundleFile, ModulePage } from '@recyclique/contracts'
import type { Log } from '../bus/port.ts'
import type { Read } from '../store/port.ts'
import { type Change, put, type Row, remove } from '../store/table.ts'
import { type KeptBundle, readBundle, sweepBundles, writeBundle } from './bundle-folder.ts'

/** The pages of one module, as they are served: whether it is there or not. */
export interface Shelved {
  readonly module: string
  readonly version: string
  readonly pages: readonly ModulePage[]
  /** Absent: its pages are routes of its own, or its bundle was damaged and is fetched again. */
  readonly bundle: KeptBundle | undefined
  /** What a browser that still shows the version before may ask for. */
  readonly previous: KeptBundle | undefined
}

export interface ShelfParts {
  /** The folder of all bundles. */
  readonly root: string
  readonly read: Read
  readonly write: (changes: readonly Change[]) => Promise<void>
  readonly log: Log
}

interface PageRow extends Row {
  readonly module: string
  readonly version: string
  readonly pages: string
  readonly bundle: string | null
  readonly previous: string | null
}

/** What a module that was let in shows; `bundle` is the hash of its files, where it has some. */
export type Shown = Pick<Shelved, 'module' | 'version' | 'pages'> & { readonly bundle: string | undefined }

/** The pages of all modules, on disk and in memory: what is served, and nothing that is not whole. */
export const openShelf = async ({ root, read, write, log }: ShelfParts) => {
  const shelved = new Map<string, Shelved>()

  const load = async (sha256: string | null, module: string): Promise<KeptBundle | undefined> => {
    if (sha256 === null) return undefined
    const bundle = await readBundle(root, sha256)
    if (!bundle) log.warn({ module, bundle: sha256 }, 'the files of a page are gone or damaged: they are fetched again')
    return bundle
  }

  const wanted = () =>
    new Set([...shelved.values()].flatMap(({ bundle, previous }) => [bundle?.sha256 ?? '', previous?.sha256 ?? '']))

  /** What nobody has any more is taken away; where that fails it is tried at the next change. */
  const sweep = () =>
    sweepBundles(root, wanted()).catch((err) => log.warn({ err }, 'old pages could not be taken off the disk'))

  for (const row of await read.all<PageRow>('SELECT * FROM page_bundle ORDER BY module')) {
    const { module, version } = row
    const [bundle, previous] = [await load(row.bundle, module), await load(row.previous, module)]
    shelved.set(module, { module, version, pages: JSON.parse(row.pages) as ModulePage[], bundle, previous })
  }
  await sweep()

  return {
    of: (module: string): Shelved | undefined => shelved.get(module),
    all: (): readonly Shelved[] => [...shelved.values()],

    /** Files that are known already, of whichever module. */
    find: (sha256: string): KeptBundle | undefined =>
      [...shelved.values()].flatMap(({ bundle, previous }) => [bundle, previous]).find((one) => one?.sha256 === sha256),

    write: (files: readonly BundleFile[], contentOf: (file: BundleFile) => AsyncIterable<Uint8Array>) =>
      writeBundle(root, files, contentOf),

    /** From now on this is served, in one turn; a module that shows nothing any more is forgotten. */
    async show({ module, version, pages }: Omit<Shown, 'bundle'>, bundle: KeptBundle | undefined): Promise<void> {
      const before = shelved.get(module)
      if (!bundle && pages.length === 0) {
        if (!before) return
        await write([remove('page_bundle', { module })])
        shelved.delete(module)
        return sweep()
      }
      const previous = before?.bundle?.sha256 === bundle?.sha256 ? before?.previous : before?.bundle
      const row: PageRow = {
        ...{ module, version, pages: JSON.stringify(pages) },
        ...{ bundle: bundle?.sha256 ?? null, previous: previous?.sha256 ?? null },
      }
      await write([put('page_bundle', row)])
      shelved.set(module, { module, version, pages, bundle, previous })
      await sweep()
    },
  }
}

export type Shelf = Awaited<ReturnType<typeof openShelf>>
