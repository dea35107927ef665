import { Type } from '@sinclair/typebox'
import { Cents, Grams, Quantity } from '../amounts.ts'
import { hook } from '../hook.ts'
import { LongSlug, Name, Slug, Text } from '../text.ts'

/** What is this code that the scanner read? Null where the code is not of one's own. */
export const CodeResolve = hook({
  name: 'code.resolve',
  version: 1,
  words: 'What does this code stand for, that was just scanned or typed?',
  mode: 'first',
  dispatch: 'parallel',
  args: Type.Object({ registerId: Slug, code: Text(128, { minLength: 1 }) }),
  /** What the till writes on the ticket; the cashier may change all of it. */
  answer: Type.Object({
    categoryId: LongSlug,
    label: Type.Optional(Name),
    qty: Type.Optional(Quantity),
    unitCents: Type.Optional(Cents),
    grams: Type.Optional(Grams),
  }),
  deadlineMs: 150,
  onError: 'skip',
  idempotent: true,
})
