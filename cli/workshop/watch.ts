import { realpathSync } from 'node:fs'
import { type Gatherer, gather } from './gather.ts'
import { watchTree } from './watch-tree.ts'

/** One set of folders that is watched. */
export interface Watcher {
  readonly close: () => Promise<void>
}

/** All watchers of a run. */
export interface WatchRoom {
  /**
   * Calls `act` with the files that changed, once it is quiet. A set of folders that is watched already keeps its watcher, and that one
   * is given. Undefined where watching is switched off (`RECYCLIQUE_WATCH=0`). Throws for a folder that is not there.
   */
  readonly watch: (folders: readonly string[], act: (files: readonly string[]) => Promise<void>) => Watcher | undefined
  readonly count: () => number
  /** Everything that changes from now on starts nothing. One that does not close is said, and keeps no other. */
  readonly close: () => Promise<void>
}

type Room = {
  env: NodeJS.ProcessEnv
  say: (line: string, level: 'error') => void
  /** How long it must be quiet: editors write a file in several steps. */
  quietMs?: number
}

export const makeWatchRoom = ({ env, say, quietMs = 300 }: Room): WatchRoom => {
  const watchers = new Map<string, Watcher>()
  let isClosed = false
  return {
    watch: (folders, act) => {
      if (isClosed || env.RECYCLIQUE_WATCH === '0') return undefined
      const paths = [...new Set(folders.map((folder) => realpathSync(folder)))].sort()
      const key = paths.join('\n')
      const before = watchers.get(key)
      if (before) return before
      const watcher = watchAll(paths, gather({ quietMs, act, say }), () => watchers.delete(key))
      watchers.set(key, watcher)
      return watcher
    },
    count: () => watchers.size,
    close: async () => {
      isClosed = true
      const closing = await Promise.allSettled([...watchers.values()].map((watcher) => watcher.close()))
      for (const one of closing) if (one.status === 'rejected') say(`a watcher did not close: ${one.reason}`, 'error')
    },
  }
}

const watchAll = (paths: readonly string[], changes: Gatherer, onClose: () => void): Watcher => {
  const trees = paths.map((path) => watchTree(path, changes.heard))
  return {
    close: async () => {
      onClose()
      for (const tree of trees) tree.close()
      await changes.close()
    },
  }
}
