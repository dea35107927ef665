import { type Static, Type } from '@sinclair/typebox'
import { Cents, SumCents } from '../amounts.ts'
import { type DataOf, fact } from '../fact.ts'
import { Skipped } from '../skipped.ts'
import { Day, LongSlug, Name, OneOf, Slug, Tag, Uuid } from '../text.ts'
import { CashMoveKind } from './cash-moved.ts'

/** One method at the close: what the ledger expects, what was counted, and counted − expected. */
export const MethodCount = Type.Object({
  methodId: LongSlug,
  expectedCents: SumCents,
  countedCents: SumCents,
  varianceCents: SumCents,
})

/**
 * The session as bookkeeping wants it, frozen as well: names, accounts and the tree of categories are those of that moment.
 *
 * Cents bear their sign: into the till is positive, so refunds are negative. Voids are taken off their sales. Payments are the source of
 * money; `lines` say which part of the payments of sales, and of refunds, belongs to which category, and add up to them.
 */
export const SessionBooking = Type.Object({
  methods: Type.Array(
    Type.Object({
      methodId: LongSlug,
      name: Name,
      kind: OneOf('cash', 'card', 'cheque', 'voucher', 'custom'),
      debitAccount: Type.String(),
      refundAccount: Type.String(),
    }),
  ),
  payments: Type.Array(
    Type.Object({ methodId: LongSlug, nature: OneOf('sale', 'donation', 'refund'), cents: SumCents }),
  ),
  lines: Type.Array(
    Type.Object({
      /** From the root of the tree down to the category itself. */
      categoryIds: Type.Array(LongSlug, { minItems: 1 }),
      categoryName: Name,
      cents: SumCents,
      /** Of refunds: the business date of the sale that the money is of. */
      soldOn: Type.Optional(Day),
    }),
  ),
  /** Cash that came or went without a ticket; what goes to the bank at the close is `bankCents`. */
  moves: Type.Array(Type.Object({ kind: CashMoveKind, subtype: Type.Optional(Tag), cents: SumCents })),
})
export type SessionBooking = Static<typeof SessionBooking>

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
    /** Absent in facts of programs that did not know it yet. */
    booking: Type.Optional(SessionBooking),
    skipped: Type.Optional(Skipped),
  }),
})
export type CashSessionClosed = DataOf<typeof CashSessionClosed>
