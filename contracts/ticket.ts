import { type Static, Type } from '@sinclair/typebox'
import { Cents, Grams, Quantity } from './amounts.ts'
import { LabelId, LongSlug, Name, OneOf, Tag } from './text.ts'

/** A thing that leaves for free, and why. */
export const Preset = OneOf('don', 'don-18', 'recyclage', 'decheterie')

/** One line of a ticket as it was kept. `lineCents` is the price of the whole line, `lineGrams` its whole weight. */
export const SaleLine = Type.Object({
  line: Type.Integer({ minimum: 1 }),
  categoryId: LongSlug,
  categoryName: Name,
  qty: Quantity,
  unitCents: Type.Optional(Cents),
  lineCents: Cents,
  lineGrams: Type.Optional(Grams),
  preset: Type.Optional(Preset),
  tag: Type.Optional(Tag),
  /** The label that was scanned, where it belongs to this one thing. */
  labelId: Type.Optional(LabelId),
})
export type SaleLine = Static<typeof SaleLine>

/** One movement of money on a ticket: the only source of accounting. `in` comes into the till, `out` leaves it. */
export const Payment = Type.Object({
  methodId: LongSlug,
  cents: Type.Integer({ minimum: 1 }),
  direction: OneOf('in', 'out'),
  nature: OneOf('sale', 'donation', 'refund'),
  chequeNumber: Type.Optional(Type.String({ pattern: '^[0-9A-Za-z-]{1,20}$' })),
})
export type Payment = Static<typeof Payment>

/** What a payment does to the till, in cents with sign. */
export const signedCents = ({ direction, cents }: Pick<Payment, 'direction' | 'cents'>): number =>
  direction === 'in' ? cents : -cents
