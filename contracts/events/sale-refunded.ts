import { Type } from '@sinclair/typebox'
import { Cents, Grams } from '../amounts.ts'
import { type DataOf, fact } from '../fact.ts'
import { Skipped } from '../skipped.ts'
import { LongSlug, Name, Slug, Uuid } from '../text.ts'
import { Payment } from '../ticket.ts'

/**
 * Money of a sale was given back, with or without the goods: a counter-entry. The sale itself stays as it was.
 *
 * `cents` and `qty` of a line never exceed what earlier refunds left of it. `grams` came back into stock (0 when the goods did
 * not return).
 */
export const SaleRefunded = fact({
  name: 'sale.refunded',
  version: 1,
  producer: 'kernel/sales/refund-sale.ts',
  journalForm: 'register-<registerId>',
  journal: ({ registerId }) => `register-${registerId}`,
  data: Type.Object({
    refundId: Uuid,
    saleId: Uuid,
    registerId: Slug,
    sessionId: Uuid,
    lines: Type.Array(
      Type.Object({
        line: Type.Integer({ minimum: 1 }),
        categoryId: LongSlug,
        categoryName: Name,
        qty: Type.Integer({ minimum: 0 }),
        cents: Cents,
        grams: Grams,
      }),
    ),
    totalCents: Cents,
    payments: Type.Array(Payment),
    areGoodsBack: Type.Boolean(),
    hasNote: Type.Boolean(),
    skipped: Type.Optional(Skipped),
  }),
})
export type SaleRefunded = DataOf<typeof SaleRefunded>
