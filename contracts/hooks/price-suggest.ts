import { Type } from '@sinclair/typebox'
import { Cents, Grams, Quantity } from '../amounts.ts'
import { hook } from '../hook.ts'
import { LongSlug, Slug, Text } from '../text.ts'

/** What should this cost? Asked while the ticket is written, never when it is paid: a suggestion binds nobody. */
export const PriceSuggest = hook({
  name: 'price.suggest',
  version: 1,
  words: 'What should this thing cost?',
  mode: 'first',
  dispatch: 'parallel',
  args: Type.Object({
    registerId: Slug,
    categoryId: LongSlug,
    qty: Quantity,
    grams: Type.Optional(Grams),
    /** The label or the barcode that was read, where one was. */
    code: Type.Optional(Text(128, { minLength: 1 })),
  }),
  answer: Type.Object({
    unitCents: Cents,
    /** Why this price, for the button: "1,50 €/kg" or "étiquette verte". */
    words: Type.Optional(Text(80, { minLength: 1 })),
  }),
  deadlineMs: 150,
  onError: 'skip',
  idempotent: true,
})
