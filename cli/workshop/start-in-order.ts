import type { Manifest } from '@recyclique/contracts'
import type { Crew, Member } from './crew.ts'
import type { StartableModule } from './manifests.ts'
import { needsOf, planStart, type Turn } from './order.ts'

/** How the start of one module went. `waiting`: it was started, and is let in once what it needs is there. */
export type Launch<M, T> =
  | { readonly module: M; readonly state: 'active'; readonly value: T }
  | { readonly module: M; readonly state: 'waiting' | 'failed' | 'refused' | 'unwanted'; readonly why: string }

/** A start that failed: who, why, and who is there otherwise. */
export interface Failure<M> {
  readonly module: M
  readonly error: Error
  readonly crew: Crew
}

export interface StartInOrder<M, T> {
  readonly crew: Crew
  readonly modules: readonly M[]
  /** Starts one and adds it to the crew. `ready` settles once it is of use, and rejects where it cannot come. */
  readonly start: (module: M) => Member & { readonly ready: Promise<T> }
  /** Looked at before anything runs: nothing of an unwanted module is started. */
  readonly isWanted?: (manifest: Manifest) => boolean
  /** Looks at what runs; gives why it will not do, and then it is stopped. Throws nothing. */
  readonly inspect?: (module: M, value: T) => Promise<string | undefined>
  /** Hears of each module that failed, once. */
  readonly onFailure?: (failure: Failure<M>) => void
}

/**
 * Starts modules, each once those that it needs are of use, and the others meanwhile. Whoever needs one that failed is not started;
 * nobody else is touched. Gives what became of each, in the given order.
 */
export const startInOrder = async <M extends StartableModule, T>(
  given: StartInOrder<M, T>,
): Promise<Launch<M, T>[]> => {
  const { modules, isWanted = () => true } = given
  const { turns, refused } = planStart(modules.filter(({ manifest }) => isWanted(manifest)))
  const launches = new Map<string, Promise<Launch<M, T>>>()
  for (const { module, why } of refused) launches.set(module.name, Promise.resolve({ module, state: 'refused', why }))
  for (const turn of turns) launches.set(turn.module.name, takeTurn(given, turn, launches))
  const unwanted = (module: M): Launch<M, T> => ({ module, state: 'unwanted', why: 'its manifest is not wanted here' })
  return Promise.all(modules.map((module) => launches.get(module.name) ?? unwanted(module)))
}

const takeTurn = async <M extends StartableModule, T>(
  given: StartInOrder<M, T>,
  { module, waitsFor }: Turn<M>,
  launches: ReadonlyMap<string, Promise<Launch<M, T>>>,
): Promise<Launch<M, T>> => {
  const needed = await Promise.all(needsOf(module).flatMap((name) => launches.get(name) ?? []))
  const gone = needed.filter(({ state }) => state === 'failed' || state === 'refused')
  if (gone.length > 0) {
    const names = gone.map((launch) => launch.module.name).join(', ')
    return { module, state: 'failed', why: `it needs ${names}, which did not start` }
  }
  const launched = launch(given, module)
  return waitsFor.length > 0 ? { module, state: 'waiting', why: `it waits for ${waitsFor.join('; ')}` } : launched
}

const launch = async <M extends StartableModule, T>(
  { crew, start, inspect, onFailure }: StartInOrder<M, T>,
  module: M,
): Promise<Launch<M, T>> => {
  try {
    const value = await start(module).ready
    const why = await inspect?.(module, value)
    if (why === undefined) return { module, state: 'active', value }
    await crew.stop(module.name)
    return { module, state: 'refused', why }
  } catch (error) {
    onFailure?.({ module, error: error as Error, crew })
    return { module, state: 'failed', why: (error as Error).message }
  }
}
