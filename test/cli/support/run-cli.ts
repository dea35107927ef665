import { spawn } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const MAIN = join(import.meta.dirname, '..', '..', '..', 'cli', 'main.ts')

const CACHE = join(tmpdir(), 'recyclique-compile-cache')

export type Ran = { code: number | null; stdout: string; stderr: string }

/** Runs a command of ours to its end. */
export const runCli = (args: readonly string[], env: NodeJS.ProcessEnv = {}, cwd?: string): Promise<Ran> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [MAIN, ...args], {
      // Halves the start: dozens of commands read the same sources.
      env: { NODE_COMPILE_CACHE: CACHE, ...process.env, NATS_URL: '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(cwd === undefined ? {} : { cwd }),
    })
    const ran = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (text: string) => {
        ran[name] += text
      })
    child.once('close', (code) => resolve({ code, ...ran }))
  })
