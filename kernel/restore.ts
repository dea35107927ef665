import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { parseJson } from '@recyclique/contracts'
import { BackupNote } from '../contracts/backup.ts'
import { CannotCopy } from './backup.ts'
import {
  copyPrivately,
  fileOf,
  HEAD,
  KEYS,
  LEDGER,
  makePrivate,
  NOTE,
  settleFolder,
  settleFolders,
} from './backup-files.ts'
import { openSealer } from './ledger/seal.ts'
import { type VerifyReport, verifyLedger } from './ledger/verify.ts'
import { projection } from './projection.ts'
import { inspectSqlite, takeOverSqlite } from './store/sqlite-inspection.ts'
import { tables } from './tables.ts'

export interface RestoreParts {
  /** The folder that `backup` made. */
  readonly from: string
  readonly dataDir: string
  readonly keysDir: string
  /** What lies in the data folder is moved aside. Without it, a folder that is not empty is refused. */
  readonly force: boolean
  readonly now: () => Date
  readonly onProgress?: (done: number, all: number) => void
}

export interface Restored {
  readonly note: BackupNote
  readonly report: VerifyReport
  /** Where the former content went. */
  readonly aside: readonly string[]
}

/** The backup is not what was backed up: its files or its ledger were altered. */
export class BadBackup extends Error {
  readonly report: VerifyReport | undefined
  constructor(why: string, report?: VerifyReport) {
    super(`${why} Nothing was restored: take another backup.`)
    this.report = report
  }
}

/**
 * Puts a backup in the place of the data of a kernel that is stopped.
 *
 * Checks every file against the note, then verifies the whole ledger on a copy inside the data folder, and only then gives the
 * files their names. Nothing is ever deleted: with `force`, what was there goes to `before-restore-<time>`. The bus's store is
 * not restored, and an old one is moved aside with the rest: everything is told again.
 */
export const restore = async (parts: RestoreParts): Promise<Restored> => {
  const from = resolve(parts.from)
  const note = await readNote(from)
  await checkFiles(from, note)
  const places = placesOf(parts)
  if (!parts.force) for (const { folder } of places) await mustBeEmpty(folder)
  await mustBeStopped(join(parts.dataDir, LEDGER))

  const name = `.restoring-${randomUUID()}`
  try {
    for (const { folder, moved } of places)
      for (const { path } of note.files)
        if (moved(path) !== undefined) await copyPrivately(join(from, path), join(folder, name, moved(path) as string))
    const report = await verifyCopy(places, name, note, parts.onProgress)
    const aside: string[] = []
    const stamp = parts.now().toISOString().replace(/[:.]/g, '-')
    for (const { folder } of places) aside.push(...(await moveAside(folder, `before-restore-${stamp}`, name)))
    for (const { folder } of places) await moveIn(join(folder, name), folder)
    return { note, report, aside }
  } finally {
    for (const { folder } of places) await rm(join(folder, name), { recursive: true, force: true })
  }
}

/** A folder that is restored as one, and where in it a file of the backup goes. */
interface Place {
  readonly folder: string
  readonly moved: (path: string) => string | undefined
}

/** Keys that lie below the data are moved with it; keys that lie elsewhere have a place of their own, which comes first. */
const placesOf = ({ dataDir, keysDir }: RestoreParts): Place[] => {
  const data = resolve(dataDir)
  const keys = resolve(keysDir)
  const below = relative(data, keys)
  const keyPath = (path: string) => (path.startsWith(`${KEYS}/`) ? path.slice(KEYS.length + 1) : undefined)
  const ledgerPath = (path: string) => (path === LEDGER ? path : undefined)
  if (below !== '' && !below.startsWith('..')) {
    const moved = (path: string) => {
      const key = keyPath(path)
      return key === undefined ? ledgerPath(path) : join(below, key)
    }
    return [{ folder: data, moved }]
  }
  return [
    { folder: keys, moved: keyPath },
    { folder: data, moved: ledgerPath },
  ]
}

