import type { Mode } from '@recyclique/contracts'
import { refuse } from '../errors.ts'
import type { Moment } from '../ledger/rule.ts'
import type { Read } from '../store/port.ts'

/** A deposit as the state knows it, without its lines. */
export interface Deposit {
  readonly id: string
  readonly postId: string
  readonly mode: Mode
  readonly businessDate: string
  readonly isOpen: boolean
}

export const findDeposit = async (read: Read, id: string): Promise<Deposit | undefined> => {
  const row = await read.one<{ id: string; post_id: string; mode: Mode; business_date: string; status: string }>(
    'SELECT id, post_id, mode, business_date, status FROM deposit WHERE id = ?',
    id,
  )
  return (
    row && {
      id: row.id,
      postId: row.post_id,
      mode: row.mode,
      businessDate: row.business_date,
      isOpen: row.status === 'open',
    }
  )
}

/** The deposit, if it takes lines: refuses an unknown and a closed one. */
export const openDepositOf = (deposit: Deposit | undefined, id: string): Deposit => {
  if (!deposit) return refuse('not-found', { what: `deposit ${id}` })
  return deposit.isOpen ? deposit : refuse('deposit-closed')
}

/** Mode and business date of what comes into a deposit: paper bears the day of its notebook, everything else bears today. */
export const lineDateOf = (
  { mode, businessDate }: Deposit,
  { today }: Moment,
): { mode: Mode; businessDate: string } => ({
  mode,
  businessDate: mode === 'deferred' ? businessDate : today,
})
