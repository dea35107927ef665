import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Leash } from '../up/leash.ts'
import { signalGroup } from '../up/process-group.ts'
import type { News } from './news.ts'

/** A process of the module. */
export interface Played {
  readonly instance: string
  readonly pid: number | undefined
  /** Its last lines, as it wrote them. */
  readonly lines: readonly string[]
  /** How it ended; undefined while it runs. */
  readonly end: End | undefined
  signal(signal: NodeJS.Signals): void
  /** Ends it and all that it started, now. */
  kill(): Promise<void>
}

export interface End {
  readonly words: string
  readonly code: number | undefined
  readonly at: number
}

interface Start {
  readonly command: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly instance: string
  readonly leash: Leash
  readonly news: News
  readonly onLine: (line: string) => void
}

const KEPT_LINES = 12

/** A line that never ends must not fill our memory. */
const LONGEST_LINE = 500

/** Its last words are read by 'close'; a grandchild may hold its pipes open for ever, so it is not waited for long. */
const LAST_WORDS_MS = 200

/** Starts the command in a process group of its own, as `recyclique up` does; where we die, it is ended too. */
export const playProcess = ({ command, env, instance, leash, news, onLine }: Start): Played => {
  const [program = '', ...args] = command
  const child = spawn(program, args, {
    env,
    detached: process.platform !== 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  })
  const { pid } = child
  if (pid !== undefined) leash.hold(pid)
  const lines: string[] = []
  const hear = (line: string) => {
    onLine(line)
    lines.push(line.slice(0, LONGEST_LINE))
    if (lines.length > KEPT_LINES) lines.shift()
  }
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', hear)
  let end: End | undefined
  const ended = new Promise<void>((resolve) => {
    const over = (words: string, code?: number) => {
      end ??= { words, code, at: performance.now() }
      if (pid !== undefined) {
        signalGroup(pid, 'SIGKILL')
        leash.letGo(pid)
      }
      news.ring()
      resolve()
    }
    child.once('exit', (code, signal) => {
      const words = signal ? `was ended by ${signal}` : `ended with code ${code}`
      setTimeout(over, LAST_WORDS_MS, words, code ?? undefined)
      child.once('close', () => over(words, code ?? undefined))
    })
    child.once('error', (error) => over(`could not be started: ${error.message}`))
  })
  return {
    instance,
    pid,
    lines,
    get end() {
      return end
    },
    signal: (signal) => void child.kill(signal),
    async kill() {
      if (pid !== undefined && !end) signalGroup(pid, 'SIGKILL')
      await ended
    },
  }
}
