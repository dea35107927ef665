import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'

export interface Player {
  readonly name: string
  readonly child: ChildProcess
  readonly ended: Promise<void>
}

/** Starts a process that plays modules on this server; resolves when it takes orders. It ends with this process. */
export const startPlayer = async (url: string, name: string): Promise<Player> => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'player.ts'), url, name], {
    env: { PATH: process.env.PATH, RECYCLIQUE_REDUCED: '1', NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  await Promise.race([
    new Promise<void>((resolve) => child.stdout.once('data', () => resolve())),
    ended.then(() => {
      throw new Error(`player ${name} ended before it was ready`)
    }),
  ])
  return { name, child, ended }
}
