/** The four pages, under /v1/control or wherever the operator wants them. */
export const CONTROL_PAGES = ['health', 'version', 'heartbeat', 'environ'] as const
export type ControlPage = (typeof CONTROL_PAGES)[number]

/** Where they lie where nobody says anything else. */
export const CONTROL_PREFIX = '/v1/control'

export interface ControlSettings {
  readonly prefix: string
  /** Those that answer; each other one is not there. */
  readonly pages: readonly ControlPage[]
  /** Which settings are in force, and where they come from. Never their values. */
  readonly environ: readonly { readonly name: string; readonly origin: 'environment' | 'default' }[]
  /** Modules without which the centre is not well. */
  readonly required: readonly string[]
  /** How long these have, after a start, to be at work. */
  readonly requiredWithinMs: number
  /** When they are not, the kernel ends. Otherwise it says so, and the till sells. */
  readonly isStrict: boolean
  /** What becomes, by then, of an answer to a question that nobody declares: a warning, or the end of the start. */
  readonly pendingHooks: 'warn' | 'fail'
}

type Env = Readonly<Record<string, string | undefined>>

/** What the control pages may name. Everything else in the environment is nobody's business. */
const KNOWN = [
  'RECYCLIQUE_SITE',
  'RECYCLIQUE_HOST',
  'RECYCLIQUE_PORT',
  'RECYCLIQUE_DATA',
  'RECYCLIQUE_KEYS',
  'RECYCLIQUE_REDUCED',
  'RECYCLIQUE_CONTROL',
  'RECYCLIQUE_CONTROL_PREFIX',
  'RECYCLIQUE_REQUIRED_MODULES',
  'RECYCLIQUE_REQUIRED_WITHIN_MS',
  'RECYCLIQUE_STRICT_START',
  'RECYCLIQUE_PENDING_HOOKS',
  'RECYCLIQUE_GRANTS',
  'NATS_URL',
  'LOG_LEVEL',
] as const

const USUAL: readonly ControlPage[] = ['health', 'version', 'heartbeat']

/** Throws a `RangeError` that names the variable and what to do. */
export const readControl = (env: Env): ControlSettings => ({
  prefix: prefixOf(env.RECYCLIQUE_CONTROL_PREFIX || CONTROL_PREFIX),
  pages: env.RECYCLIQUE_CONTROL === undefined ? USUAL : wordsIn(env.RECYCLIQUE_CONTROL).map(pageOf),
  environ: KNOWN.map((name) => ({ name, origin: env[name] ? 'environment' : 'default' })),
  required: wordsIn(env.RECYCLIQUE_REQUIRED_MODULES ?? '').map(moduleOf),
  requiredWithinMs: withinOf(env.RECYCLIQUE_REQUIRED_WITHIN_MS || '10000'),
  isStrict: env.RECYCLIQUE_STRICT_START === '1',
  pendingHooks: pendingOf(env.RECYCLIQUE_PENDING_HOOKS || 'warn'),
})

const wordsIn = (list: string): string[] =>
  list
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')

/** What begins otherwise is the API, a module or a page of the kernel's: there a prefix could hide something. */
const TAKEN = new Set(['v1', 'm', 'docs', 'openapi.json', 'errors', 'healthz', 'readyz', 'metrics'])

const prefixOf = (text: string): string => {
  if (text === CONTROL_PREFIX) return text
  if (!/^(?:\/[a-z0-9-]{1,32}){1,4}$/.test(text))
    throw new RangeError(`RECYCLIQUE_CONTROL_PREFIX=${text}: use a path of a-z, 0-9 and -, such as /control`)
  const [, first = ''] = text.split('/')
  if (TAKEN.has(first))
    throw new RangeError(
      `RECYCLIQUE_CONTROL_PREFIX=${text}: what begins with /${first} is the kernel's own: use another, such as /control`,
    )
  return text
}

const pageOf = (word: string): ControlPage => {
  const page = CONTROL_PAGES.find((one) => one === word)
  if (!page)
    throw new RangeError(`RECYCLIQUE_CONTROL: there is no page '${word}': use some of ${CONTROL_PAGES.join(', ')}`)
  return page
}

const moduleOf = (word: string): string => {
  if (!/^[a-z][a-z0-9-]{0,23}$/.test(word))
    throw new RangeError(`RECYCLIQUE_REQUIRED_MODULES: '${word}' is no module's name`)
  return word
}

const pendingOf = (text: string): ControlSettings['pendingHooks'] => {
  if (text !== 'warn' && text !== 'fail') throw new RangeError(`RECYCLIQUE_PENDING_HOOKS=${text}: use warn or fail`)
  return text
}

const withinOf = (text: string): number => {
  if (!/^\d{1,7}$/.test(text))
    throw new RangeError(`RECYCLIQUE_REQUIRED_WITHIN_MS=${text}: use a number of milliseconds`)
  return Number(text)
}
