import { realpath } from 'node:fs/promises'
import { resolve } from 'node:path'
import { BadUse, CannotDo } from '../bad-use.ts'
import { checkModule } from '../workshop/check-module.ts'
import { linkSdk } from '../workshop/link-sdk.ts'
import { type FoundModule, isStartable, lookInto, type StartableModule } from '../workshop/manifests.ts'
import { readManifest } from '../workshop/read-manifest.ts'

/** The modules in these folders, wherever they lie. Throws what keeps one of them from being started. */
export const linkFolders = async (folders: readonly string[]): Promise<StartableModule[]> => {
  const linked = await Promise.all(folders.map(linkFolder))
  const twice = linked.find(({ name }, nth) => linked.findIndex((one) => one.name === name) < nth)
  if (twice) throw new BadUse(`two folders hold a module '${twice.name}': name one of them`)
  return linked
}

const linkFolder = async (folder: string): Promise<StartableModule> => {
  const flaws = await checkModule(folder)
  const module = flaws.length === 0 ? await moduleIn(folder) : undefined
  if (!module) throw new CannotDo([`the module in ${folder} cannot be started:`, ...flaws].join('\n  '))
  if (module.manifest.run === undefined) await linkSdk(module.folder)
  return module
}

/** As it is now; undefined where none can be started. */
export const moduleIn = async (folder: string): Promise<StartableModule | undefined> => {
  const found = await lookInto({ folder: await realpath(resolve(folder)), isPackage: false }, readManifest)
  return found && isStartable(found) ? found : undefined
}

/** Takes the place of what was found under its name, with what is configured for it. Everybody else is started as ever. */
export const withLinked = (found: readonly FoundModule[], linked: readonly StartableModule[]): FoundModule[] => {
  const others = found.filter(({ name }) => !linked.some((one) => one.name === name))
  return [...others, ...linked.map((one) => ({ ...one, ...configOf(found, one.name) }))]
}

const configOf = (
  found: readonly FoundModule[],
  name: string,
): Pick<StartableModule, 'config' | 'configOrigin' | 'memory'> => {
  const module = found.find((one) => one.name === name)
  if (!module || !isStartable(module)) return {}
  const { config, configOrigin, memory } = module
  return { ...(config === undefined ? {} : { config, configOrigin }), ...(memory === undefined ? {} : { memory }) }
}
