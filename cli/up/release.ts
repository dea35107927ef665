import { mkdirSync, readdirSync, rmSync, watch } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

/**
 * How a name is released from quarantine while Recyclique runs: a file of that name appears in a folder of the run, and goes when it was
 * acted upon. Only the run itself writes its history.
 */
export type Releases = { close: () => void }

/** Not every file system tells what changes. */
const LOOK_MS = 1_000

/** Hears each name, once; those that lie there already at once. */
export const hearReleases = (folder: string, act: (name: string) => void): Releases => {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const look = () => {
    for (const name of namesIn(folder)) {
      act(name)
      rmSync(join(folder, name), { force: true })
    }
  }
  look()
  const watcher = watch(folder, look)
  watcher.on('error', () => {})
  const timer = setInterval(look, LOOK_MS).unref()
  return {
    close: () => {
      watcher.close()
      clearInterval(timer)
    },
  }
}

/** Asks the run to release a name; false where nobody has acted upon it in time. */
export const askRelease = async (folder: string, name: string, withinMs = 5_000): Promise<boolean> => {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  await writeFile(join(folder, name), '')
  const until = Date.now() + withinMs
  while (namesIn(folder).includes(name) && Date.now() < until) await wait(LOOK_MS / 50)
  return !namesIn(folder).includes(name)
}

const namesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder)
  } catch {
    // Whoever empties the data folder under us has other worries.
    return []
  }
}
