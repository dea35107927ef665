import { createHash } from 'node:crypto'
import { unreadModuleFact } from '@recyclique/contracts'
import canonicalize from 'canonicalize'
import { draft, type Rule } from './rule.ts'

/** A fact of a module's own, checked against its manifest. `name` begins with the module's name; `data` can be kept: see `unkeepable`. */
export interface TellFact {
  readonly name: string
  readonly version: number
  readonly mode: 'live' | 'training'
  readonly data: unknown
}

/** A module tells: nothing is decided, and nothing but the chain changes. It counts for the day on which it is told. */
export const tellFact: Rule<TellFact, undefined> = {
  load: async () => undefined,
  decide: (_, { body: { name, version, mode, data } }, { today }) => ({
    facts: [draft(unreadModuleFact(name, version), data, { mode, businessDate: today })],
  }),
}

/** What makes two tells under one key the same. The version is none of it: a module that was upgraded may say again what it said. */
export const digestOf = ({ name, mode, data }: TellFact): string =>
  createHash('sha256')
    .update(canonicalize([name, mode, data]) ?? '')
    .digest('hex')

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
