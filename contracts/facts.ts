import { CashMoved } from './events/cash-moved.ts'
import { CashSessionClosed } from './events/cash-session-closed.ts'
import { CashSessionOpened } from './events/cash-session-opened.ts'
import { CashVarianceFlagged } from './events/cash-variance-flagged.ts'
import { CategoryChanged } from './events/category-changed.ts'
import { CategoryMerged } from './events/category-merged.ts'
import { ClockSetBack } from './events/clock-set-back.ts'
import { ContainerChanged } from './events/container-changed.ts'
import { DepositClosed } from './events/deposit-closed.ts'
import { DepositOpened } from './events/deposit-opened.ts'
import { ExitRecorded } from './events/exit-recorded.ts'
import { KernelStarted } from './events/kernel-started.ts'
import { KernelStopped } from './events/kernel-stopped.ts'
import { MatterCorrected } from './events/matter-corrected.ts'
import { MatterLogged } from './events/matter-logged.ts'
import { ModuleChanged } from './events/module-changed.ts'
import { ModuleOrdered } from './events/module-ordered.ts'
import { ModulePermitted } from './events/module-permitted.ts'
import { PartnerChanged } from './events/partner-changed.ts'
import { PaymentMethodChanged } from './events/payment-method-changed.ts'
import { PostChanged } from './events/post-changed.ts'
import { ReceiptDuplicated } from './events/receipt-duplicated.ts'
import { RegisterChanged } from './events/register-changed.ts'
import { SaleRecorded } from './events/sale-recorded.ts'
import { SaleRefunded } from './events/sale-refunded.ts'
import { SaleVoided } from './events/sale-voided.ts'
import { SiteChanged } from './events/site-changed.ts'
import { UserChanged } from './events/user-changed.ts'
import type { FactSpec } from './fact.ts'

/** Every fact that the kernel can tell. A test holds this list and contracts/events/ together. */
export const FACTS: readonly FactSpec[] = [
  CashMoved,
  CashSessionClosed,
  CashSessionOpened,
  CashVarianceFlagged,
  CategoryChanged,
  CategoryMerged,
  ClockSetBack,
  ContainerChanged,
  DepositClosed,
  DepositOpened,
  ExitRecorded,
  KernelStarted,
  KernelStopped,
  MatterCorrected,
  MatterLogged,
  ModuleChanged,
  ModuleOrdered,
  ModulePermitted,
  PartnerChanged,
  PaymentMethodChanged,
  PostChanged,
  ReceiptDuplicated,
  RegisterChanged,
  SaleRecorded,
  SaleRefunded,
  SaleVoided,
  SiteChanged,
  UserChanged,
]
