import { basename, dirname, resolve } from 'node:path'
import { commandsOf } from './commands.ts'
import { isStartable, lookInto } from './manifests.ts'
import { placesIn } from './places.ts'
import { readManifest } from './read-manifest.ts'

/** Everything that keeps a module's folder from being started, as far as it can be seen without running it; empty where nothing does. */
export const checkModule = async (folder: string): Promise<readonly string[]> => {
  const path = resolve(folder)
  const place = (await placesIn({ folders: [dirname(path)] })).find((one) => basename(one.folder) === basename(path))
  if (!place) return [`there is no folder ${path}`]
  const found = await lookInto(place, readManifest)
  if (!found) return [`${path} is a library: a module has a manifest.json and a main.ts`]
  return isStartable(found) ? commandsOf([found]).notes : [found.why]
}
