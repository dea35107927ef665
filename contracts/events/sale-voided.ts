import { Type } from '@sinclair/typebox'
import { Cents } from '../amounts.ts'
import { type DataOf, fact } from '../fact.ts'
import { Skipped } from '../skipped.ts'
import { Slug, Uuid } from '../text.ts'
import { Payment, SaleLine } from '../ticket.ts'

/**
 * A sale was taken back whole in the session in which it was made: money, matter and donation. A counter-entry that carries the
 * sale's own lines; `payments` are the sale's with the direction turned.
 */
export const SaleVoided = fact({
  name: 'sale.voided',
  version: 1,
  producer: 'kernel/sales/void-sale.ts',
  journalForm: 'register-<registerId>',
  journal: ({ registerId }) => `register-${registerId}`,
  data: Type.Object({
    voidId: Uuid,
    saleId: Uuid,
    registerId: Slug,
    sessionId: Uuid,
    lines: Type.Array(SaleLine),
    totalCents: Cents,
    donationCents: Cents,
    payments: Type.Array(Payment),
    hasNote: Type.Boolean(),
    skipped: Type.Optional(Skipped),
  }),
})
export type SaleVoided = DataOf<typeof SaleVoided>
