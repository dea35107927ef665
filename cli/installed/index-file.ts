import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type InstalledModule, InstalledSet, Misfit, parseJson } from '@recyclique/contracts'
import { CannotDo } from '../bad-use.ts'
import { type Lock, Taken, takeLock } from '../up/lock.ts'

export type Modules = Readonly<Record<string, InstalledModule>>

export const indexFile = (home: string): string => join(home, 'index.json')

/** Which modules are installed; none where nobody has added one. Throws a `CannotDo` where the file is damaged. */
export const readIndex = async (home: string): Promise<Modules> => {
  const file = indexFile(home)
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return {}
  try {
    return parseJson(InstalledSet, text, file).modules
  } catch (cause) {
    if (!(cause instanceof Misfit)) throw cause
    throw new CannotDo(`${cause.message}. Bring it back from a backup, or take it away and add the modules anew.`, {
      cause,
    })
  }
}

/**
 * Changes the index: whole or not at all, and nobody else at the same time. `change` gets what is there and gives what is to be there;
 * what it throws leaves everything as it was.
 */
export const changeIndex = async (home: string, change: (modules: Modules) => Modules): Promise<Modules> => {
  await mkdir(home, { recursive: true, mode: 0o700 })
  const lock = await lockOf(home)
  try {
    const modules = change(await readIndex(home))
    await write(indexFile(home), JSON.stringify({ form: 1, modules } satisfies InstalledSet, null, 2))
    return modules
  } finally {
    await lock.release()
  }
}

/** One module's line, or none where the change gives nothing. */
export const changeOne = (
  home: string,
  name: string,
  change: (module: InstalledModule) => InstalledModule | undefined,
): Promise<Modules> =>
  changeIndex(home, (modules) => {
    const { [name]: before, ...others } = modules
    const after = change(before ?? {})
    return after === undefined ? others : { ...others, [name]: after }
  })

const PATIENCE_MS = 10_000
const LOOK_MS = 20

const lockOf = async (home: string): Promise<Lock> => {
  const until = Date.now() + PATIENCE_MS
  for (;;)
    try {
      return await takeLock(join(home, 'index.lock'))
    } catch (error) {
      if (!(error instanceof Taken) || Date.now() > until) throw error
      await wait(LOOK_MS)
    }
}

const write = async (file: string, text: string): Promise<void> => {
  const draft = `${file}.${process.pid}.new`
  const handle = await open(draft, 'w', 0o600)
  await handle.writeFile(`${text}\n`)
  await handle.sync()
  await handle.close()
  await rename(draft, file)
}
