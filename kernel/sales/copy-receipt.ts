import { ReceiptDuplicated } from '@recyclique/contracts'
import { draft, type Rule } from '../ledger/rule.ts'
import { findSold, type Sold, soldOf } from './sold.ts'

export interface CopyReceipt {
  readonly saleId: string
}

/** Counts one more print of a ticket: the original is printed once, every further print bears its number. */
export const copyReceipt: Rule<CopyReceipt, Sold | 'counter-entry' | undefined> = {
  load: (read, { saleId }) => findSold(read, saleId),
  decide(found, { body }, { today }) {
    const { sale, mode, copies } = soldOf(found, body.saleId)
    const data = { saleId: sale.saleId, registerId: sale.registerId, copy: copies + 1 }
    return { facts: [draft(ReceiptDuplicated, data, { mode, businessDate: today })] }
  },
}
