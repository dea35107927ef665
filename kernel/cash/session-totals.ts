import type { Read } from '../store/port.ts'

/** What went through a session so far. Payments alone make the sums: tickets are only counted. All in cents. */
export interface SessionTotals {
  /** Σ payments by method, with sign. */
  readonly paidBy: ReadonlyMap<string, number>
  /** Σ of cash that moved without a ticket, with sign. */
  readonly movesCents: number
  readonly counts: { readonly saleCount: number; readonly refundCount: number; readonly voidCount: number }
  readonly sums: { readonly salesCents: number; readonly donationsCents: number; readonly refundsCents: number }
}

export const sessionTotals = async (read: Read, sessionId: string): Promise<SessionTotals> => {
  const paid = await read.all<{ method_id: string; nature: string; cents: number }>(
    'SELECT method_id, nature, SUM(cents) AS cents FROM payment WHERE session_id = ? GROUP BY method_id, nature',
    sessionId,
  )
  const tickets = await read.all<{ kind: string; n: number }>(
    'SELECT kind, COUNT(*) AS n FROM ticket WHERE session_id = ? GROUP BY kind',
    sessionId,
  )
  const moves = await read.one<{ cents: number | null }>(
    'SELECT SUM(cents) AS cents FROM cash_move WHERE session_id = ?',
    sessionId,
  )
  const paidBy = new Map<string, number>()
  for (const { method_id, cents } of paid) paidBy.set(method_id, (paidBy.get(method_id) ?? 0) + cents)
  const sum = (nature: string) => paid.filter((one) => one.nature === nature).reduce((all, { cents }) => all + cents, 0)
  const count = (kind: string) => tickets.find((one) => one.kind === kind)?.n ?? 0
  return {
    paidBy,
    movesCents: moves?.cents ?? 0,
    counts: { saleCount: count('sale'), refundCount: count('refund'), voidCount: count('void') },
    sums: { salesCents: sum('sale'), donationsCents: sum('donation'), refundsCents: sum('refund') },
  }
}
