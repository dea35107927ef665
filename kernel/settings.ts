import { join } from 'node:path'
import { GRANT_POLICIES, type GrantPolicy, parse, Slug } from '@recyclique/contracts'
import { type ControlSettings, readControl } from './control-settings.ts'

/** What the environment says about this kernel. */
export interface Settings {
  readonly site: string
  readonly host: string
  readonly port: number
  readonly dataDir: string
  readonly ledgerFile: string
  readonly keysDir: string
  readonly natsUrl: string | undefined
  readonly isReduced: boolean
  readonly logLevel: string
  /** What modules are granted without anybody being asked: see docs/permissions.md. */
  readonly grants: GrantPolicy
  readonly control: ControlSettings
}

/** The environment is wrong: the message names the variable and what to do. */
export class BadSetting extends Error {}

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost'])

export const readSettings = (env: Readonly<Record<string, string | undefined>>): Settings => {
  const dataDir = env.RECYCLIQUE_DATA || 'data'
  const host = env.RECYCLIQUE_HOST || '127.0.0.1'
  if (!LOOPBACK.has(host) && env.RECYCLIQUE_INSECURE_NO_LOGIN !== '1')
    throw new BadSetting(
      `RECYCLIQUE_HOST=${host}: nobody signs in yet, so that whoever reaches this address may sell and refund. Listen on 127.0.0.1, or say --insecure-no-login (RECYCLIQUE_INSECURE_NO_LOGIN=1) if the network around it is closed.`,
    )
  return {
    site: siteOf(env.RECYCLIQUE_SITE || 'centre'),
    host,
    port: portOf(env.RECYCLIQUE_PORT || '8010'),
    dataDir,
    ledgerFile: join(dataDir, 'ledger.sqlite'),
    keysDir: env.RECYCLIQUE_KEYS || join(dataDir, 'keys'),
    natsUrl: env.NATS_URL || undefined,
    isReduced: env.RECYCLIQUE_REDUCED === '1',
    logLevel: levelOf(env.LOG_LEVEL || 'info'),
    grants: grantsOf(env.RECYCLIQUE_GRANTS || 'first'),
    control: controlOf(env),
  }
}

const controlOf = (env: Readonly<Record<string, string | undefined>>) => {
  try {
    return readControl(env)
  } catch (cause) {
    throw new BadSetting((cause as Error).message, { cause })
  }
}

const siteOf = (text: string) => {
  try {
    return parse(Slug, text)
  } catch (cause) {
    throw new BadSetting(`RECYCLIQUE_SITE=${text}: use 1 to 14 of a-z, 0-9 and -`, { cause })
  }
}

const portOf = (text: string) => {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (!(port <= 65_535))
    throw new BadSetting(`RECYCLIQUE_PORT=${text}: use a whole number from 0 (any free one) to 65535`)
  return port
}

const grantsOf = (text: string): GrantPolicy => {
  const policy = GRANT_POLICIES.find((one) => one === text)
  if (!policy)
    throw new BadSetting(
      `RECYCLIQUE_GRANTS=${text}: use first (what a module asks for when it first comes is granted), ask (an operator grants everything) or all`,
    )
  return policy
}

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']

const levelOf = (text: string) => {
  if (!LEVELS.includes(text)) throw new BadSetting(`LOG_LEVEL=${text}: use one of ${LEVELS.join(', ')}`)
  return text
}
