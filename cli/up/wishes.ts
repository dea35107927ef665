import { resolve } from 'node:path'
import type { InstanceConfig, WantedModule } from '@recyclique/contracts'
import { installedHome, layKit } from '../installed/home.ts'
import { indexFile } from '../installed/index-file.ts'
import { wantedOf } from '../wanted.ts'
import { keepConfig } from '../workshop/keep-config.ts'
import { configFile, type FoundModule, surveyModules } from './find-modules.ts'
import type { UpOptions } from './options.ts'
import type { Screen } from './screen.ts'

/** What is wanted at one moment. */
export interface Looked {
  readonly modules: readonly FoundModule[]
  readonly config: InstanceConfig | undefined
  /** The installation's list, for the kernel. */
  readonly wanted: readonly WantedModule[]
}

/** What is wanted of this installation, over time. */
export interface Wishes {
  readonly home: string
  /** Looks again; of a file that cannot be taken the last good one counts. */
  readonly look: () => Promise<Looked>
  /** The files that say it. */
  readonly files: readonly string[]
}

/** `over` has the last word on what was found: the folders of modules that are being written. */
export const readWishes = async (
  { data, modules }: UpOptions,
  screen: Screen,
  over: (found: readonly FoundModule[]) => readonly FoundModule[] = (found) => found,
): Promise<Wishes> => {
  const home = installedHome(data)
  const { path, isAskedFor } = configFile(modules)
  const keeper = keepConfig({ path, isAskedFor, say: screen.say })
  const said = new Set<string>()
  const sayOnce = (note: string): void => {
    if (!said.has(note)) screen.say(note, 'warn')
    said.add(note)
  }
  await layKit(home)
  return {
    home,
    files: [resolve(path), indexFile(home)],
    look: async () => {
      const { chosen, config, entries, notes } = await surveyModules({ ...modules, home, keeper })
      for (const note of notes) sayOnce(note)
      const found = over(chosen)
      return { modules: found, config, wanted: wantedOf(found, entries) }
    },
  }
}
