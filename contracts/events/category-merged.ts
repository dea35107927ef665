import { Type } from '@sinclair/typebox'
import { type DataOf, fact } from '../fact.ts'
import { Category } from '../records.ts'
import { LongSlug } from '../text.ts'

/**
 * A category is used no more, another one takes its place. Earlier lines keep their category: past reports do not change.
 * `merged` is the category's record as it was.
 */
export const CategoryMerged = fact({
  name: 'category.merged',
  version: 1,
  producer: 'kernel/centre/merge-category.ts',
  journalForm: 'master',
  journal: () => 'master',
  data: Type.Object({ merged: Category, intoId: LongSlug }),
})
export type CategoryMerged = DataOf<typeof CategoryMerged>
