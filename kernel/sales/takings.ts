import type { TakingsQuery, TakingsRow } from '@recyclique/contracts'
import type { Read } from '../store/port.ts'

/**
 * Takings of a period by business day, category, method or register. Payments are the source of money by day, method and
 * register; lines are the source by category. Training is in neither. Both days included; refunds and voids count on their own day.
 */
export const takings = (read: Read, { from, to, by }: TakingsQuery): Promise<TakingsRow[]> =>
  by === 'category' ? byCategory(read, from, to) : byPayment(read, from, to, by)

/** The name is the one on the category's last line of the period, as in the stock. */
const byCategory = (read: Read, from: string, to: string) =>
  read.all<TakingsRow>(
    `SELECT category_id AS key,
       (SELECT last.category_name FROM movement last WHERE last.category_id = movement.category_id
          AND last.position = MAX(movement.position) ORDER BY last.n DESC LIMIT 1) AS name,
       SUM(CASE flow WHEN 'refund' THEN 0 ELSE cents END) AS "salesCents",
       SUM(CASE flow WHEN 'refund' THEN cents ELSE 0 END) AS "refundsCents",
       0 AS "donationsCents",
       SUM(cents) AS "netCents",
       COUNT(DISTINCT CASE flow WHEN 'sale' THEN position END) - COUNT(DISTINCT CASE flow WHEN 'void' THEN position END) AS tickets,
       -SUM(qty) AS qty, -SUM(grams) AS grams
     FROM movement WHERE business_date BETWEEN ? AND ? AND flow IN ('sale', 'refund', 'void')
     GROUP BY category_id ORDER BY "netCents" DESC, key`,
    from,
    to,
  )

const KEYS = { day: 'payment.business_date', method: 'payment.method_id', register: 'payment.register_id' } as const
const NAMED = { day: null, method: 'payment-method', register: 'register' } as const

const byPayment = async (read: Read, from: string, to: string, by: keyof typeof KEYS) => {
  const key = KEYS[by]
  const rows = await read.all<TakingsRow>(
    `SELECT ${key} AS key, ${key} AS name,
       SUM(CASE nature WHEN 'sale' THEN cents ELSE 0 END) AS "salesCents",
       SUM(CASE nature WHEN 'refund' THEN cents ELSE 0 END) AS "refundsCents",
       SUM(CASE nature WHEN 'donation' THEN cents ELSE 0 END) AS "donationsCents",
       SUM(cents) AS "netCents",
       COUNT(DISTINCT CASE ticket.kind WHEN 'sale' THEN payment.position END)
         - COUNT(DISTINCT CASE ticket.kind WHEN 'void' THEN payment.position END) AS tickets,
       0 AS qty, 0 AS grams
     FROM payment JOIN ticket ON ticket.position = payment.position
     WHERE payment.business_date BETWEEN ? AND ? AND payment.mode <> 'training'
     GROUP BY ${key} ORDER BY key`,
    from,
    to,
  )
  const kind = NAMED[by]
  return kind === null ? rows : withNames(read, kind, rows)
}

const withNames = async (read: Read, kind: string, rows: TakingsRow[]): Promise<TakingsRow[]> => {
  const records = await read.all<{ id: string; data: string }>('SELECT id, data FROM record WHERE kind = ?', kind)
  const names = new Map(records.map(({ id, data }) => [id, (JSON.parse(data) as { name: string }).name]))
  return rows.map((row) => ({ ...row, name: names.get(row.key) ?? row.key }))
}
