import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isToken } from '@recyclique/contracts'
import { ModuleError } from './errors.ts'

/** What a module's process must know besides its manifest. */
export interface Settings {
  readonly servers: string[]
  readonly site: string
  /** This process among the replicas of its module; also its connection's name. */
  readonly instance: string
  /** The text of a `.creds` file; absent in reduced mode, on a server that has no accounts. */
  readonly creds?: string
}

/**
 * Reads the environment:
 *
 * - `RECYCLIQUE_SITE`: the site's name, as the kernel has it.
 * - `NATS_URL`: one or several servers with commas between; `nats://127.0.0.1:4222` when missing.
 * - `RECYCLIQUE_CREDS`: the path of the module's `.creds` file. `RECYCLIQUE_REDUCED=1` does without.
 * - `RECYCLIQUE_INSTANCE`: 1 to 32 of a-z, 0-9 and -; made up when missing.
 * - `LOG_LEVEL`: of pino; `info` when missing.
 *
 * Throws a `ModuleError` that says what to set.
 */
export const readSettings = (module: string, env: NodeJS.ProcessEnv): Settings => {
  const site = tokenIn(env, 'RECYCLIQUE_SITE', undefined)
  const instance = tokenIn(env, 'RECYCLIQUE_INSTANCE', instanceName(module))
  const servers = (env.NATS_URL || 'nats://127.0.0.1:4222').split(',').map((one) => one.trim())
  const creds = readCreds(module, env)
  return { servers, site, instance, ...(creds === undefined ? {} : { creds }) }
}

/** An empty variable is a missing one: that is how a compose file says "none". */
const tokenIn = (env: NodeJS.ProcessEnv, name: string, otherwise: string | undefined): string => {
  const found = env[name] || otherwise
  if (found !== undefined && isToken(found)) return found
  const wanted = '1 to 32 of a-z, 0-9 and -'
  throw new ModuleError('setting-unfit', { name, wanted, found: found === undefined ? 'not set' : `'${found}'` })
}

const instanceName = (module: string): string => `${module}-${randomBytes(3).toString('hex')}`

const readCreds = (module: string, env: NodeJS.ProcessEnv): string | undefined => {
  const path = env.RECYCLIQUE_CREDS
  if (!path && env.RECYCLIQUE_REDUCED === '1') return undefined
  if (!path) throw new ModuleError('no-credentials', { module, why: 'RECYCLIQUE_CREDS is not set' })
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const why = `${path} cannot be read (${(cause as NodeJS.ErrnoException).code})`
    throw new ModuleError('no-credentials', { module, why }, { cause })
  }
}
