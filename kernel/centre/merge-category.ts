import { type Category, CategoryMerged } from '@recyclique/contracts'
import { refuse } from '../errors.ts'
import { draft, type Rule } from '../ledger/rule.ts'
import { allRecords, usable } from './records.ts'

export interface MergeCategory {
  readonly categoryId: string
  readonly intoId: string
}

/** Takes a category out of use in favour of another one. Its history stays its own. */
export const mergeCategory: Rule<MergeCategory, readonly Category[]> = {
  load: (read) => allRecords(read, 'category'),
  decide(categories, { body: { categoryId, intoId } }, { today }) {
    const find = (id: string) => categories.find((one) => one.id === id)
    const merged = usable(find(categoryId), 'category', categoryId, '/categoryId')
    usable(find(intoId), 'category', intoId, '/into')
    if (categoryId === intoId) refuse('merge-invalid', { why: 'A category cannot be merged into itself.' }, '/into')
    if (categories.some(({ parentId, archived }) => parentId === categoryId && !archived))
      refuse('merge-invalid', { why: `Categories stand below '${categoryId}': move or archive them first.` }, '/into')
    return { facts: [draft(CategoryMerged, { merged, intoId }, { businessDate: today })] }
  },
}
