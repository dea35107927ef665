import type { KeptFact } from '@recyclique/contracts'
import { add, type Change, insert } from '../store/table.ts'

/** One line that moved: whole numbers with their sign, in is positive. `n` counts inside the fact. */
export interface Movement {
  readonly n: number
  readonly flow: string
  readonly categoryId: string
  readonly categoryName: string
  readonly qty: number
  readonly grams: number
  readonly cents: number
  readonly place: string
  readonly sourceId: string
  readonly line: number
}

/** Matter moved: the line itself, and the day's sum of its category. Training moves nothing. */
export const movement = ({ position, mode, businessDate }: KeptFact, moved: Movement): Change[] => {
  if (mode === 'training') return []
  const { n, flow, categoryId, categoryName, grams, cents, place, sourceId, line } = moved
  // `|| 0`: minus nothing is −0, which is not a whole number to every store.
  const qty = moved.qty || 0
  return [
    insert('movement', {
      position,
      n,
      flow,
      category_id: categoryId,
      category_name: categoryName,
      qty,
      grams: grams || 0,
      cents: cents || 0,
      business_date: businessDate,
      place,
      source_id: sourceId,
      line,
    }),
    add(
      'flow_day',
      { business_date: businessDate, category_id: categoryId, flow },
      { qty, grams: grams || 0, cents: cents || 0 },
      { category_name: categoryName, last_position: position },
    ),
  ]
}
