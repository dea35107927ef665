import { CashMoved, type Category, type PaymentMethod, type SessionBooking, upcast } from '@recyclique/contracts'
import type { Read } from '../store/port.ts'

interface LineRow {
  readonly category_id: string
  readonly category_name: string
  readonly sold_on: string | null
  readonly cents: number
}

/** What went through a session so far, as bookkeeping wants it: see the contract. Sorted, so that the same state gives the same bytes. */
export interface BookingRows {
  readonly payments: SessionBooking['payments']
  readonly lines: readonly LineRow[]
  readonly moves: SessionBooking['moves']
}

export const bookingRows = async (read: Read, sessionId: string): Promise<BookingRows> => ({
  payments: await payments(read, sessionId),
  lines: await lines(read, sessionId),
  moves: await moves(read, sessionId),
})

/** What the fact of the close says of them, with names, accounts and the tree as they are now. */
export const sessionBooking = (
  { payments, lines, moves }: BookingRows,
  { methods, categories }: { methods: readonly PaymentMethod[]; categories: readonly Category[] },
  counted: readonly string[],
): SessionBooking => {
  const used = new Set([...counted, ...payments.map(({ methodId }) => methodId)])
  const parents = new Map(categories.map(({ id, parentId }) => [id, parentId]))
  return {
    methods: methods
      .filter(({ id, kind, archived }) => used.has(id) || (kind === 'cash' && !archived))
      .map(({ id, name, kind, debitAccount, refundAccount }) => ({
        ...{ methodId: id, name, kind },
        ...{ debitAccount, refundAccount },
      })),
    payments,
    lines: lines.map(({ category_id, category_name, cents, sold_on }) => ({
      categoryIds: pathTo(category_id, parents),
      categoryName: category_name,
      cents,
      ...(sold_on === null ? {} : { soldOn: sold_on }),
    })),
    moves,
  }
}

const payments = async (read: Read, sessionId: string): Promise<SessionBooking['payments']> =>
  (
    await read.all<{ method_id: string; nature: 'sale' | 'donation' | 'refund'; cents: number }>(
      `SELECT method_id, nature, SUM(cents) AS cents FROM payment WHERE session_id = ?
       GROUP BY method_id, nature HAVING SUM(cents) <> 0 ORDER BY method_id, nature`,
      sessionId,
    )
  ).map(({ method_id, nature, cents }) => ({ methodId: method_id, nature, cents }))

/** A category bears the name that its lines bore; where they bore several, the last in the alphabet. */
const lines = (read: Read, sessionId: string): Promise<LineRow[]> =>
  read.all<LineRow>(
    `SELECT movement.category_id, MAX(movement.category_name) AS category_name, sold.business_date AS sold_on,
       SUM(movement.cents) AS cents
     FROM ticket JOIN movement ON movement.position = ticket.position
       LEFT JOIN ticket AS sold ON ticket.kind = 'refund' AND sold.id = ticket.sale_id
     WHERE ticket.session_id = ?
     GROUP BY movement.category_id, sold.business_date HAVING SUM(movement.cents) <> 0
     ORDER BY movement.category_id, sold.business_date`,
    sessionId,
  )

/** What a disbursement was for stands in its fact alone. */
const moves = async (read: Read, sessionId: string): Promise<SessionBooking['moves']> => {
  const rows = await read.all<{ version: number; data: string }>(
    `SELECT ledger.version, ledger.data FROM cash_move JOIN ledger ON ledger.position = cash_move.position
     WHERE cash_move.session_id = ? ORDER BY cash_move.position`,
    sessionId,
  )
  const sums = new Map<string, SessionBooking['moves'][number]>()
  for (const { version, data } of rows) {
    const { kind, subtype, cents } = upcast(CashMoved, version, JSON.parse(data))
    const key = `${kind} ${subtype ?? ''}`
    const before = sums.get(key)?.cents ?? 0
    sums.set(key, { kind, ...(subtype === undefined ? {} : { subtype }), cents: before + cents })
  }
  return [...sums.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, move]) => move)
}

const pathTo = (categoryId: string, parents: ReadonlyMap<string, string | undefined>): string[] => {
  const path = [categoryId]
  for (let above = parents.get(categoryId); above && !path.includes(above); above = parents.get(above))
    path.unshift(above)
  return path
}
