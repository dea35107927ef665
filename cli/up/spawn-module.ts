import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { type Program, startChild } from './child.ts'
import { isFinal } from './keep.ts'
import type { Leash } from './leash.ts'
import { EndedEarly, orEnded, type Started } from './running.ts'

type SpawnModule = {
  name: string
  /** The file that is run. */
  entry: string
  /** The program that is run instead, with its arguments, in the module's folder: what its manifest says. */
  program?: Program | undefined
  /** Further options of Node's own. */
  flags?: readonly string[]
  env: NodeJS.ProcessEnv
  /** Where it may keep what is its own. */
  data: string
  leash: Leash
  onLine: (line: string) => void
  killAfterMs?: number
}

/**
 * Starts a module under a fresh instance name. It is of use (`ready`) once the kernel has admitted it, which its log says; it rejects
 * with the module's own words where a new start cannot mend it.
 */
export const spawnModule = ({ name, entry, program, env, data, leash, ...rest }: SpawnModule): Started<void> => {
  const { flags, onLine, killAfterMs } = rest
  mkdirSync(data, { recursive: true, mode: 0o700 })
  const admitted = Promise.withResolvers<void>()
  const words: string[] = []
  const child = startChild({
    script: program ?? entry,
    ...(flags === undefined ? {} : { flags }),
    env: { ...env, RECYCLIQUE_INSTANCE: instanceOf(name), RECYCLIQUE_MODULE_DATA: data },
    leash,
    onLine: (line) => {
      if (isAdmission(line)) admitted.resolve()
      // Its log stands in JSON; what a person must do stands in plain words.
      else if (!line.startsWith('{') && !DEBUGGER.test(line)) words.push(line)
      onLine(line)
    },
    ...(killAfterMs === undefined ? {} : { killAfterMs }),
  })
  const ready = orEnded(admitted.promise, child.ended).catch((error: unknown): never => {
    if (!(error instanceof EndedEarly) || words.length === 0) throw error
    const how = isFinal(error.code) ? words.slice(0, MOST_WORDS).join(' ') : error.message
    throw new EndedEarly(how, error.code, words)
  })
  return { ...child, ready }
}

/** What Node says of itself. */
const DEBUGGER = /^(Debugger |For help, see: )/

/** Lines of an explanation; more is not one. */
const MOST_WORDS = 12

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
