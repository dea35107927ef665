import type { Band, Implementation } from './step.ts'

/** `before` and `after` contradict each other. `path` begins and ends with the same module. */
export class OrderCycle extends Error {
  readonly path: readonly string[]
  constructor(path: readonly string[]) {
    super(`before and after go round in a circle: ${path.join(' → ')}`)
    this.name = 'OrderCycle'
    this.path = path
  }
}

type Placed = { readonly one: Implementation; readonly why: string }

/**
 * The order of the calls. Band by band; in each the newest first, but in `trylast` the oldest first, so that the newest `trylast` is
 * the very last. Then `before` and `after` move a step inside its band as little as they must; who is away is no hindrance.
 *
 * (pluggy's own documents say that `trylast` too is newest first; its code and its tests say this.)
 */
export const inOrder = (implementations: readonly Implementation[]): Placed[] =>
  BANDS.flatMap((band) => refined(byRank(band, implementations)))

const BANDS: readonly Band[] = ['tryfirst', 'normal', 'trylast']

/** Of equal rank, as two handlers of one module are, the one that is declared later counts as newer. */
const byRank = (band: Band, implementations: readonly Implementation[]): Implementation[] => {
  const oldestFirst = implementations.filter((one) => one.band === band).sort((a, b) => a.rank - b.rank)
  return band === 'trylast' ? oldestFirst : oldestFirst.reverse()
}

/** Again and again the first in the order by rank for whom nobody is left that must go before. */
const refined = (band: readonly Implementation[]): Placed[] => {
  const waiting = [...band]
  const placed: Placed[] = []
  while (waiting.length > 0) {
    const free = waiting.findIndex((one) => waiting.every((other) => !goesBefore(other, one)))
    if (free < 0) throw new OrderCycle(circleIn(waiting))
    for (const one of waiting.splice(free, 1)) placed.push({ one, why: whyHere(one, band) })
  }
  return placed
}

const goesBefore = (a: Implementation, b: Implementation): boolean =>
  a.module !== b.module && (a.before.includes(b.module) || b.after.includes(a.module))

/** Everybody who waits has somebody before: going back from one to the other must come round. */
const circleIn = (waiting: readonly Implementation[]): string[] => {
  const path: Implementation[] = []
  let at = waiting[0] as Implementation
  while (!path.includes(at)) {
    path.unshift(at)
    const here = at
    at = waiting.find((other) => goesBefore(other, here)) as Implementation
  }
  return [at, ...path.slice(0, path.indexOf(at) + 1)].map(({ module }) => module)
}

const whyHere = (one: Implementation, band: readonly Implementation[]): string => {
  const there = (names: readonly string[]) => names.filter((name) => band.some(({ module }) => module === name))
  const [before, after] = [there(one.before), there(one.after)]
  return [
    `${one.band}, ${one.band === 'trylast' ? 'oldest' : 'newest'} first: rank ${one.rank}`,
    ...(before.length > 0 ? [`before: ${before.join(', ')}`] : []),
    ...(after.length > 0 ? [`after: ${after.join(', ')}`] : []),
  ].join('; ')
}
