import { type DataOf, fact } from '../fact.ts'
import { Post } from '../records.ts'

/** A weighing post was set up, renamed or archived. Carries the whole record as it is from now on. */
export const PostChanged = fact({
  name: 'post.changed',
  version: 1,
  producer: 'kernel/centre/change-record.ts',
  journalForm: 'master',
  journal: () => 'master',
  data: Post,
})
export type PostChanged = DataOf<typeof PostChanged>
