import type { ExitRecorded, ExitsQuery, Mode } from '@recyclique/contracts'
import type { Read } from '../store/port.ts'

/** An exit with the sum of the lines that stand. */
export interface ListedExit {
  readonly exitId: string
  readonly kind: ExitRecorded['kind']
  readonly partnerId?: string
  readonly reference?: string
  readonly isUltimate?: boolean
  readonly mode: Mode
  readonly businessDate: string
  readonly recordedAt: string
  readonly position: number
  readonly totalGrams: number
}

interface ExitRow {
  readonly id: string
  readonly kind: ExitRecorded['kind']
  readonly partner_id: string | null
  readonly reference: string | null
  readonly is_ultimate: number | null
  readonly mode: Mode
  readonly business_date: string
  readonly recorded_at: string
  readonly position: number
  readonly total_grams: number | null
}

const EXIT = `SELECT exit_note.*,
  (SELECT SUM(net_grams) FROM matter_line WHERE source_id = exit_note.id AND is_struck = 0) AS total_grams
  FROM exit_note`

/** At most `limit` exits that were kept before a position, newest first. */
export const listExits = async (
  read: Read,
  { kind, from = '0000', to = '9999' }: ExitsQuery,
  before: number,
  limit: number,
): Promise<ListedExit[]> => {
  const rows = await read.all<ExitRow>(
    `${EXIT} WHERE position < ? AND (? IS NULL OR kind = ?) AND business_date BETWEEN ? AND ?
     ORDER BY position DESC LIMIT ?`,
    before,
    kind ?? null,
    kind ?? null,
    from,
    to,
    limit,
  )
  return rows.map(fromRow)
}

export const listedExit = async (read: Read, id: string): Promise<ListedExit | undefined> => {
  const row = await read.one<ExitRow>(`${EXIT} WHERE id = ?`, id)
  return row && fromRow(row)
}

const fromRow = (row: ExitRow): ListedExit => ({
  exitId: row.id,
  kind: row.kind,
  ...(row.partner_id === null ? {} : { partnerId: row.partner_id }),
  ...(row.reference === null ? {} : { reference: row.reference }),
  ...(row.is_ultimate === null ? {} : { isUltimate: row.is_ultimate === 1 }),
  mode: row.mode,
  businessDate: row.business_date,
  recordedAt: row.recorded_at,
  position: row.position,
  totalGrams: row.total_grams ?? 0,
})
