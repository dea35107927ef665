import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { signalGroup } from '../../../cli/up/process-group.ts'
import { processesWith, type Seen } from './processes.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..')

export type Ups = {
  folder: string
  /** `recyclique up` in the test's own data folder, on any free port. */
  up: (...args: string[]) => StartedUp
  /** `recyclique dev`, the same way. */
  dev: (...args: string[]) => StartedUp
  /** The same in other surroundings. */
  upWith: (env: NodeJS.ProcessEnv, ...args: string[]) => StartedUp
  /** Ends and removes all that was started. */
  clean: () => Promise<void>
}

export type StartedUp = {
  process: ChildProcess
  /** Everything that it printed so far. */
  text: () => string
  /** Waits for a line, and gives the match. Fails with what was printed where it ends before. */
  line: (pattern: RegExp, withinMs?: number) => Promise<RegExpExecArray>
  /** The kernel's address, once everything is up. */
  url: () => Promise<string>
  code: Promise<number | null>
  /** Who of its processes runs this. */
  who: (what: string) => Seen[]
}

export const makeUps = async (): Promise<Ups> => {
  const folder = await mkdtemp(join(tmpdir(), 'recyclique-up-'))
  const started: ChildProcess[] = []
  const run = (env: NodeJS.ProcessEnv, args: string[]) => {
    const up = startUp(folder, env, args)
    started.push(up.process)
    return up
  }
  return {
    folder,
    up: (...args) => run({}, ['up', ...args]),
    dev: (...args) => run({}, ['dev', ...args]),
    upWith: (env, ...args) => run(env, ['up', ...args]),
    clean: async () => {
      for (const child of started) child.kill('SIGKILL')
      for (const { pid } of processesWith(folder)) signalGroup(pid, 'SIGKILL')
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

const startUp = (folder: string, env: NodeJS.ProcessEnv, [command = '', ...args]: string[]): StartedUp => {
  const child = spawn(process.execPath, [join(ROOT, 'cli', 'main.ts'), command, '--port', '0', ...args], {
    cwd: ROOT,
    env: { ...process.env, RECYCLIQUE_DATA: folder, NATS_URL: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  const hear = (part: Buffer) => {
    text += part.toString()
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  const code = new Promise<number | null>((resolve) => child.once('close', resolve))
  const line = async (pattern: RegExp, withinMs = 40_000) => {
    const until = Date.now() + withinMs
    for (;;) {
      const found = pattern.exec(text)
      if (found) return found
      if (Date.now() > until || child.exitCode !== null) throw new Error(`no line ${pattern} in:\n${text}`)
      await wait(20)
    }
  }
  return {
    process: child,
    text: () => text,
    line,
    url: async () => {
      await line(/Ctrl-C stops everything/)
      return (await line(/kernel +\d+ ms {2}(\S+)/))[1]!
    },
    code,
    who: (what) => processesWith(folder).filter((seen) => seen.what.includes(what)),
  }
}

/** Asks until it is true; fails with `what` after a while. */
export const until = async (what: string, isTrue: () => unknown, withinMs = 20_000): Promise<void> => {
  const end = Date.now() + withinMs
  while (!(await isTrue())) {
    if (Date.now() > end) throw new Error(`not after ${withinMs} ms: ${what}`)
    await wait(25)
  }
}
