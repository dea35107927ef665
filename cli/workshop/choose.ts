import type { EffectiveEntry } from './config.ts'
import { type FoundModule, isStartable } from './manifests.ts'
import { isIn, isRange } from './ranges.ts'

/**
 * The modules that are wanted and found, in the wanted order, each with its configuration; for one that is nowhere, or in another
 * version than wanted, why. The others go on.
 */
export const chooseModules = (found: readonly FoundModule[], entries: readonly EffectiveEntry[]): FoundModule[] =>
  entries.filter(({ isEnabled }) => isEnabled).map((entry) => chooseOne(found, entry))

const chooseOne = (found: readonly FoundModule[], entry: EffectiveEntry): FoundModule => {
  const { name, version, config, memory, origin } = entry
  const module = found.find((one) => one.name === name)
  if (!module) return { name, why: `${origin} names it, but there is no such module: choose from ${namesOf(found)}` }
  if (!isStartable(module)) return module
  const why = version === undefined ? undefined : misfit(module.manifest.version, version, origin)
  if (why !== undefined) return { name, folder: module.folder, why }
  return {
    ...module,
    ...(config === undefined ? {} : { config, configOrigin: origin }),
    ...(memory === undefined ? {} : { memory }),
  }
}

const misfit = (version: string, wanted: string, origin: string): string | undefined => {
  if (!isRange(wanted)) return `${origin} wants version '${wanted}': write a range of versions such as ^1.2`
  return isIn(version, wanted) ? undefined : `${origin} wants ${wanted}, but it is ${version}`
}

const namesOf = (found: readonly FoundModule[]): string => found.map(({ name }) => name).join(', ') || 'none'
