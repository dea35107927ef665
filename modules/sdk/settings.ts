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
  /** What the installation sets for this module, and in which file or variable. */
  readonly config?: Readonly<Record<string, unknown>>
  readonly configOrigin?: string
}

/**
 * Reads the environment:
 *
 * - `RECYCLIQUE_SITE`: the site's name, as the kernel has it.
 * - `NATS_URL`: one or several servers with commas between; `nats://127.0.0.1:4222` when missing.
 * - `RECYCLIQUE_CREDS`: the path of the module's `.creds` file. `RECYCLIQUE_REDUCED=1` does without.
 * - `RECYCLIQUE_INSTANCE`: 1 to 32 of a-z, 0-9 and -; made up when missing.
 * - `RECYCLIQUE_MODULE_CONFIG`: the module's configuration, a JSON object; `RECYCLIQUE_MODULE_CONFIG_ORIGIN`: where it was said.
 * - `LOG_LEVEL`: of pino; `info` when missing.
 *
 * Throws a `ModuleError` that says what to set.
 */
export const readSettings = (module: string, env: NodeJS.ProcessEnv): Settings => {
  const site = tokenIn(env, 'RECYCLIQUE_SITE', undefined)
  const instance = tokenIn(env, 'RECYCLIQUE_INSTANCE', instanceName(module))
  const servers = (env.NATS_URL || 'nats://127.0.0.1:4222').split(',').map((one) => one.trim())
  const creds = readCreds(module, env)
  return { servers, site, instance, ...(creds === undefined ? {} : { creds }), ...readConfig(env) }
}

const readConfig = ({ RECYCLIQUE_MODULE_CONFIG: text, RECYCLIQUE_MODULE_CONFIG_ORIGIN: origin }: NodeJS.ProcessEnv) => {
  if (!text) return {}
  const config = objectIn(text)
  if (!config) {
    // What was found may hold a secret: it is not repeated.
    const details = { name: 'RECYCLIQUE_MODULE_CONFIG', wanted: 'a JSON object', found: 'none' }
    throw new ModuleError('setting-unfit', details)
  }
  return { config, configOrigin: origin || 'RECYCLIQUE_MODULE_CONFIG' }
}

const objectIn = (text: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
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
