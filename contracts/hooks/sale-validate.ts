import { Type } from '@sinclair/typebox'
import { Cents } from '../amounts.ts'
import { hook } from '../hook.ts'
import { Mode, Slug, Tag, Uuid } from '../text.ts'
import { Payment, SaleLine } from '../ticket.ts'
import { Verdict } from './verdict.ts'

/**
 * May this sale go through? A module allows it, or refuses with words that the cashier can read.
 *
 * Asked before the sale is kept, with the amounts that will be kept. Silence is skipped: the till sells with every module dead.
 */
export const SaleValidate = hook({
  name: 'sale.validate',
  version: 1,
  words: 'May this sale go through?',
  mode: 'collect',
  dispatch: 'parallel',
  args: Type.Object({
    registerId: Slug,
    sessionId: Uuid,
    mode: Mode,
    lines: Type.Array(SaleLine),
    totalCents: Cents,
    donationCents: Cents,
    payments: Type.Array(Payment),
    tag: Type.Optional(Tag),
  }),
  answer: Verdict,
  deadlineMs: 150,
  onError: 'skip',
  idempotent: true,
})
