import type { InstanceConfig, ModuleEntry } from '@recyclique/contracts'
import { BadUse } from '../bad-use.ts'

/** One module as this installation wants it, and where the last word on it was said. */
export interface EffectiveEntry {
  readonly name: string
  readonly isEnabled: boolean
  readonly origin: string
  readonly version?: string | undefined
  readonly config?: Readonly<Record<string, unknown>> | undefined
  readonly memory?: number | undefined
}

export interface EffectiveList {
  /** In the order in which they were named first: later ones are newer, and are asked earlier. */
  readonly entries: readonly EffectiveEntry[]
  /** What a person should know: a module that was named again. */
  readonly notes: readonly string[]
}

/** Where an installation's wishes may stand. Lists of names: an empty one wants no module at all. */
export interface Wishes {
  readonly file?: { readonly path: string; readonly config: InstanceConfig } | undefined
  /** `RECYCLIQUE_PROFILE`. */
  readonly profile?: string | undefined
  /** `RECYCLIQUE_MODULES`: on top of the file. */
  readonly environment?: readonly string[] | undefined
  /** `--modules`: these and no others. */
  readonly flag?: readonly string[] | undefined
  /** Every module that is there: what runs where nobody wishes anything. */
  readonly found: readonly string[]
  /** Modules that somebody added by a command: wanted, unless something else is said of them. */
  readonly added?: readonly string[] | undefined
}

export const ORIGIN = {
  environment: 'RECYCLIQUE_MODULES',
  flag: '--modules',
  found: 'found',
  added: 'recyclique modules add',
} as const

type Source = { origin: string; entries: readonly ModuleEntry[] }

/**
 * The list that is in force: the file, its profile, the environment, the command line, each laid over the one before. Throws a
 * `BadUse` that lists the profiles for one that is not there.
 */
export const effectiveList = (wishes: Wishes): EffectiveList => {
  const profile = profileIn(wishes)
  const { file, environment, flag, found, added = [] } = wishes
  if (flag) return lay([sourceOf(ORIGIN.flag, flag)])
  if (environment?.length === 0) return { entries: [], notes: [] }
  const sources = [
    ...(file?.config.modules ? [{ origin: file.path, entries: file.config.modules }] : []),
    ...profile,
    ...(environment ? [sourceOf(ORIGIN.environment, environment)] : []),
  ]
  const named = new Set(sources.flatMap(({ entries }) => entries.map(({ name }) => name)))
  const others = (names: readonly string[]) => names.filter((name) => !named.has(name))
  const unsaid =
    sources.length > 0
      ? []
      : [
          sourceOf(
            ORIGIN.found,
            found.filter((name) => !added.includes(name)),
          ),
        ]
  return lay([...sources, ...unsaid, sourceOf(ORIGIN.added, others(added))])
}

/** `a,b` → names; `none`, or nothing at all, is no module. */
export const namesIn = (text: string): string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'none')

const sourceOf = (origin: string, names: readonly string[]): Source => ({
  origin,
  entries: names.map((name) => ({ name, enabled: true })),
})

const profileIn = ({ file, profile }: Wishes): Source[] => {
  const name = profile ?? file?.config.profile
  if (name === undefined) return []
  const profiles = file?.config.profiles ?? {}
  const chosen = Object.hasOwn(profiles, name) ? profiles[name] : undefined
  if (chosen) return [{ origin: `${file?.path}, profile ${name}`, entries: chosen.modules ?? [] }]
  if (!file) throw new BadUse(`there is no profile '${name}': there is no configuration file that it could stand in`)
  const known = Object.keys(profiles).join(', ') || 'none, since none stands in it'
  throw new BadUse(`there is no profile '${name}' in ${file.path}: choose from ${known}`)
}

const lay = (sources: readonly Source[]): EffectiveList => {
  const entries = new Map<string, EffectiveEntry>()
  const notes: string[] = []
  for (const { origin, entries: said } of sources)
    for (const entry of said) {
      const before = entries.get(entry.name)
      if (before?.isEnabled && (before.origin === origin || saysNothing(entry)))
        notes.push(`${entry.name} is named by ${before.origin} and again by ${origin}: it is started once`)
      entries.set(entry.name, over(before, entry, origin))
    }
  return { entries: [...entries.values()], notes }
}

/** It only names what is wanted already. */
const saysNothing = ({ enabled = true, version, config, memory }: ModuleEntry): boolean =>
  enabled && version === undefined && config === undefined && memory === undefined

const over = (before: EffectiveEntry | undefined, entry: ModuleEntry, origin: string): EffectiveEntry => ({
  name: entry.name,
  isEnabled: entry.enabled ?? true,
  version: entry.version ?? before?.version,
  config: entry.config ?? before?.config,
  memory: entry.memory ?? before?.memory,
  origin: before?.isEnabled && saysNothing(entry) ? before.origin : origin,
})
