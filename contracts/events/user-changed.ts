import { type DataOf, fact } from '../fact.ts'
import { User } from '../records.ts'

/** A person may act, may do other things, or may act no more. Carries the whole record as it is from now on. */
export const UserChanged = fact({
  name: 'user.changed',
  version: 1,
  producer: 'kernel/centre/change-record.ts',
  journalForm: 'master',
  journal: () => 'master',
  data: User,
})
export type UserChanged = DataOf<typeof UserChanged>
