import { type Static, type TSchema, Type } from '@sinclair/typebox'
import { Day, Instant, Mode } from '../text.ts'

/** Where a fact stands in the ledger: what a caller needs to find it again and to prove it. */
export const Entry = Type.Object({
  position: Type.Integer({ description: 'place in the whole ledger' }),
  journal: Type.String(),
  number: Type.Integer({ description: 'number in its journal, without gaps: a ticket’s number' }),
  hash: Type.String(),
  mode: Mode,
  recordedAt: Instant,
  businessDate: Day,
  actor: Type.String(),
})
export type Entry = Static<typeof Entry>

/** One page of a list. `next` is given while there is more: send it as `after`. */
export const Page = <S extends TSchema>(item: S) =>
  Type.Object({ items: Type.Array(item), next: Type.Optional(Type.String()) })

/** Which page: at most `limit` items behind `after`. */
export const PageQuery = Type.Object({
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 500, default: 50, description: 'a whole number from 1 to 500' }),
  ),
  after: Type.Optional(
    Type.String({ maxLength: 64, pattern: '^[A-Za-z0-9._:~-]+$', description: 'the `next` of the page before' }),
  ),
})
export type PageQuery = Static<typeof PageQuery>

/** From the first day to the last, both included. The same period filters what came in and what went out. */
export const PeriodQuery = Type.Object({ from: Day, to: Day })
export type PeriodQuery = Static<typeof PeriodQuery>
