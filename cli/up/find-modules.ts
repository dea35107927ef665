import { join, resolve } from 'node:path'
import type { InstanceConfig } from '@recyclique/contracts'
import { BadUse } from '../bad-use.ts'
import { type Modules, readIndex } from '../installed/index-file.ts'
import { cacheFolder } from '../nats-server.ts'
import { ROOT } from '../paths.ts'
import { makeCatalogue } from '../workshop/catalogue.ts'
import { openCatalogueCache } from '../workshop/catalogue-cache.ts'
import { chooseModules } from '../workshop/choose.ts'
import { type EffectiveEntry, effectiveList } from '../workshop/config.ts'
import { readConfigFile } from '../workshop/config-file.ts'
import type { ConfigKeeper } from '../workshop/keep-config.ts'
import { type FoundModule, isStartable } from '../workshop/manifests.ts'

export { type FoundModule, isStartable, type StartableModule } from '../workshop/manifests.ts'

/** What is wished for, wherever it was said: see `Wishes` in the workshop. */
export type Asked = {
  /** `--modules`. */
  flag?: string[] | undefined
  /** `RECYCLIQUE_MODULES`. */
  environment?: string[] | undefined
  profile?: string | undefined
  /** The configuration file that somebody named; else `recyclique.yaml` where we stand, where there is one. */
  config?: string | undefined
  /** Reads the configuration in the place of a plain look at the file. */
  keeper?: ConfigKeeper | undefined
  env?: NodeJS.ProcessEnv
  say?: (line: string) => void
  /** Only looks: writes no note of what it read. */
  isLooking?: boolean
  /** Where modules lie. */
  folder?: string
  /** Where those lie that were added to this installation; nothing is looked for where nothing is said. */
  home?: string | undefined
}

const DEFAULT_CONFIG = 'recyclique.yaml'

/** Where the configuration is looked for, and whether somebody named it. */
export const configFile = ({ config }: Pick<Asked, 'config'>): { path: string; isAskedFor: boolean } => ({
  path: config ?? DEFAULT_CONFIG,
  isAskedFor: config !== undefined,
})

/** All that is known before anything runs: what there is, what is wanted, and what comes of the two. */
export interface Survey {
  readonly path: string
  readonly config: InstanceConfig | undefined
  readonly installed: Modules
  readonly there: readonly FoundModule[]
  readonly entries: readonly EffectiveEntry[]
  readonly chosen: FoundModule[]
  /** What a person should know. */
  readonly notes: readonly string[]
}

/**
 * The modules that are to be started, in the wanted order, and those that are wanted and cannot be. Every module that is there where
 * nobody wishes anything, except those whose manifest says `isOptIn`. Throws a `BadUse` for a module that the command line names and
 * that is not there, or an unknown profile, and a `BadConfig` for a file that cannot be taken.
 */
export const findModules = async (asked: Asked = {}): Promise<FoundModule[]> => {
  const { chosen, notes } = await surveyModules(asked)
  for (const note of notes) asked.say?.(note)
  return chosen
}

/** The same with all that led to it. Throws as `findModules` does. */
export const surveyModules = async (asked: Asked): Promise<Survey> => {
  const { flag, environment, profile, env = process.env, folder = join(ROOT, 'modules'), home, isLooking } = asked
  const { path, isAskedFor } = configFile(asked)
  const config = await (asked.keeper?.read() ?? readConfigFile(resolve(path), isAskedFor))
  const installed = home === undefined ? {} : await readIndex(home)
  const places = Object.values(installed).flatMap(({ inForce }) => (inForce && home ? join(home, inForce.folder) : []))
  const cache = isLooking ? undefined : await openCatalogueCache(join(cacheFolder(env), 'manifests.json'))
  const packages = [join(ROOT, 'node_modules')]
  const catalogue = makeCatalogue({ folders: [folder], packages, installed: places }, cache)
  await catalogue.discover()
  const there = catalogue.modules()
  for (const name of flag ?? []) checkThere(name, there)
  const found = there.filter((one) => !(isStartable(one) && one.manifest.isOptIn)).map(({ name }) => name)
  const added = Object.keys(installed).filter((name) => installed[name]?.inForce)
  // The command line is the last word on modules: what the file says of them is not even looked at.
  const file = config && !flag ? { path, config } : undefined
  const wished = { file, profile: flag ? undefined : profile, environment, flag, found, added }
  const { entries, notes } = effectiveList(wished)
  const chosen = chooseModules(there, entries)
  return { path, config, installed, there, entries, chosen, notes: [...catalogue.notes(), ...notes] }
}

/** Whoever types a name wrongly wants to know at once. */
const checkThere = (name: string, there: readonly FoundModule[]): void => {
  if (there.some((module) => module.name === name)) return
  const names = there.map((module) => module.name).join(', ') || 'none'
  throw new BadUse(`there is no module '${name}' in modules/: choose from ${names}, or say --modules none`)
}
