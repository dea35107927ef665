import { Type } from '@sinclair/typebox'
import { type DataOf, fact } from '../fact.ts'
import { Slug, Uuid } from '../text.ts'

/** A ticket was printed again: copy `copy` of it, counted from 1. The print bears "DUPLICATA n° <copy>". */
export const ReceiptDuplicated = fact({
  name: 'receipt.duplicated',
  version: 1,
  producer: 'kernel/sales/copy-receipt.ts',
  journalForm: 'copies',
  journal: () => 'copies',
  data: Type.Object({ saleId: Uuid, registerId: Slug, copy: Type.Integer({ minimum: 1 }) }),
})
export type ReceiptDuplicated = DataOf<typeof ReceiptDuplicated>
