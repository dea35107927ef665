import { type Manifest, wayRound } from '@recyclique/contracts'
import { isIn } from './ranges.ts'

type Orderable = { readonly name: string; readonly manifest: Pick<Manifest, 'version' | 'requires'> }

/** A module in its turn. `waitsFor`: what it needs and this start does not bring; started all the same, it is let in once that is there. */
export interface Turn<M> {
  readonly module: M
  readonly waitsFor: readonly string[]
}

export interface StartPlan<M> {
  /** Whoever is needed stands before whoever needs it. Stop in the reverse order. */
  readonly turns: readonly Turn<M>[]
  /** Modules that need each other in a circle, each with its way round. */
  readonly refused: readonly { readonly module: M; readonly why: string }[]
}

/**
 * The order of the start, over `requires` and among these modules only; where nothing decides, the given order. A circle refuses its own
 * members and nobody else.
 */
export const planStart = <M extends Orderable>(modules: readonly M[]): StartPlan<M> => {
  const byName = new Map(modules.map((module) => [module.name, module]))
  const needs = new Map(modules.map((module) => [module.name, needsOf(module)]))
  const rounds = new Map(modules.map(({ name }) => [name, wayRound(name, needs)]))
  const refused = modules.flatMap((module) => {
    const way = rounds.get(module.name)
    return way ? [{ module, why: `it needs itself: ${way.join(' → ')}` }] : []
  })
  const sound = modules.filter(({ name }) => !rounds.get(name))
  return { turns: withWaits(inOrder(sound), byName), refused }
}

/** Whom a module needs, of those who are here. */
export const needsOf = ({ manifest }: Orderable): string[] => Object.keys(manifest.requires ?? {})

/** Again and again the first whose needs stand already, or are not here. There is one as long as nobody stands in a circle. */
const inOrder = <M extends Orderable>(modules: readonly M[]): M[] => {
  const left = [...modules]
  const placed: M[] = []
  while (left.length > 0) {
    const names = new Set(left.map(({ name }) => name))
    const at = left.findIndex((module) => !needsOf(module).some((need) => names.has(need)))
    placed.push(...left.splice(at, 1))
  }
  return placed
}

const withWaits = <M extends Orderable>(ordered: readonly M[], byName: ReadonlyMap<string, Orderable>): Turn<M>[] => {
  const waiting = new Set<string>()
  return ordered.map((module) => {
    const waitsFor = Object.entries(module.manifest.requires ?? {}).flatMap(([need, range]) => {
      const other = byName.get(need)
      if (!other) return [`${need} ${range}, which is not among those that are started`]
      if (!isIn(other.manifest.version, range)) return [`${need} ${range}, but that is ${other.manifest.version}`]
      return waiting.has(need) ? [`${need}, which waits itself`] : []
    })
    if (waitsFor.length > 0) waiting.add(module.name)
    return { module, waitsFor }
  })
}
