import { CashMoved, CashSessionClosed, CashSessionOpened } from '@recyclique/contracts'
import { on } from '../ledger/apply.ts'
import { insert, update } from '../store/table.ts'

/** What the facts of a drawer change. */
export const cashApply = [
  on(CashSessionOpened, ({ data, mode, businessDate, recordedAt, actor, position }) => [
    insert('session', {
      id: data.sessionId,
      register_id: data.registerId,
      mode,
      status: 'open',
      business_date: businessDate,
      float_cents: data.floatCents,
      opened_at: recordedAt,
      opened_by: actor,
      opened_position: position,
      closed_at: null,
      closed_position: null,
      next_float_cents: null,
    }),
  ]),
  on(CashMoved, ({ data, position }) => [
    insert('cash_move', { position, session_id: data.sessionId, kind: data.kind, cents: data.cents }),
  ]),
  on(CashSessionClosed, ({ data, recordedAt, position }) => [
    update(
      'session',
      { id: data.sessionId },
      { status: 'closed', closed_at: recordedAt, closed_position: position, next_float_cents: data.nextFloatCents },
    ),
  ]),
]
