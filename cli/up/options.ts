import { join, resolve } from 'node:path'
import { BadUse } from '../bad-use.ts'
import { namesIn } from '../workshop/config.ts'
import type { LogFolder } from './log-files.ts'

/** What a run of everything needs to know, wherever it was said: on the command line, else in the environment. */
export type UpOptions = {
  data: string
  keys: string
  host: string
  port: number
  /** Undefined: the one that the keys were made for, or `centre`. */
  site: string | undefined
  /** What is wished for: undefined where nobody says anything. */
  modules: {
    flag: string[] | undefined
    environment: string[] | undefined
    profile: string | undefined
    config: string | undefined
  }
  isInsecure: boolean
  /** Undefined: ask where somebody can answer. */
  demo: boolean | undefined
  natsUrl: string | undefined
  /** Folders of modules that are started anew at each change, and whether each gets a debugger port. */
  dev?: { folders: readonly string[]; inspects: boolean }
  /** Whether who ends unasked is started again. */
  isSupervised: boolean
  /** Where the log is kept in files as well, and how much of it. */
  logs: LogFolder | undefined
}

export type UpFlags = {
  data?: string
  host?: string
  port?: string
  site?: string
  modules?: string
  config?: string
  insecureNoLogin?: boolean
  demo?: boolean
  supervise?: boolean
  logDir?: string
  logMb?: string
}

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost'])

/** Reads flags and environment. Throws a `BadUse` that names what is wrong and what to type. */
export const readUpOptions = (flags: UpFlags, env: NodeJS.ProcessEnv): UpOptions => {
  const data = dataFolder(flags.data, env)
  const options: UpOptions = {
    data,
    keys: env.RECYCLIQUE_KEYS ? resolve(env.RECYCLIQUE_KEYS) : join(data, 'keys'),
    host: flags.host ?? (env.RECYCLIQUE_HOST || '127.0.0.1'),
    port: readPort(flags.port ?? (env.RECYCLIQUE_PORT || '8010')),
    site: flags.site ?? (env.RECYCLIQUE_SITE || undefined),
    modules: wishesIn(flags, env),
    isInsecure: flags.insecureNoLogin === true || env.RECYCLIQUE_INSECURE_NO_LOGIN === '1',
    demo: flags.demo,
    natsUrl: env.NATS_URL || undefined,
    isSupervised: flags.supervise !== false,
    logs: logsIn(flags, env),
  }
  checkHost(options)
  checkSite(options.site)
  return options
}

/** What is wished for of modules, on the command line and in the environment. */
export const wishesIn = (flags: Pick<UpFlags, 'modules' | 'config'>, env: NodeJS.ProcessEnv): UpOptions['modules'] => ({
  flag: flags.modules === undefined ? undefined : namesIn(flags.modules),
  environment: env.RECYCLIQUE_MODULES === undefined ? undefined : namesIn(env.RECYCLIQUE_MODULES),
  profile: env.RECYCLIQUE_PROFILE || undefined,
  config: flags.config ?? (env.RECYCLIQUE_CONFIG || undefined),
})

/** `--data`, else RECYCLIQUE_DATA, else `data` where we stand. */
export const dataFolder = (flag: string | undefined, env: NodeJS.ProcessEnv): string =>
  resolve(flag ?? (env.RECYCLIQUE_DATA || 'data'))

const readPort = (text: string): number => {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (port <= 65_535) return port
  throw new BadUse(`'${text}' is no port: give a whole number from 0 (any free one) to 65535, as in --port 8010`)
}

const USUAL_LOG_MB = 50

const logsIn = ({ logDir, logMb }: UpFlags, env: NodeJS.ProcessEnv): LogFolder | undefined => {
  const folder = logDir ?? (env.RECYCLIQUE_LOG_DIR || undefined)
  const text = logMb ?? (env.RECYCLIQUE_LOG_MB || String(USUAL_LOG_MB))
  const mostMb = /^\d{1,6}$/.test(text) ? Number(text) : 0
  if (mostMb < 1)
    throw new BadUse(`'${text}' is no size for the log: give a whole number of megabytes from 1, as in --log-mb 50`)
  if (folder === undefined && logMb !== undefined)
    throw new BadUse('--log-mb says how much of the log is kept in files: say where with --log-dir FOLDER')
  return folder === undefined ? undefined : { folder: resolve(folder), mostMb }
}

const checkHost = ({ host, isInsecure }: UpOptions): void => {
  if (LOOPBACK.has(host) || isInsecure) return
  throw new BadUse(
    `nobody signs in yet, so whoever reaches ${host} may sell and refund: leave --host out, or add --insecure-no-login if the network around this machine is closed`,
  )
}

const checkSite = (site: string | undefined): void => {
  if (site === undefined || /^[a-z0-9](?:[a-z0-9-]{0,12}[a-z0-9])?$/.test(site)) return
  throw new BadUse(`'${site}' is no name for a site: use 1 to 14 of a-z, 0-9 and -, as in --site montreuil`)
}

/** True for an address that other machines reach. */
export const isOpenToOthers = ({ host }: UpOptions): boolean => !LOOPBACK.has(host)
