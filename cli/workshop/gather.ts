/** Collects changes until it is quiet, then acts on all of them at once. */
export interface Gatherer {
  /** A file has changed. Nothing after `close`. */
  readonly heard: (file: string) => void
  /** From now on nothing is acted on; resolves once the act that runs is over. */
  readonly close: () => Promise<void>
}

type Gather = {
  quietMs: number
  /** Gets the files that changed, in order. What it throws is said, and it hears of the next change all the same. */
  act: (files: readonly string[]) => Promise<void>
  say: (line: string, level: 'error') => void
}

/** Acts `quietMs` after the last change, one act at a time: what changes meanwhile is acted on afterwards. */
export const gather = ({ quietMs, act, say }: Gather): Gatherer => {
  let files = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  let acts = Promise.resolve()
  let isClosed = false
  const actOnce = async (changed: readonly string[]): Promise<void> => {
    if (!isClosed) await act(changed)
  }
  const fire = (): void => {
    const changed = [...files].sort()
    files = new Set()
    acts = acts.then(() => actOnce(changed)).catch((error: Error) => say(error.message, 'error'))
  }
  return {
    heard: (file) => {
      if (isClosed) return
      files.add(file)
      clearTimeout(timer)
      timer = setTimeout(fire, quietMs)
    },
    close: async () => {
      isClosed = true
      clearTimeout(timer)
      await acts
    },
  }
}

/** What tools write beside the work: temporary, swap, compiled and cache files. The path is one from the folder that is watched. */
export const isIgnored = (file: string): boolean => {
  const parts = file.split(/[\\/]/)
  return parts.some((part) => FOLDERS.has(part)) || FILES.test(parts.at(-1) ?? '')
}

const FOLDERS = new Set([
  ...['node_modules', 'dist', 'build', '.build', 'target', 'out', 'coverage', '__pycache__', '.venv', 'venv', '.git'],
  ...['.cache', '.vite', '.turbo', '.pytest_cache', '.mypy_cache', '.ruff_cache', '.idea', '.vscode'],
])
/** Vim tries a folder with a file named 4913; emacs locks with `.#name`; `sed -i` and other editors write beside, and rename. */
const FILES =
  /(?:~|\.(?:tmp|temp|swp|swo|swx|swap|kate-swp|bak|orig|rej|log|pyc|pyo|tsbuildinfo)|___jb_(?:tmp|old)___)$|^(?:4913|sed[A-Za-z0-9]{6}|\.goutputstream-.*|\.#.*|#.*#|\.DS_Store)$/
