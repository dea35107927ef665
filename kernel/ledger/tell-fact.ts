import { createHash } from 'node:crypto'
import { unreadModuleFact } from '@recyclique/contracts'
import canonicalize from 'canonicalize'
import { draft, type Rule } from './rule.ts'

/** A fact of a module's own, checked against its manifest. `name` begins with the module's name; `data` can be kept: see `unkeepable` in the contracts. */
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
