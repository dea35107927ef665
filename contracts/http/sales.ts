import { type Static, Type } from '@sinclair/typebox'
import { Cents, Grams, Quantity } from '../amounts.ts'
import { LabelId, Line, LongSlug, Tag, Text, Uuid } from '../text.ts'
import { Payment, Preset } from '../ticket.ts'

const closed = { additionalProperties: false }

/** A line as the till writes it: `unitCents` × `qty`, or `lotCents` for the whole line, or no price (global price, preset). */
export const TicketLine = Type.Object(
  {
    categoryId: LongSlug,
    qty: Quantity,
    unitCents: Type.Optional(Cents),
    lotCents: Type.Optional(Cents),
    grams: Type.Optional(Grams),
    preset: Type.Optional(Preset),
    tag: Type.Optional(Tag),
    /** As `code.resolve` gave it. */
    labelId: Type.Optional(LabelId),
  },
  closed,
)
export type TicketLine = Static<typeof TicketLine>

/** Money that the customer hands over; at least one cent. */
const Handed = Type.Object(
  {
    methodId: LongSlug,
    cents: Type.Integer({ minimum: 1, maximum: 1_000_000_000, description: 'whole euro cents, at least 1' }),
    chequeNumber: Payment.properties.chequeNumber,
  },
  closed,
)

/**
 * A ticket that is paid. Always: Σ payments − `changeCents` = `totalCents` + `donationCents`. `totalCents` is what the cashier
 * saw; with `isGloballyPriced` it is the price of the whole ticket, spread over the lines without a price of their own.
 */
export const RecordSaleBody = Type.Object(
  {
    sessionId: Uuid,
    lines: Type.Array(TicketLine, { maxItems: 500 }),
    totalCents: Cents,
    isGloballyPriced: Type.Optional(Type.Boolean()),
    donationCents: Type.Optional(Cents),
    payments: Type.Array(Handed, { maxItems: 20 }),
    changeCents: Type.Optional(Cents),
    tag: Type.Optional(Tag),
    note: Type.Optional(Text(500)),
    /** The held ticket that this sale ends, if it was one. */
    heldTicketId: Type.Optional(Uuid),
  },
  closed,
)
export type RecordSaleBody = Static<typeof RecordSaleBody>

/** Money back for lines of a sale. `qty` 0 with some cents is a gesture on the price. Σ payments = Σ cents. */
export const RefundSaleBody = Type.Object(
  {
    sessionId: Uuid,
    lines: Type.Array(
      Type.Object(
        {
          line: Type.Integer({ minimum: 1, maximum: 500 }),
          qty: Type.Integer({ minimum: 0, maximum: 100_000 }),
          cents: Cents,
        },
        closed,
      ),
      { maxItems: 500 },
    ),
    payments: Type.Array(Handed, { maxItems: 20 }),
    areGoodsBack: Type.Boolean(),
    note: Type.Optional(Text(500)),
  },
  closed,
)
export type RefundSaleBody = Static<typeof RefundSaleBody>

export const VoidSaleBody = Type.Object({ sessionId: Uuid, note: Type.Optional(Text(500)) }, closed)
export type VoidSaleBody = Static<typeof VoidSaleBody>

/** A ticket that waits: nothing of it is a sale yet. */
export const HoldTicketBody = Type.Object(
  {
    sessionId: Uuid,
    label: Type.Optional(Line(40)),
    lines: Type.Array(TicketLine, { minItems: 1, maxItems: 500 }),
  },
  closed,
)
export type HoldTicketBody = Static<typeof HoldTicketBody>
