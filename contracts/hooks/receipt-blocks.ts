import { Type } from '@sinclair/typebox'
import { Cents } from '../amounts.ts'
import { hook } from '../hook.ts'
import { Mode, OneOf, Slug, Text, Uuid } from '../text.ts'
import { Payment, SaleLine } from '../ticket.ts'

/** What else stands on the receipt? What the law asks for is the kernel's and cannot be changed here. */
export const ReceiptBlocks = hook({
  name: 'receipt.blocks',
  version: 1,
  words: 'What else should stand on this receipt?',
  mode: 'collect',
  dispatch: 'parallel',
  args: Type.Object({
    saleId: Uuid,
    registerId: Slug,
    mode: Mode,
    lines: Type.Array(SaleLine),
    totalCents: Cents,
    donationCents: Cents,
    payments: Type.Array(Payment),
    /** 0: the original. */
    copy: Type.Integer({ minimum: 0 }),
  }),
  answer: Type.Object({
    place: OneOf('head', 'after-lines', 'foot'),
    lines: Type.Array(Text(48), { minItems: 1, maxItems: 20 }),
    code: Type.Optional(Type.Object({ kind: OneOf('qr', 'code128', 'ean13'), text: Text(512, { minLength: 1 }) })),
  }),
  deadlineMs: 300,
  onError: 'skip',
  idempotent: true,
})
