import { type Mode, SaleRecorded, upcast } from '@recyclique/contracts'
import { refuse } from '../errors.ts'
import type { Read } from '../store/port.ts'

/** A sale as it was kept, and what has become of it since. */
export interface Sold {
  readonly sale: SaleRecorded
  readonly mode: Mode
  /** The business date of the sale. */
  readonly soldOn: string
  readonly isVoided: boolean
  readonly copies: number
  /** What earlier refunds took of each line, by line number. */
  readonly refunded: ReadonlyMap<number, Amounts>
}

export interface Amounts {
  readonly qty: number
  readonly cents: number
  readonly grams: number
}

interface TicketRow {
  readonly kind: 'sale' | 'refund' | 'void'
  readonly mode: Mode
  readonly business_date: string
  readonly is_voided: number
  readonly copies: number
  readonly version: number
  readonly data: string
}

/** The sale with this id, read from the ledger itself; `'counter-entry'` for a refund's or a void's id; `undefined` for no ticket's. */
export const findSold = async (read: Read, saleId: string): Promise<Sold | 'counter-entry' | undefined> => {
  const row = await read.one<TicketRow>(
    `SELECT ticket.kind, ticket.mode, ticket.business_date, ticket.is_voided, ticket.copies, ledger.version, ledger.data
     FROM ticket JOIN ledger ON ledger.position = ticket.position WHERE ticket.id = ?`,
    saleId,
  )
  if (!row) return undefined
  if (row.kind !== 'sale') return 'counter-entry'
  return {
    sale: upcast(SaleRecorded, row.version, JSON.parse(row.data)),
    mode: row.mode,
    soldOn: row.business_date,
    isVoided: row.is_voided === 1,
    copies: row.copies,
    refunded: await refundedLines(read, saleId),
  }
}

const refundedLines = async (read: Read, saleId: string): Promise<ReadonlyMap<number, Amounts>> => {
  const rows = await read.all<Amounts & { line: number }>(
    'SELECT line, SUM(qty) AS qty, SUM(cents) AS cents, SUM(grams) AS grams FROM refunded_line WHERE sale_id = ? GROUP BY line',
    saleId,
  )
  return new Map(rows.map((row) => [row.line, row]))
}

/** The sale, if it can have a counter-entry: refuses an unknown id, and the id of a counter-entry. */
export const soldOf = (found: Sold | 'counter-entry' | undefined, saleId: string): Sold => {
  if (!found) return refuse('not-found', { what: `sale ${saleId}` })
  return found === 'counter-entry' ? refuse('refund-of-counter-entry') : found
}
