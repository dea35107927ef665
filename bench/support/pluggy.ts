import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export interface Pluggy {
  readonly version: string
  /** Microseconds a call with nobody, one and ten answers. */
  readonly micros: readonly [nobody: number, one: number, ten: number]
}

/** Undefined where there is no Python, or no pluggy for it: then nothing is said of it. */
export const askPluggy = (seconds: number): Pluggy | undefined => {
  const script = fileURLToPath(new URL('../peers/hooks-pluggy.py', import.meta.url))
  const { status, stdout } = spawnSync('python3', [script, String(seconds)], { encoding: 'utf8' })
  return status === 0 ? JSON.parse(stdout) : undefined
}
