import type { Flow, MovementsQuery } from '@recyclique/contracts'
import { refuse } from '../errors.ts'
import type { Read } from '../store/port.ts'
import type { Value } from '../store/table.ts'

/** One movement as reports show it: in is positive, out is negative. */
export interface Movement {
  readonly position: number
  readonly n: number
  readonly flow: Flow
  readonly categoryId: string
  readonly categoryName: string
  readonly qty: number
  readonly grams: number
  readonly cents: number
  readonly businessDate: string
  readonly place: string
  readonly sourceId: string
  readonly line: number
}

/**
 * At most `limit` movements behind the cursor, by business date and then in the order in which they were kept.
 *
 * By date, not by position, so that a page costs the same wherever it stands (in order of position it would sort the whole period
 * again: 0.5 s over 1.3 million rows). So paper that is entered late, while somebody pages, may land on a page already read.
 */
export const movements = (
  read: Read,
  { from, to, categoryId, flow, after }: MovementsQuery,
  limit: number,
): Promise<Movement[]> => {
  const where: string[] = []
  const values: Value[] = []
  const only = (condition: string, ...given: Value[]) => {
    where.push(condition)
    values.push(...given)
  }
  if (after !== undefined) only('(business_date, position, n) > (?, ?, ?)', ...readCursor(after))
  if (from !== undefined) only('business_date >= ?', from)
  if (to !== undefined) only('business_date <= ?', to)
  if (categoryId !== undefined) only('category_id = ?', categoryId)
  if (flow !== undefined) only('flow = ?', flow)
  return read.all(
    `SELECT position, n, flow, category_id AS "categoryId", category_name AS "categoryName", qty, grams, cents,
       business_date AS "businessDate", place, source_id AS "sourceId", line
     FROM movement ${where.length > 0 ? `WHERE ${where.join(' AND ')}` : ''}
     ORDER BY business_date, position, n LIMIT ?`,
    ...values,
    limit,
  )
}

/** The cursor behind a movement: `2026-03-10.1234.0`. */
export const cursorOf = ({ businessDate, position, n }: Movement): string => `${businessDate}.${position}.${n}`

const CURSOR = /^(\d{4}-\d\d-\d\d)\.(\d{1,15})\.(\d{1,6})$/

const readCursor = (after: string): [string, number, number] => {
  const [, day = '', position, n] =
    CURSOR.exec(after) ?? refuse('request-invalid', { why: '`after` is not the `next` of a page' }, '/after')
  return [day, Number(position), Number(n)]
}
