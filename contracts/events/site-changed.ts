import { type DataOf, fact } from '../fact.ts'
import { Site } from '../records.ts'

/** The centre itself was set up or changed. Carries the whole record as it is from now on. */
export const SiteChanged = fact({
  name: 'site.changed',
  version: 1,
  producer: 'kernel/centre/change-record.ts',
  journalForm: 'master',
  journal: () => 'master',
  data: Site,
})
export type SiteChanged = DataOf<typeof SiteChanged>
