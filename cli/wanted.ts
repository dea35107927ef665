import type { WantedModule, WantedOutcome } from '@recyclique/contracts'
import type { Api } from './api.ts'
import { type FoundModule, isStartable } from './up/find-modules.ts'
import type { EffectiveEntry } from './workshop/config.ts'

/** The installation's list as the kernel takes it: in the order in which it was written, with those that are to rest. */
export const wantedFrom = (entries: readonly EffectiveEntry[]): WantedModule[] =>
  entries.map(({ name, isEnabled, config, origin }) => ({
    ...{ name, enabled: isEnabled, origin: origin.slice(-MOST_ORIGIN) },
    ...(config === undefined ? {} : { config: { ...config } }),
  }))

const MOST_ORIGIN = 200

/**
 * The same of what is to be started here: who rests is not started, which is nobody's order. One that cannot be started has its say when it
 * can, and folders that somebody works on may stand in no list.
 */
export const wantedOf = (modules: readonly FoundModule[], entries: readonly EffectiveEntry[]): WantedModule[] => {
  const originOf = (name: string) => entries.find((entry) => entry.name === name)?.origin ?? 'recyclique dev'
  const startable = modules.filter(isStartable)
  return wantedFrom(
    startable.map(({ name, config }) => ({ name, config, isEnabled: true, origin: originOf(name) })),
  ).map(({ enabled: _, ...one }) => one)
}

/** Hands it to a kernel that runs; `dryRun`: only asks what would change. What each module makes of it, in the same order. */
export const handOver = async (api: Api, items: readonly WantedModule[], dryRun = false): Promise<WantedOutcome[]> => {
  const body = { items, ...(dryRun ? { dryRun } : {}) }
  return (await api.put<{ items: WantedOutcome[] }>('/v1/wanted-modules', { body })).items
}

/** It was refused, or a process of it cannot work with it. */
export const isTrouble = ({ refused, taken = [] }: WantedOutcome): boolean =>
  refused !== undefined || taken.some(({ ok, isHeard = true }) => !ok && isHeard)

/** What changes, or would, for a person: a line for each thing; none where nothing does. */
export const wordsOnOutcome = (outcome: WantedOutcome): string[] => {
  const { module, settings, desired, refused } = outcome
  const lines = [
    ...settings.map(lineOfSetting),
    ...(desired === undefined ? [] : [desired === 'disabled' ? 'rests from now on' : 'works again']),
    ...(refused === undefined ? wordsOnTaken(outcome) : [`nothing of this is taken: ${refused}`]),
  ]
  return lines.map((line) => `${module}: ${line}`)
}

const lineOfSetting = ({ key, was, is, secret, isGone, lifts }: WantedOutcome['settings'][number]): string => {
  const now = isGone ? 'no longer set here' : secret ? 'set anew (not shown)' : JSON.stringify(is)
  const before = was === undefined ? '' : `, before ${JSON.stringify(was)}`
  return `${key} is ${now}${before}${lifts === undefined ? '' : `; what ${lifts} said is lifted`}`
}

const wordsOnTaken = ({ taken, isReadAtStart = false }: WantedOutcome): string[] => {
  if (taken === undefined) return []
  if (taken.length === 0) return ['it does not run: it has this when it starts']
  if (isReadAtStart) return ['it reads its settings once: start it again']
  if (taken.every(({ ok }) => ok))
    return [`works with it (${taken.length === 1 ? '1 process' : `${taken.length} processes`})`]
  return taken.flatMap(({ instance, ok, isHeard = true, words = 'it does not say why' }) => {
    if (ok) return []
    return [isHeard ? `${instance} goes on with what it had: ${words}` : `${instance} hears no changes: start it again`]
  })
}
