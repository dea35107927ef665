import { type DataOf, fact } from '../fact.ts'
import { Register } from '../records.ts'

/** A till was set up, renamed or archived. Carries the whole record as it is from now on. */
export const RegisterChanged = fact({
  name: 'register.changed',
  version: 1,
  producer: 'kernel/centre/change-record.ts',
  journalForm: 'master',
  journal: () => 'master',
  data: Register,
})
export type RegisterChanged = DataOf<typeof RegisterChanged>
