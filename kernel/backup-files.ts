import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { chmod, copyFile, mkdir, open, readdir } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import type { BackupNote } from '../contracts/backup.ts'

export type BackupFile = BackupNote['files'][number]

export const NOTE = 'backup.json'
export const LEDGER = 'ledger.sqlite'
export const KEYS = 'keys'
export const HEAD = 'head'

/** Every file below a folder, as relative paths with `/`, in order. Drafts that somebody is writing are left out. */
export const filesBelow = async (folder: string): Promise<string[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.draft') && !entry.name.endsWith('.new'))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort()
}

/** Copies a file for nobody but us, and forces it to disk. The folder is made. */
export const copyPrivately = async (from: string, to: string): Promise<void> => {
  await makePrivate(join(to, '..'))
  await copyFile(from, to)
  await settle(to)
}

/** Makes a file ours alone, and forces it to disk. */
export const settle = async (file: string): Promise<void> => {
  await chmod(file, 0o600)
  const handle = await open(file, 'r+')
  await handle.sync().finally(() => handle.close())
}

export const makePrivate = async (folder: string): Promise<void> => {
  await mkdir(folder, { recursive: true, mode: 0o700 })
}

/** Forces the names in a folder to disk. Windows opens no folders, and keeps its directory in a journal. */
export const settleFolder = async (folder: string): Promise<void> => {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  await handle.sync().finally(() => handle.close())
}

/** The folder itself and every folder in it. */
export const settleFolders = async (folder: string): Promise<void> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  for (const entry of entries) if (entry.isDirectory()) await settleFolder(join(entry.parentPath, entry.name))
  await settleFolder(folder)
}

export const fileOf = async (folder: string, path: string): Promise<BackupFile> => {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of createReadStream(join(folder, path)) as AsyncIterable<Buffer>) {
    hash.update(chunk)
    bytes += chunk.length
  }
  return { path, bytes, sha256: hash.digest('hex') }
}
