import { closeSession } from './cash/close-session.ts'
import { moveCash } from './cash/move-cash.ts'
import { openSession } from './cash/open-session.ts'
import { changeRecord } from './centre/change-record.ts'
import { mergeCategory } from './centre/merge-category.ts'
import { happened } from './ledger/happened.ts'
import { keepApart } from './ledger/keep-apart.ts'
import { tellFact } from './ledger/tell-fact.ts'
import { closeDeposit } from './matter/close-deposit.ts'
import { correctLine } from './matter/correct-line.ts'
import { openDeposit } from './matter/open-deposit.ts'
import { recordExit } from './matter/record-exit.ts'
import { weigh } from './matter/weigh.ts'
import { changeModule } from './registry/change-module.ts'
import { orderModule } from './registry/order-module.ts'
import { permitModule } from './registry/permit-module.ts'
import { copyReceipt } from './sales/copy-receipt.ts'
import { dropTicket, holdTicket } from './sales/hold-ticket.ts'
import { recordSale } from './sales/record-sale.ts'
import { refundSale } from './sales/refund-sale.ts'
import { voidSale } from './sales/void-sale.ts'
import { changeJob } from './wishes/change-job.ts'
import { changeKv, forgetExpired } from './wishes/change-kv.ts'

/** Every rule by its name: a function cannot be sent to the thread that decides, its name can. */
export const rules = {
  changeRecord,
  mergeCategory,
  openSession,
  moveCash,
  closeSession,
  recordSale,
  refundSale,
  voidSale,
  copyReceipt,
  holdTicket,
  dropTicket,
  openDeposit,
  weigh,
  closeDeposit,
  correctLine,
  recordExit,
  changeModule,
  orderModule,
  permitModule,
  tellFact,
  happened,
  keepApart,
  changeKv,
  forgetExpired,
  changeJob,
}

export type RuleName = keyof typeof rules

const names = new Map<unknown, RuleName>(Object.entries(rules).map(([name, rule]) => [rule, name as RuleName]))

/** The name of a rule. Throws for one that is not in the list: a mistake of ours. */
export const nameOf = (rule: unknown): RuleName => {
  const name = names.get(rule)
  if (!name) throw new RangeError('this rule is not in kernel/rules.ts')
  return name
}
