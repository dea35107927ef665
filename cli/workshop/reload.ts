import { relative } from 'node:path'
import type { Watcher, WatchRoom } from './watch.ts'

type Reload = {
  name: string
  folder: string
  /** Puts a new process in the place of the old one; rejects where that fails, and the old one goes on. */
  renew: () => Promise<void>
  /** What stands after a failure; the old one, where nothing is said. */
  remains?: () => string
  say: (line: string, level?: 'error') => void
}

/**
 * Renews a module's process whenever a file of its folder changes: this module's and nobody else's. A new process that does not come
 * so far is said, and the old one goes on serving.
 */
export const reloadOnChange = (room: WatchRoom, { name, folder, renew, remains, say }: Reload): Watcher | undefined =>
  room.watch([folder], async (files) => {
    const what = files.map((file) => relative(folder, file)).join(', ')
    try {
      await renew()
      say(`${name} was started anew: ${what} changed`)
    } catch (error) {
      say(
        `${name} could not be started anew after ${what} changed: it ${(error as Error).message}. ${remains?.() ?? 'The old one goes on.'}`,
        'error',
      )
    }
  })
