import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { cacheFolder } from '../nats-server.ts'
import { ROOT } from '../paths.ts'
import type { Leash } from './leash.ts'
import { signalGroup } from './process-group.ts'
import type { End, Running } from './running.ts'

/** A program and its arguments, and the folder in which it runs. */
export type Program = { command: readonly string[]; folder: string }

type Start = {
  /** The script, from the program's folder, for the Node that runs us; or any other program, in a folder. */
  script: string | Program
  env: NodeJS.ProcessEnv
  leash: Leash
  /** Hears each line that it writes, to stdout or stderr. */
  onLine: (line: string) => void
  /** Hears what it sends; with it the child gets a channel. */
  onMessage?: (message: unknown) => void
  killAfterMs?: number
  /** Further options of Node's own; another program gets none. */
  flags?: readonly string[]
}

/** Short-lived objects get 4 MB a half instead of 16: many small processes share a small machine. */
export const LEAN = ['--max-semi-space-size=4']

/**
 * Starts a script with the Node that runs us, or another program, in a process group of its own and on the leash. What it leaves behind when it ends
 * is ended with it.
 */
export const startChild = ({
  script,
  env,
  leash,
  onLine,
  onMessage,
  killAfterMs = 10_000,
  flags = [],
}: Start): Running => {
  const [program = '', ...args] =
    typeof script === 'string' ? [process.execPath, ...LEAN, ...flags, script] : script.command
  const child = spawn(program, args, {
    cwd: typeof script === 'string' ? ROOT : script.folder,
    // Compiled once, kept for the next start: that halves the time to the first request, and saves memory.
    env: { NODE_COMPILE_CACHE: join(cacheFolder(env), 'compiled'), ...env },
    detached: process.platform !== 'win32',
    stdio: ['ignore', 'pipe', 'pipe', ...(onMessage ? (['ipc'] as const) : [])],
    windowsHide: true,
  })
  const { pid } = child
  if (pid !== undefined) leash.hold(pid)
  for (const stream of [child.stdout, child.stderr]) if (stream) createInterface({ input: stream }).on('line', onLine)
  if (onMessage) child.on('message', onMessage)
  const ended = endOf(child).then((end) => {
    if (pid === undefined) return end
    signalGroup(pid, 'SIGKILL')
    leash.letGo(pid)
    return end
  })
  return { pid, ended, stop: () => stopChild(child, ended, killAfterMs) }
}

/** 'close' comes once its last words are read; a grandchild may hold its pipes open for ever, so it is not waited for long. */
const LAST_WORDS_MS = 200

const endOf = (child: ChildProcess): Promise<End> =>
  new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      const end = signal ? { how: `ended by ${signal}` } : { how: `ended with code ${code}`, code: code ?? 0 }
      setTimeout(resolve, LAST_WORDS_MS, end)
      child.once('close', () => resolve(end))
    })
    child.once('error', (error: NodeJS.ErrnoException) => resolve(notStarted(error)))
  })

/** A program that is not there does not come by trying again: the code says so to whoever keeps it running. */
const notStarted = ({ code, path, message }: NodeJS.ErrnoException): End =>
  code === 'ENOENT'
    ? { how: `did not start: there is no program '${path}' here: install it, or put it on the PATH`, code: 78 }
    : { how: `did not start: ${message}` }

const stopChild = async (child: ChildProcess, ended: Promise<unknown>, killAfterMs: number): Promise<void> => {
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), killAfterMs)
  await ended
  clearTimeout(timer)
}