const readNote = async (from: string): Promise<BackupNote> => {
  let text: string
  try {
    text = await readFile(join(from, NOTE), 'utf8')
  } catch (cause) {
    throw new CannotCopy(`${from} is no finished backup: it has no ${NOTE} that can be read.`, { cause })
  }
  try {
    return parseJson(BackupNote, text, NOTE)
  } catch (error) {
    throw new BadBackup(`${(error as Error).message}.`)
  }
}

const checkFiles = async (from: string, { files }: BackupNote) => {
  for (const { path, sha256 } of files) {
    if (path.split('/').includes('..')) throw new BadBackup(`${NOTE} names a file outside of the backup: ${path}.`)
    if (!existsSync(join(from, path))) throw new BadBackup(`${path} is missing in the backup.`)
    if ((await fileOf(from, path)).sha256 !== sha256) throw new BadBackup(`${path} was altered since the backup.`)
  }
  for (const path of [LEDGER, `${KEYS}/seal.pem`])
    if (!files.some((file) => file.path === path)) throw new BadBackup(`${NOTE} does not name ${path}.`)
}

/** What a disk or an earlier restore put there does not count. */
const isOurs = (name: string) =>
  name !== 'lost+found' && !name.startsWith('before-restore-') && !name.startsWith('.restoring-')

const contentOf = async (folder: string): Promise<string[]> =>
  existsSync(folder) ? (await readdir(folder)).filter(isOurs) : []

const mustBeEmpty = async (folder: string) => {
  if ((await contentOf(folder)).length > 0)
    throw new CannotCopy(
      `${folder} is not empty. Stop the kernel and add --force: what is there is then moved aside, and nothing is deleted.`,
    )
}

/** Who renames a database under a kernel that has it open lets that kernel sell into a file that nobody finds again. */
const mustBeStopped = async (file: string) => {
  if (!existsSync(file)) return
  try {
    await (await takeOverSqlite(file, {})).close()
  } catch (error) {
    // A file that is too damaged to be opened is one more reason to restore.
    if ((error as Error).name === 'StoreInUse') throw error
  }
}

const verifyCopy = async (
  places: readonly Place[],
  name: string,
  note: BackupNote,
  onProgress: RestoreParts['onProgress'],
): Promise<VerifyReport> => {
  const at = (path: string) =>
    places.flatMap(({ folder, moved }) => {
      const to = moved(path)
      return to === undefined ? [] : [join(folder, name, to)]
    })[0] as string
  const report = await verifyLedger({
    inspect: () => inspectSqlite(at(LEDGER), tables),
    tables,
    projection,
    sealer: openSealer(dirname(at(`${KEYS}/seal.pem`))),
    headFile: at(`${KEYS}/${HEAD}`),
    ...(onProgress ? { onProgress } : {}),
  })
  const [first] = report.flaws
  if (first) throw new BadBackup(`The ledger in this backup is not sound (${first.why}).`, report)
  if (report.head.position !== note.position || report.head.hash !== note.hash)
    throw new BadBackup(`The ledger in this backup ends at position ${report.head.position}, not at ${note.position}.`)
  return report
}

const moveAside = async (folder: string, aside: string, except: string): Promise<string[]> => {
  const names = (await contentOf(folder)).filter((one) => one !== except)
  if (names.length === 0) return []
  await makePrivate(join(folder, aside))
  for (const one of names) await rename(join(folder, one), join(folder, aside, one))
  await settleFolder(folder)
  return [join(folder, aside)]
}

/** The ledger comes last: a kernel that starts in between finds keys and head file without it, and refuses to sell. */
const moveIn = async (draft: string, folder: string) => {
  await settleFolders(draft)
  const names = await readdir(draft)
  for (const one of names.sort((a, b) => Number(a === LEDGER) - Number(b === LEDGER)))
    await rename(join(draft, one), join(folder, one))
  await settleFolder(folder)
}
