import { stat } from 'node:fs/promises'

export interface FileWatch {
  /** From now on nothing is acted on; resolves once the act that runs is over. */
  readonly close: () => Promise<void>
}

type Watch = {
  paths: readonly string[]
  /** Gets the files that came, changed or went since the last look. What it throws is said. */
  act: (changed: readonly string[]) => Promise<void>
  say: (line: string, level: 'error') => void
  everyMs?: number
}

/**
 * Looks at a few files again and again, one act at a time. A look costs a `stat` each, and sees what no notice tells: files on network
 * drives, and files that are replaced by another of their name.
 */
export const watchFiles = async ({ paths, act, say, everyMs = 500 }: Watch): Promise<FileWatch> => {
  const stop = new AbortController()
  let seen = await stampsOf(paths)
  const look = async (): Promise<void> => {
    const now = await stampsOf(paths)
    const changed = paths.filter((_, nth) => now[nth] !== seen[nth])
    seen = now
    if (changed.length > 0) await act(changed).catch((error: Error) => say(error.message, 'error'))
  }
  let timer: NodeJS.Timeout
  let looking = Promise.resolve()
  const again = (): void => {
    if (stop.signal.aborted) return
    timer = setTimeout(() => {
      looking = look()
      void looking.then(again)
    }, everyMs)
  }
  again()
  return {
    close: async () => {
      stop.abort()
      clearTimeout(timer)
      await looking
    },
  }
}

const stampsOf = (paths: readonly string[]): Promise<string[]> =>
  Promise.all(
    paths.map(async (path) => {
      const found = await stat(path).catch(() => undefined)
      return found ? `${found.ino} ${found.size} ${found.mtimeMs}` : 'gone'
    }),
  )
