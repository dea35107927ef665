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
  const names = await namesUpTo(read, period.to)
  const lines = ids.map((categoryId): StockLine => {
    const name = names.get(categoryId) ?? categoryId
    return { categoryId, name, ...balanceOf(openings.get(categoryId) ?? 0, flows.get(categoryId) ?? []) }
  })
  return { categories: lines, total: balanceOf(sum(openings.values()), [...flows.values()].flat()) }
}

const balanceOf = (openingGrams: number, moved: readonly Moved[]): Balance => {
  const flows = flowsOf(moved)
  return { openingGrams, ...flows, closingGrams: openingGrams + flows.inGrams - flows.outGrams }
}

const sum = (numbers: Iterable<number>) => [...numbers].reduce((all, one) => all + one, 0)

/** Stock of each category at the start of a day: all that moved before. */
const openingBefore = async (read: Read, day: string): Promise<Map<string, number>> => {
  const rows = await read.all<{ id: string; grams: number }>(
    'SELECT category_id AS id, SUM(grams) AS grams FROM flow_day WHERE business_date < ? GROUP BY category_id',
    day,
  )
  return new Map(rows.filter(({ grams }) => grams !== 0).map(({ id, grams }) => [id, grams]))
}

const movedIn = (read: Read, { from, to }: PeriodQuery): Promise<(Moved & { categoryId: string })[]> =>
  read.all(
    `SELECT category_id AS "categoryId", flow, SUM(grams) AS grams FROM flow_day
     WHERE business_date BETWEEN ? AND ? GROUP BY category_id, flow`,
    from,
    to,
  )

/** The name on each category's last line up to a day; a counter-entry, which bears its sale's name, counts only where there is nothing else. */
const namesUpTo = async (read: Read, day: string): Promise<Map<string, string>> => {
  const rows = await read.all<{ id: string; name: string }>(
    `SELECT flow_day.category_id AS id, category_name AS name FROM flow_day
     JOIN (SELECT category_id,
         COALESCE(MAX(CASE WHEN flow IN ('refund', 'void') THEN NULL ELSE business_date END), MAX(business_date)) AS last_day
       FROM flow_day WHERE business_date <= ? GROUP BY category_id) last
       ON last.category_id = flow_day.category_id AND last.last_day = flow_day.business_date
     ORDER BY CASE WHEN flow IN ('refund', 'void') THEN 0 ELSE 1 END, last_position`,
    day,
  )
  return new Map(rows.map(({ id, name }) => [id, name]))
}
