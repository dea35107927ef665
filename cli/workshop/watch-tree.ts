import { type FSWatcher, readdirSync, watch } from 'node:fs'
import { join, relative } from 'node:path'
import { isIgnored } from './gather.ts'

/**
 * Watches a folder and all below it, also folders that come later; calls with the path of what changed. Ignored files are not told, and
 * ignored folders not even looked into: `node_modules` alone would cost thousands of watches.
 */
export const watchTree = (root: string, onFile: (path: string) => void): { close: () => void } => {
  // What lies around the root is nobody's business: a folder `build` may hold all of somebody's work.
  const isOut = (path: string) => isIgnored(relative(root, path))
  const onChange = (path: string) => {
    if (!isOut(path)) onFile(path)
  }
  const watchers = new Map<string, FSWatcher>()
  const forget = (folder: string): void => {
    watchers.get(folder)?.close()
    watchers.delete(folder)
  }
  const add = (folder: string): void => {
    try {
      const watcher = watch(folder, (_, name) => {
        if (name === null) return onChange(folder)
        const path = join(folder, name)
        onChange(path)
        addTree(path, onChange)
      })
      // Somebody took the folder away: what watches its parent tells that it is gone.
      watcher.on('error', () => forget(folder))
      watchers.set(folder, watcher)
    } catch {
      // Gone between the look and the watch: the same.
    }
  }
  /** What was written into a new folder before it was watched is told as well. */
  const addTree = (path: string, tell: (path: string) => void): void => {
    if (isOut(path)) return
    const entries = entriesOf(path)
    if (!entries) forget(path)
    if (!entries || watchers.has(path)) return
    add(path)
    for (const entry of entriesOf(path) ?? []) {
      const below = join(path, entry.name)
      if (entry.isDirectory()) addTree(below, tell)
      else tell(below)
    }
  }
  addTree(root, () => {})
  return {
    close: () => {
      for (const folder of [...watchers.keys()]) forget(folder)
    },
  }
}

/** Undefined for what is no folder, or is gone. */
const entriesOf = (path: string) => {
  try {
    return readdirSync(path, { withFileTypes: true })
  } catch {
    return undefined
  }
}
