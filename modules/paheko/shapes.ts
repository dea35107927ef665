import { parse } from '@recyclique/contracts'
import { type Static, type TSchema, Type } from '@sinclair/typebox'
import { PahekoFault } from './client.ts'

/** What of Paheko's answers is read. Whatever else stands in them is passed over. */
export const Years = Type.Array(
  Type.Object({
    id: Type.Integer(),
    label: Type.String(),
    start_date: Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\d' }),
    end_date: Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\d' }),
    /** 0 open, 1 closed, 2 locked. */
    status: Type.Integer(),
    id_chart: Type.Integer(),
  }),
)
export type Year = Static<typeof Years>[number]

/** The lines of entries that bear a reference, as the query of `look-up.ts` names its columns. */
export const FoundLines = Type.Array(
  Type.Object({
    reference: Type.String(),
    id: Type.Integer(),
    date: Type.String(),
    year: Type.Integer(),
    code: Type.Union([Type.String(), Type.Null()]),
    debit: Type.Union([Type.Integer(), Type.Null()]),
    credit: Type.Union([Type.Integer(), Type.Null()]),
  }),
)

export const FoundAccounts = Type.Array(Type.Object({ code: Type.String(), label: Type.String() }))

export const FoundCounts = Type.Array(Type.Object({ reference: Type.String(), entries: Type.Integer() }))

/** The answer to a create. Its date is an object; amounts are cents. */
export const Created = Type.Object({
  id: Type.Integer(),
  id_year: Type.Integer(),
  reference: Type.Union([Type.String(), Type.Null()]),
  date: Type.Object({ date: Type.String() }),
  lines: Type.Array(Type.Object({ account_code: Type.String(), debit: Type.Integer(), credit: Type.Integer() })),
})
export type Created = Static<typeof Created>

/** An answer that is JSON and of another shape is as doubtful as one that is none. */
export const shaped = <S extends TSchema>(schema: S, value: unknown, what: string): Static<S> => {
  try {
    return parse(schema, value, what)
  } catch {
    throw new PahekoFault('not-json', `${what} have an unknown form`)
  }
}

/** The rows of an answer of `/api/sql`. Its `count` is wrong in many cases, and not looked at. */
export const rowsOf = <S extends TSchema>(schema: S, value: unknown, what: string): Static<S> =>
  shaped(schema, shaped(Type.Object({ results: Type.Unknown() }), value, what).results, what)
