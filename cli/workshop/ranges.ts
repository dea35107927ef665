import semver from 'semver'

/** Whether a text is a range as npm writes it (`^1.2`, `~1.2.3`, `>=1 <3`, `1.4.0`, `*`). */
export const isRange = (text: string): boolean => semver.validRange(text) !== null

/** Whether a version is higher than another one. */
export const gt = (version: string, other: string): boolean => semver.gt(version, other)

/** Whether a version lies in a range. A version before a release (`2.1.0-rc.1`) does only where the range names one of that release. */
export const isIn = (version: string, range: string): boolean => semver.satisfies(version, range)

/** The same, for what is forbidden: there a version before a release is the smaller one that it is. */
export const isInAll = (version: string, range: string): boolean =>
  semver.satisfies(version, range, { includePrerelease: true })

/**
 * A range by its bounds: `^0.2.3` is `>=0.2.3 <0.3.0`, a bare version is itself, `*` is anything. Comparisons stay as they are. Throws
 * a `TypeError` for what is no range.
 */
export const boundsOf = (range: string): string => new semver.Range(range).range.replaceAll(/-0(?=\s|$|\|)/g, '') || '*'

/**
 * What lies in all of these ranges, in one statement by its bounds; undefined where no version can be in all of them. The lowest
 * and the highest bound of each alternative, and no alternative that is empty.
 */
export const commonRange = (ranges: readonly string[]): string | undefined => {
  const alternatives = ranges
    .map((range) => new semver.Range(range).set)
    .reduce((common, set) => common.flatMap((left) => set.map((right) => [...left, ...right])))
    .map(tightest)
    .filter(isPossible)
  return alternatives.length === 0 ? undefined : boundsOf([...new Set(alternatives)].join(' || '))
}

/** The comparators of one alternative, of which all must hold, without those that another one implies. */
const tightest = (comparators: readonly semver.Comparator[]): string => {
  const real = comparators.filter(({ value }) => value !== '')
  const exact = real.filter(({ operator }) => operator === '')
  if (exact.length > 0) return [...new Set(real.map(({ value }) => value))].join(' ')
  const lower = real.filter(({ operator }) => operator.startsWith('>')).sort(byBound('>'))
  const upper = real.filter(({ operator }) => operator.startsWith('<')).sort(byBound('<'))
  return [lower.at(-1), upper.at(0)].flatMap((one) => one?.value ?? []).join(' ') || '*'
}

/** At the same version the bound without "or equal" is the narrower one. */
const byBound =
  (narrower: '>' | '<') =>
  (a: semver.Comparator, b: semver.Comparator): number => {
    const order = semver.compare(a.semver, b.semver)
    if (order !== 0) return order
    const strict = Number(a.operator === narrower) - Number(b.operator === narrower)
    return narrower === '>' ? strict : -strict
  }

const isPossible = (range: string): boolean => semver.intersects(range, range)
