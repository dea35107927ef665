import { Type } from '@sinclair/typebox'
import { type DataOf, fact } from '../fact.ts'
import { Slug, Uuid } from '../text.ts'

/**
 * A deposit takes no more lines. `lineCount` and `netGrams` are of the lines that stand, corrections included; later corrections
 * tell their own totals.
 */
export const DepositClosed = fact({
  name: 'deposit.closed',
  version: 1,
  producer: 'kernel/matter/close-deposit.ts',
  journalForm: 'post-<postId>',
  journal: ({ postId }) => `post-${postId}`,
  data: Type.Object({
    depositId: Uuid,
    postId: Slug,
    lineCount: Type.Integer({ minimum: 0 }),
    netGrams: Type.Integer({ minimum: 0 }),
  }),
})
export type DepositClosed = DataOf<typeof DepositClosed>
