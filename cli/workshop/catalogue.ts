import type { CatalogueCache } from './catalogue-cache.ts'
import { type FoundModule, isStartable, lookInto } from './manifests.ts'
import { placesIn, type Sources } from './places.ts'
import { readManifest } from './read-manifest.ts'

/** What modules there are, by their manifests alone: nothing of their code runs. */
export interface Catalogue {
  /** Looks again, and gives how many modules are new since the last look. */
  readonly discover: () => Promise<number>
  /** Everything that was found, also folders that cannot be started and why. */
  readonly modules: () => readonly FoundModule[]
  /** Names of the modules that answer a hook, in the order in which they were found. */
  readonly at: (hook: string) => readonly string[]
  /** What a person should know of the last look: a name that was found twice. */
  readonly notes: () => readonly string[]
}

/** With a cache, what did not change since it was kept is not read again. */
export const makeCatalogue = (sources: Sources, cache?: CatalogueCache): Catalogue => {
  let modules: readonly FoundModule[] = []
  let notes: readonly string[] = []
  const read = cache?.readerOver(readManifest) ?? readManifest
  return {
    discover: async () => {
      const known = new Set(modules.filter(isStartable).map(({ name }) => name))
      const places = await placesIn(sources)
      const found = (await Promise.all(places.map((place) => lookInto(place, read)))).filter((one) => one !== undefined)
      const once = onceEach(found)
      modules = once.modules
      notes = once.notes
      await cache?.keep()
      return modules.filter((one) => isStartable(one) && !known.has(one.name)).length
    },
    modules: () => modules,
    at: (hook) => answering(modules, hook),
    notes: () => notes,
  }
}

/** Which modules say that they answer a hook. */
const answering = (modules: readonly FoundModule[], hook: string): readonly string[] =>
  modules
    .filter((one) => isStartable(one) && one.manifest.answers?.some((answer) => answer.hook === hook))
    .map(({ name }) => name)

/** The first of a name is the module; a second one is left out, and said. */
const onceEach = (found: readonly FoundModule[]): { modules: FoundModule[]; notes: string[] } => {
  const first = new Map<string, FoundModule>()
  const notes: string[] = []
  for (const one of found) {
    const before = first.get(one.name)
    if (before === undefined) first.set(one.name, one)
    else notes.push(`${one.name} is there twice: ${before.folder} is taken, ${one.folder} is left out`)
  }
  return { modules: [...first.values()], notes }
}
