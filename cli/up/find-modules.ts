import { join, resolve } from 'node:path'
import { BadUse } from '../bad-use.ts'
import { cacheFolder } from '../nats-server.ts'
import { ROOT } from '../paths.ts'
import { makeCatalogue } from '../workshop/catalogue.ts'
import { openCatalogueCache } from '../workshop/catalogue-cache.ts'
import { chooseModules } from '../workshop/choose.ts'
import { effectiveList } from '../workshop/config.ts'
import { readConfigFile } from '../workshop/config-file.ts'
import type { FoundModule } from '../workshop/manifests.ts'

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
  env?: NodeJS.ProcessEnv
  say?: (line: string) => void
  /** Only looks: writes no note of what it read. */
  isLooking?: boolean
  /** Where modules lie. */
  folder?: string
}

const DEFAULT_CONFIG = 'recyclique.yaml'

/**
 * The modules that are to be started, in the wanted order, and those that are wanted and cannot be. Every module that is there where
 * nobody wishes anything. Throws a `BadUse` for a module that the command line names and that is not there, or an unknown profile, and
 * a `BadConfig` for a file that cannot be taken.
 */
export const findModules = async ({
  flag,
  environment,
  profile,
  config,
  env = process.env,
  say = () => {},
  isLooking = false,
  folder = join(ROOT, 'modules'),
}: Asked = {}): Promise<FoundModule[]> => {
  const path = config ?? DEFAULT_CONFIG
  const said = flag ? undefined : await readConfigFile(resolve(path), config !== undefined)
  const cache = isLooking ? undefined : await openCatalogueCache(join(cacheFolder(env), 'manifests.json'))
  const catalogue = makeCatalogue({ folders: [folder], packages: [join(ROOT, 'node_modules')] }, cache)
  await catalogue.discover()
  const there = catalogue.modules()
  for (const name of flag ?? []) checkThere(name, there)
  const found = there.map(({ name }) => name)
  const file = said && { path, config: said }
  const wanted = effectiveList({ file, profile: flag ? undefined : profile, environment, flag, found })
  for (const note of [...catalogue.notes(), ...wanted.notes]) say(note)
  return chooseModules(there, wanted.entries)
}

/** Whoever types a name wrongly wants to know at once. */
const checkThere = (name: string, there: readonly FoundModule[]): void => {
  if (there.some((module) => module.name === name)) return
  const names = there.map((module) => module.name).join(', ') || 'none'
  throw new BadUse(`there is no module '${name}' in modules/: choose from ${names}, or say --modules none`)
}
