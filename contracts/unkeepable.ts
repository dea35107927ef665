/** Deeper data are no data: they would only wear out whoever reads them. */
const DEEPEST = 32

/** What a ledger cannot hold: half characters, numbers without end, too many levels. */
export interface Unkeepable {
  /** JSON pointer into the data. */
  readonly field: string
  readonly why: string
}

/** The first place in JSON data that cannot be kept; undefined where all of it can. */
export const unkeepable = (value: unknown, field = '', depth = 0): Unkeepable | undefined => {
  if (typeof value === 'string') return value.isWellFormed() ? undefined : { field, why: 'holds half a character' }
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : { field, why: 'is no finite number' }
  if (typeof value !== 'object' || value === null) return undefined
  if (depth === DEEPEST) return { field, why: `lies deeper than ${DEEPEST} levels` }
  for (const [name, inner] of Object.entries(value)) {
    if (!name.isWellFormed()) return { field, why: 'has a name with half a character' }
    const found = unkeepable(inner, `${field}/${pointerToken(name)}`, depth + 1)
    if (found) return found
  }
  return undefined
}

/** RFC 6901. */
const pointerToken = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1')
