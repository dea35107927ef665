import type { DepositOpened, DepositsQuery, Mode } from '@recyclique/contracts'
import type { Read } from '../store/port.ts'

/** A deposit with the sums of the lines that stand. */
export interface ListedDeposit {
  readonly depositId: string
  readonly postId: string
  readonly status: 'open' | 'closed'
  readonly origin: DepositOpened['origin']
  readonly partnerId?: string
  readonly locality?: string
  readonly volunteerId?: string
  readonly mode: Mode
  readonly businessDate: string
  readonly openedAt: string
  readonly closedAt?: string
  readonly position: number
  readonly lineCount: number
  readonly netGrams: number
}

interface DepositRow {
  readonly id: string
  readonly post_id: string
  readonly status: 'open' | 'closed'
  readonly origin: DepositOpened['origin']
  readonly partner_id: string | null
  readonly locality: string | null
  readonly volunteer_id: string | null
  readonly mode: Mode
  readonly business_date: string
  readonly opened_at: string
  readonly closed_at: string | null
  readonly opened_position: number
  readonly line_count: number
  readonly net_grams: number | null
}

const DEPOSIT = `SELECT deposit.*,
  (SELECT COUNT(*) FROM matter_line WHERE source_id = deposit.id AND is_struck = 0) AS line_count,
  (SELECT SUM(net_grams) FROM matter_line WHERE source_id = deposit.id AND is_struck = 0) AS net_grams
  FROM deposit`

/** At most `limit` deposits that were opened before a position, newest first. */
export const listDeposits = async (
  read: Read,
  { postId, status, from = '0000', to = '9999' }: DepositsQuery,
  before: number,
  limit: number,
): Promise<ListedDeposit[]> => {
  const rows = await read.all<DepositRow>(
    `${DEPOSIT} WHERE opened_position < ? AND (? IS NULL OR post_id = ?) AND (? IS NULL OR status = ?)
     AND business_date BETWEEN ? AND ? ORDER BY opened_position DESC LIMIT ?`,
    before,
    postId ?? null,
    postId ?? null,
    status ?? null,
    status ?? null,
    from,
    to,
    limit,
  )
  return rows.map(fromRow)
}

export const listedDeposit = async (read: Read, id: string): Promise<ListedDeposit | undefined> => {
  const row = await read.one<DepositRow>(`${DEPOSIT} WHERE id = ?`, id)
  return row && fromRow(row)
}

const fromRow = (row: DepositRow): ListedDeposit => ({
  depositId: row.id,
  postId: row.post_id,
  status: row.status,
  origin: row.origin,
  ...(row.partner_id === null ? {} : { partnerId: row.partner_id }),
  ...(row.locality === null ? {} : { locality: row.locality }),
  ...(row.volunteer_id === null ? {} : { volunteerId: row.volunteer_id }),
  mode: row.mode,
  businessDate: row.business_date,
  openedAt: row.opened_at,
  ...(row.closed_at === null ? {} : { closedAt: row.closed_at }),
  position: row.opened_position,
  lineCount: row.line_count,
  netGrams: row.net_grams ?? 0,
})
