import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { startChild } from './child.ts'
import type { Leash } from './leash.ts'
import { orEnded, type Started } from './running.ts'

type SpawnModule = {
  name: string
  env: NodeJS.ProcessEnv
  /** Where it may keep what is its own. */
  data: string
  leash: Leash
  onLine: (line: string) => void
}

/** Starts a module under a fresh instance name. It is of use (`ready`) once the kernel has admitted it, which its log says. */
export const spawnModule = ({ name, env, data, leash, onLine }: SpawnModule): Started<void> => {
  mkdirSync(data, { recursive: true, mode: 0o700 })
  const admitted = Promise.withResolvers<void>()
  const child = startChild({
    script: `modules/${name}/main.ts`,
    env: { ...env, RECYCLIQUE_INSTANCE: instanceOf(name), RECYCLIQUE_MODULE_DATA: data },
    leash,
    onLine: (line) => {
      if (isAdmission(line)) admitted.resolve()
      onLine(line)
    },
  })
  return { ...child, ready: orEnded(admitted.promise, child.ended) }
}

/** At most 32 of a-z, 0-9 and -: a module's name has 24 at most. */
const instanceOf = (name: string): string => `${name}-${randomBytes(3).toString('hex')}`

const isAdmission = (line: string): boolean => {
  if (!line.includes('"admitted"')) return false
  try {
    const entry = JSON.parse(line) as { event?: unknown; msg?: unknown }
    return entry.event === 'admitted' || entry.msg === 'admitted'
  } catch {
    return false
  }
}
