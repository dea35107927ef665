import { Type } from '@sinclair/typebox'
import { Cents } from '../amounts.ts'
import { SaleRefunded } from '../events/sale-refunded.ts'
import { hook } from '../hook.ts'
import { Day, LongSlug, Mode, Slug, Uuid } from '../text.ts'
import { Payment } from '../ticket.ts'
import { Verdict } from './verdict.ts'

/**
 * May this money be given back? A refusal names what is missing, such as a second person's PIN.
 *
 * Silence is skipped here as well; an operator whose rule must hold marks the module as required, and then silence refuses.
 */
export const RefundAuthorize = hook({
  name: 'refund.authorize',
  version: 1,
  words: 'May this money be given back?',
  mode: 'collect',
  dispatch: 'parallel',
  args: Type.Object({
    saleId: Uuid,
    /** The day of the sale that is refunded. */
    soldOn: Day,
    registerId: Slug,
    sessionId: Uuid,
    mode: Mode,
    lines: SaleRefunded.data.properties.lines,
    totalCents: Cents,
    payments: Type.Array(Payment),
    areGoodsBack: Type.Boolean(),
    actor: LongSlug,
  }),
  answer: Verdict,
  deadlineMs: 500,
  onError: 'skip',
  idempotent: true,
})
