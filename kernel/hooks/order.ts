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

/** In words, for someone who sees the order for the first time. */
const whyHere = (one: Implementation, band: readonly Implementation[]): string => {
  const wanted = [
    ...band.filter(({ module, after }) => module !== one.module && after.includes(one.module)).map(asOther('before')),
    ...band.filter(({ module, before }) => module !== one.module && before.includes(one.module)).map(asOther('after')),
    ...there(one.before, band).map((name) => `before '${name}', as it asks`),
    ...there(one.after, band).map((name) => `after '${name}', as it asks`),
  ]
  return [`${BAND_WORDS[one.band]}, ${rankWords(one, band)}`, ...wanted].join('; ')
}

const BAND_WORDS: Readonly<Record<Band, string>> = {
  tryfirst: 'it wants to be asked early (tryfirst)',
  normal: 'normal place',
  trylast: 'it wants to be asked late (trylast)',
}

const rankWords = ({ band, rank }: Implementation, others: readonly Implementation[]): string => {
  if (!Number.isFinite(rank)) return 'as if newest'
  if (others.length === 1) return `rank ${rank}, alone there`
  return `rank ${rank} (${band === 'trylast' ? 'older modules come first' : 'newer modules come first'})`
}

const there = (names: readonly string[], band: readonly Implementation[]) =>
  names.filter((name) => band.some(({ module }) => module === name))

const asOther =
  (where: string) =>
  ({ module }: Implementation) =>
    `${where} '${module}', as that one asks`
