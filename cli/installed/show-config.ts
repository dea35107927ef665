import type { ConfigView, Manifest } from '@recyclique/contracts'
import { type FoundModule, isStartable, type Survey } from '../up/find-modules.ts'
import type { EffectiveEntry } from '../workshop/config.ts'

/** A value and where it was said. */
type Said = { readonly value: unknown; readonly origin: string }

export interface ShownConfig {
  /** The file, where there is one. */
  readonly file: string | undefined
  readonly profile: Said | undefined
  readonly site: Readonly<Record<string, Said>>
  readonly registers: readonly { readonly id: string; readonly name: string; readonly origin: string }[]
  readonly modules: readonly ShownModule[]
  readonly notes: readonly string[]
}

export interface ShownModule {
  readonly name: string
  readonly enabled: boolean
  readonly origin: string
  /** The range that is wanted, where one is. */
  readonly wanted: string | undefined
  readonly version: string | undefined
  readonly folder: string | undefined
  readonly config: Readonly<Record<string, unknown>> | undefined
  /** What is set for it in the kernel that runs, each with its origin: what was set by hand lies over the file. */
  readonly inForce?: ConfigView['items']
  /** Why it cannot be started. */
  readonly why: string | undefined
}

/** What is in force, out of file, environment and what was added; secrets covered. */
export const showConfig = (
  survey: Survey,
  env: NodeJS.ProcessEnv,
  inForce: ReadonlyMap<string, ConfigView> = new Map(),
): ShownConfig => {
  const { path, config } = survey
  const site = Object.entries({ ...config?.site }).map(([key, value]) => [key, { value, origin: path }])
  const sited = env.RECYCLIQUE_SITE ? { id: { value: env.RECYCLIQUE_SITE, origin: 'RECYCLIQUE_SITE' } } : {}
  return {
    file: config && path,
    profile: profileIn(survey, env),
    site: { ...Object.fromEntries(site), ...sited },
    registers: (config?.registers ?? []).map((register) => ({ ...register, origin: path })),
    modules: survey.entries.map((entry) => {
      const items = inForce.get(entry.name)?.items
      return { ...moduleOf(entry, survey), ...(items ? { inForce: items } : {}) }
    }),
    notes: survey.notes,
  }
}

const profileIn = ({ path, config }: Survey, env: NodeJS.ProcessEnv): Said | undefined => {
  if (env.RECYCLIQUE_PROFILE) return { value: env.RECYCLIQUE_PROFILE, origin: 'RECYCLIQUE_PROFILE' }
  return config?.profile === undefined ? undefined : { value: config.profile, origin: path }
}

const moduleOf = ({ name, isEnabled, origin, version, config }: EffectiveEntry, survey: Survey): ShownModule => {
  const found = survey.there.find((one) => one.name === name)
  const manifest = found && isStartable(found) ? found.manifest : undefined
  return {
    ...{ name, enabled: isEnabled, origin, wanted: version, version: manifest?.version, folder: found?.folder },
    config: config && covered(config, manifest),
    why: isEnabled ? whyNot(survey.chosen.find((one) => one.name === name)) : undefined,
  }
}

const whyNot = (chosen: FoundModule | undefined): string | undefined =>
  chosen && !isStartable(chosen) ? chosen.why : undefined

/** What the manifest's schema calls secret, and what it does not know: nobody can say that it is none. */
const covered = (
  config: Readonly<Record<string, unknown>>,
  manifest: Manifest | undefined,
): Record<string, unknown> => {
  const { properties = {} } = (manifest?.config ?? {}) as { properties?: Record<string, { secret?: unknown }> }
  const isPlain = (key: string) => Object.hasOwn(properties, key) && properties[key]?.secret !== true
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [key, isPlain(key) ? value : '***']))
}

/** The same for a person. */
export const wordsOnConfig = ({ file, profile, site, registers, modules, notes }: ShownConfig): string[] => [
  file === undefined ? 'There is no recyclique.yaml here: everything is as it comes.' : `Read from ${file}.`,
  ...(profile ? [row('profile', profile.value, profile.origin)] : []),
  ...Object.entries(site).map(([key, { value, origin }]) => row(`site ${key}`, value, origin)),
  ...registers.map(({ id, name, origin }) => row(`register ${id}`, name, origin)),
  ...(modules.length === 0 ? ['No modules.'] : ['', 'Modules, in the order in which they are started:']),
  ...modules.flatMap(linesOf),
  ...(notes.length === 0 ? [] : ['', ...notes]),
]

/** What nobody set, and has no default, is no news. */
const settingOf = ({ key, value, secret, origin, by, over }: ConfigView['items'][number]): string[] => {
  if (origin === 'not set') return []
  const shown = (one: unknown) => (one === undefined ? '***' : JSON.stringify(one))
  const who = over && by !== undefined ? ` by ${by}` : ''
  const below = over ? `${who}, over ${secret ? '***' : shown(over.value)} of ${over.origin}` : ''
  return [`    ${key.padEnd(22)} ${shown(value).padEnd(28)} ${origin}${below}`]
}

const row = (what: string, value: unknown, origin: string): string =>
  `  ${what.padEnd(24)} ${String(value).padEnd(28)} ${origin}`

const linesOf = ({ name, enabled, origin, wanted, version, config, inForce, why }: ShownModule): string[] => [
  row(name, [enabled ? (version ?? '?') : 'not enabled', ...(wanted ? [`(wanted: ${wanted})`] : [])].join(' '), origin),
  ...(inForce ? inForce.flatMap(settingOf) : config ? [`    config ${JSON.stringify(config)}`] : []),
  ...(why === undefined ? [] : [`    not started: ${why}`]),
]
