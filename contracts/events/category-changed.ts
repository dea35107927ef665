import { type DataOf, fact } from '../fact.ts'
import { Category } from '../records.ts'

/** A category was set up, renamed, moved, archived or brought back. Lines that bear it keep the name that they were given. Carries the whole record as it is from now on. */
export const CategoryChanged = fact({
  name: 'category.changed',
  version: 1,
  producer: 'kernel/centre/change-record.ts',
  journalForm: 'master',
  journal: () => 'master',
  data: Category,
})
export type CategoryChanged = DataOf<typeof CategoryChanged>
