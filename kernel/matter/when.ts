import type { Mode, OpenDepositBody } from '@recyclique/contracts'
import { businessDateOf } from '../centre/day.ts'
import type { Moment } from '../ledger/rule.ts'

/** Mode and business date of an act of the reception: a day in the past makes it a late paper entry, but training stays training. */
export const whenOf = (
  { businessDate: stated, mode = 'live' }: Pick<OpenDepositBody, 'businessDate' | 'mode'>,
  moment: Moment,
): { mode: Mode; businessDate: string } => {
  const businessDate = businessDateOf(stated, moment)
  return { mode: mode === 'live' && businessDate < moment.today ? 'deferred' : mode, businessDate }
}
