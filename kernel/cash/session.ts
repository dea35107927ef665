import type { Mode } from '@recyclique/contracts'
import { refuse } from '../errors.ts'
import type { Moment } from '../ledger/rule.ts'
import type { Read } from '../store/port.ts'

/** A cash session as the state knows it. */
export interface Session {
  readonly id: string
  readonly registerId: string
  readonly mode: Mode
  readonly isOpen: boolean
  readonly businessDate: string
  readonly floatCents: number
}

export const findSession = async (read: Read, id: string): Promise<Session | undefined> => {
  const row = await read.one<{
    id: string
    register_id: string
    mode: Mode
    status: string
    business_date: string
    float_cents: number
  }>('SELECT id, register_id, mode, status, business_date, float_cents FROM session WHERE id = ?', id)
  return (
    row && {
      id: row.id,
      registerId: row.register_id,
      mode: row.mode,
      isOpen: row.status === 'open',
      businessDate: row.business_date,
      floatCents: row.float_cents,
    }
  )
}

/** The session, if it takes tickets and cash: refuses an unknown and a closed one. */
export const openSessionOf = (session: Session | undefined, id: string, field = '/sessionId'): Session => {
  if (!session) return refuse('unknown-reference', { what: 'cash session', id }, field)
  return session.isOpen ? session : refuse('session-closed', {}, field)
}

/** Mode and business date of what a session takes: paper bears the day of its notebook, everything else bears today. */
export const datedBy = ({ mode, businessDate }: Session, { today }: Moment): { mode: Mode; businessDate: string } => ({
  mode,
  businessDate: mode === 'deferred' ? businessDate : today,
})
