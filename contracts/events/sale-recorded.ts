import { Type } from '@sinclair/typebox'
import { Cents } from '../amounts.ts'
import { type DataOf, fact } from '../fact.ts'
import { Skipped } from '../skipped.ts'
import { Slug, Tag, Uuid } from '../text.ts'
import { Payment, SaleLine } from '../ticket.ts'

/**
 * A sale is paid and on disk.
 *
 * Told once per sale. Never corrected in place: a mistake is followed by `sale.voided` or `sale.refunded`, so that a module
 * can replay them and land where the till did. Always: Σ payments in − Σ payments out = `totalCents` + `donationCents`, and
 * Σ `lineCents` = `totalCents`. The ticket's number is the fact's own `seq` in the register's journal.
 */
export const SaleRecorded = fact({
  name: 'sale.recorded',
  version: 1,
  producer: 'kernel/sales/record-sale.ts',
  journalForm: 'register-<registerId>',
  journal: ({ registerId }) => `register-${registerId}`,
  data: Type.Object({
    saleId: Uuid,
    registerId: Slug,
    sessionId: Uuid,
    lines: Type.Array(SaleLine),
    totalCents: Cents,
    donationCents: Cents,
    payments: Type.Array(Payment),
    /** The lines got their prices from one price for the whole ticket. */
    isGloballyPriced: Type.Boolean(),
    tag: Type.Optional(Tag),
    /** A note stands in the personal data under this sale's id. */
    hasNote: Type.Boolean(),
    skipped: Type.Optional(Skipped),
  }),
})
export type SaleRecorded = DataOf<typeof SaleRecorded>
