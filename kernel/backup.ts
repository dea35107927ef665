import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { BackupNote } from '../contracts/backup.ts'
import {
  type BackupFile,
  copyPrivately,
  fileOf,
  filesBelow,
  HEAD,
  KEYS,
  LEDGER,
  makePrivate,
  NOTE,
  settle,
  settleFolder,
  settleFolders,
} from './backup-files.ts'
import { copySqlite } from './store/sqlite-copy.ts'

export interface BackupParts {
  readonly dataDir: string
  readonly keysDir: string
  /** A folder that is new or empty. */
  readonly to: string
  readonly now: () => Date
  readonly onProgress?: (done: number, all: number) => void
}

/** The operator asked for something that would harm, or that cannot be: the words say what to do. */
export class CannotCopy extends Error {}

/**
 * Copies the ledger, its keys and the head file into a folder of its own, while the kernel sells.
 *
 * The folder gets its name last, once all of it is on disk: a backup that was cut off never bears that name. The bus's store is
 * left out: the bus is told everything again from the ledger. The folder holds secrets, and is for nobody but us.
 */
export const backup = async ({ dataDir, keysDir, to, now, onProgress }: BackupParts): Promise<BackupNote> => {
  const target = resolve(to)
  if (!existsSync(join(dataDir, LEDGER)))
    throw new CannotCopy(`There is no ${LEDGER} in ${dataDir}: say with --data where the kernel keeps its data.`)
  if (!(await isNewOrEmpty(target)))
    throw new CannotCopy(`${target} is not empty: name a new folder, one for each backup.`)
  await makePrivate(dirname(target))
  const draft = join(dirname(target), `.${basename(target)}.${randomUUID()}.unfinished`)
  try {
    await makePrivate(draft)
    await copyKeys(keysDir, join(draft, KEYS))
    const copied = await copySqlite(join(dataDir, LEDGER), join(draft, LEDGER), onProgress)
    await settle(join(draft, LEDGER))
    const files: BackupFile[] = []
    for (const path of await filesBelow(draft)) files.push(await fileOf(draft, path))
    const note: BackupNote = { createdAt: now().toISOString(), ...copied, files }
    await writeFile(join(draft, NOTE), `${JSON.stringify(note, null, 2)}\n`, { mode: 0o600, flush: true })
    await settleFolders(draft)
    await giveName(draft, target)
    return note
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

/** The head file comes first of all, and the ledger after the keys: so the copied head can be behind, never ahead. */
const copyKeys = async (keysDir: string, to: string) => {
  const paths = await filesBelow(keysDir)
  if (!paths.includes('seal.pem'))
    throw new CannotCopy(`There is no seal.pem in ${keysDir}: say with --keys where the keys are.`)
  for (const path of paths.sort((a, b) => Number(b === HEAD) - Number(a === HEAD)))
    await copyPrivately(join(keysDir, path), join(to, path))
}

const isNewOrEmpty = async (folder: string): Promise<boolean> => {
  try {
    return (await readdir(folder)).length === 0
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true
    throw error
  }
}

const giveName = async (draft: string, target: string) => {
  // Not every system renames onto a folder that is there, even if it is empty.
  if (existsSync(target)) await rmdir(target)
  await rename(draft, target)
  await settleFolder(dirname(target))
}
