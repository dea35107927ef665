import type { TakingsQuery, TakingsRow } from '@recyclique/contracts'
import type { Read } from '../store/port.ts'

/**
 * Takings of a period by business day, category, method or register. Payments are the source of money by day, method and
 * register; lines are the source by category. Training is in neither. Both days included; refunds and voids count on their own day.
 */
export const takings = (read: Read, { from, to, by }: TakingsQuery): Promise<TakingsRow[]> =>
  by === 'category' ? byCategory(read, from, to) : byPayment(read, from, to, by)

/**
 * A category bears the name of its last sale in the period, so that a later renaming leaves the report as it was. Counter-entries
 * name a category only where it has no sale: they repeat the name on the ticket that they take back.
 */
const byCategory = (read: Read, from: string, to: string) =>
  read.all<TakingsRow>(
    `WITH told AS (
       SELECT * FROM flow_day WHERE business_date BETWEEN ? AND ? AND flow IN ('sale', 'refund', 'void')
     ), named AS (
       SELECT category_id, category_name, ROW_NUMBER() OVER (PARTITION BY category_id
         ORDER BY CASE flow WHEN 'sale' THEN 0 ELSE 1 END, business_date DESC, last_position DESC) AS nth FROM told
     ), counted AS (
       SELECT category_id, COUNT(DISTINCT CASE flow WHEN 'sale' THEN position END)
         - COUNT(DISTINCT CASE flow WHEN 'void' THEN position END) AS tickets
       FROM movement WHERE business_date BETWEEN ? AND ? AND flow IN ('sale', 'refund', 'void') GROUP BY category_id
     )
     SELECT told.category_id AS key, named.category_name AS name,
       SUM(CASE flow WHEN 'refund' THEN 0 ELSE cents END) AS "salesCents",
       SUM(CASE flow WHEN 'refund' THEN cents ELSE 0 END) AS "refundsCents",
       0 AS "donationsCents", SUM(cents) AS "netCents", counted.tickets, -SUM(qty) AS qty, -SUM(grams) AS grams
     FROM told JOIN named ON named.category_id = told.category_id AND named.nth = 1
       JOIN counted ON counted.category_id = told.category_id
     GROUP BY told.category_id, named.category_name, counted.tickets ORDER BY "netCents" DESC, key`,
    from,
    to,
    from,
    to,
  )

const KEYS = { day: 'day', method: 'method_id', register: 'register_id' } as const
const NAMED = { day: null, method: 'payment-method', register: 'register' } as const

/** What was paid, and by day and register also the lines: they say of a ticket of 0 €, which has no payment, that it was one. */
const byPayment = async (read: Read, from: string, to: string, by: keyof typeof KEYS) => {
  const key = KEYS[by]
  const isByMethod = by === 'method' ? 1 : 0
  const rows = await read.all<TakingsRow>(
    `WITH told AS (
       SELECT payment.business_date AS day, payment.method_id, payment.register_id, payment.nature, payment.cents,
         ticket.kind, payment.position
       FROM payment JOIN ticket ON ticket.position = payment.position
       WHERE payment.business_date BETWEEN ? AND ? AND payment.mode <> 'training'
       UNION ALL
       SELECT business_date, NULL, place, 'none', 0, flow, position
       FROM movement WHERE business_date BETWEEN ? AND ? AND flow IN ('sale', 'void') AND ? = 0
     )
     SELECT ${key} AS key, ${key} AS name,
       SUM(CASE nature WHEN 'sale' THEN cents ELSE 0 END) AS "salesCents",
       SUM(CASE nature WHEN 'refund' THEN cents ELSE 0 END) AS "refundsCents",
       SUM(CASE nature WHEN 'donation' THEN cents ELSE 0 END) AS "donationsCents",
       SUM(cents) AS "netCents",
       COUNT(DISTINCT CASE kind WHEN 'sale' THEN position END)
         - COUNT(DISTINCT CASE kind WHEN 'void' THEN position END) AS tickets,
       0 AS qty, 0 AS grams
     FROM told GROUP BY ${key} ORDER BY key`,
    from,
    to,
    from,
    to,
    isByMethod,
  )
  const kind = NAMED[by]
  return kind === null ? rows : withNames(read, kind, rows)
}

const withNames = async (read: Read, kind: string, rows: TakingsRow[]): Promise<TakingsRow[]> => {
  const records = await read.all<{ id: string; data: string }>('SELECT id, data FROM record WHERE kind = ?', kind)
  const names = new Map(records.map(({ id, data }) => [id, (JSON.parse(data) as { name: string }).name]))
  return rows.map((row) => ({ ...row, name: names.get(row.key) ?? row.key }))
}
