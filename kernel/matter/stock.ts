import type { PeriodQuery } from '@recyclique/contracts'
import type { Read } from '../store/port.ts'
import { type Flows, flowsOf, type Moved } from './flow.ts'

/** Stock at both ends of a period and what moved in between. Always: opening + in − out = closing. */
export interface Balance extends Flows {
  readonly openingGrams: number
  readonly closingGrams: number
}

/** One category over a period. `name` stood on its last line up to the end of it: a later renaming leaves the report as it was. */
export interface StockLine extends Balance {
  readonly categoryId: string
  readonly name: string
}

/**
 * Stock and flow by category, and their total. The one period, both days included, filters in and out alike, by business date.
 *
 * Training is in none of it. A merged category keeps its own line. A category without stock and without flow is left out. Stock
 * may be below zero: what left has left, whoever forgot to weigh it in. Long: ask it of a `slowRead`.
 */
export const stock = async (read: Read, period: PeriodQuery): Promise<{ categories: StockLine[]; total: Balance }> => {
  const openings = await openingBefore(read, period.from)
  const flows = Map.groupBy(await movedIn(read, period), ({ categoryId }) => categoryId)
  const ids = [...new Set([...openings.keys(), ...flows.keys()])].sort()
  const lines = ids.map(async (categoryId): Promise<StockLine> => {
    const name = await nameUpTo(read, categoryId, period.to)
    return { categoryId, name, ...balanceOf(openings.get(categoryId) ?? 0, flows.get(categoryId) ?? []) }
  })
  return { categories: await Promise.all(lines), total: balanceOf(sum(openings.values()), [...flows.values()].flat()) }
}

const balanceOf = (openingGrams: number, moved: readonly Moved[]): Balance => {
  const flows = flowsOf(moved)
  return { openingGrams, ...flows, closingGrams: openingGrams + flows.inGrams - flows.outGrams }
}

const sum = (numbers: Iterable<number>) => [...numbers].reduce((all, one) => all + one, 0)

/** Stock of each category at the start of a day: all that moved before. The index holds all that this reads. */
const openingBefore = async (read: Read, day: string): Promise<Map<string, number>> => {
  const rows = await read.all<{ id: string; grams: number }>(
    'SELECT category_id AS id, SUM(grams) AS grams FROM movement WHERE business_date < ? GROUP BY category_id',
    day,
  )
  return new Map(rows.filter(({ grams }) => grams !== 0).map(({ id, grams }) => [id, grams]))
}

const movedIn = (read: Read, { from, to }: PeriodQuery): Promise<(Moved & { categoryId: string })[]> =>
  read.all(
    `SELECT category_id AS "categoryId", flow, SUM(grams) AS grams FROM movement
     WHERE business_date BETWEEN ? AND ? GROUP BY category_id, flow`,
    from,
    to,
  )

/** The name on the category's last line up to a day: one step into the index, for however long a period. */
const nameUpTo = async (read: Read, id: string, day: string): Promise<string> => {
  const row = await read.one<{ name: string }>(
    `SELECT category_name AS name FROM movement WHERE category_id = ? AND business_date <= ?
     ORDER BY business_date DESC, position DESC, n DESC LIMIT 1`,
    id,
    day,
  )
  return row?.name ?? id
}
