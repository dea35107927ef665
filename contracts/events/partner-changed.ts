import { type DataOf, fact } from '../fact.ts'
import { Partner } from '../records.ts'

/** A partner was set up, changed or archived. Carries the whole record as it is from now on. */
export const PartnerChanged = fact({
  name: 'partner.changed',
  version: 1,
  producer: 'kernel/centre/change-record.ts',
  journalForm: 'master',
  journal: () => 'master',
  data: Partner,
})
export type PartnerChanged = DataOf<typeof PartnerChanged>
