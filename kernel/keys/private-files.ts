import { randomUUID } from 'node:crypto'
import { chmod, link, mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** Makes the folder, for nobody but us; narrows one that is already there. */
export const makePrivateFolder = async (folder: string): Promise<void> => {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await chmod(folder, 0o700)
}

/** The text of a file, without the line's end; undefined where there is none. */
export const readIfThere = async (path: string): Promise<string | undefined> => {
  try {
    return (await readFile(path, 'utf8')).trimEnd()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/**
 * Writes a file that is not there yet, whole or not at all, for nobody but us, and gives back what the file says in the end: where
 * another process was faster, that is its text. A hard link, unlike a rename, refuses to replace what is there.
 */
export const writeOnce = async (path: string, text: string): Promise<string> => {
  const draft = join(dirname(path), `.${randomUUID()}.draft`)
  try {
    await writeDurably(draft, `${text}\n`)
    await link(draft, path)
    await syncFolder(dirname(path))
    return text
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return (await readIfThere(path)) ?? text
  } finally {
    await rm(draft, { force: true })
  }
}

/** Writes a file for nobody but us, in the place of what is there: whoever reads it meanwhile gets the whole of the one or of the other. */
export const writeAnew = async (path: string, text: string): Promise<void> => {
  const draft = join(dirname(path), `.${randomUUID()}.draft`)
  try {
    await writeDurably(draft, text)
    await rename(draft, path)
    await syncFolder(dirname(path))
  } finally {
    await rm(draft, { force: true })
  }
}

const writeDurably = async (path: string, text: string): Promise<void> => {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

const syncFolder = async (folder: string): Promise<void> => {
  // Windows opens no folders, and keeps its directory in a journal.
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  await handle.sync().finally(() => handle.close())
}
