import { Type } from '@sinclair/typebox'
import { Cents, SumCents } from '../amounts.ts'
import { type DataOf, fact } from '../fact.ts'
import { Skipped } from '../skipped.ts'
import { LongSlug, Slug, Uuid } from '../text.ts'

/** One method at the close: what the ledger expects, what was counted, and counted − expected. */
export const MethodCount = Type.Object({
  methodId: LongSlug,
  expectedCents: SumCents,
  countedCents: SumCents,
  varianceCents: SumCents,
})

/**
 * A drawer was counted and closed: the frozen Z. Nothing is added to the session afterwards.
 *
 * Expected cash = float + cash in − change − refunds − disbursements ± transfers. `nextFloatCents` = counted cash less what
 * goes to the bank.
 */
export const CashSessionClosed = fact({
  name: 'cash.session.closed',
  version: 1,
  producer: 'kernel/cash/close-session.ts',
  journalForm: 'drawer-<registerId>',
  journal: ({ registerId }) => `drawer-${registerId}`,
  data: Type.Object({
    sessionId: Uuid,
    registerId: Slug,
    floatCents: Cents,
    perMethod: Type.Array(MethodCount),
    varianceCents: SumCents,
    bankCents: Cents,
    nextFloatCents: Cents,
    saleCount: Type.Integer({ minimum: 0 }),
    refundCount: Type.Integer({ minimum: 0 }),
    voidCount: Type.Integer({ minimum: 0 }),
    salesCents: SumCents,
    donationsCents: SumCents,
    refundsCents: SumCents,
    movesCents: SumCents,
    hasReason: Type.Boolean(),
    skipped: Type.Optional(Skipped),
  }),
})
export type CashSessionClosed = DataOf<typeof CashSessionClosed>
