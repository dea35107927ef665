import { Type } from '@sinclair/typebox'
import { type DataOf, fact } from '../fact.ts'
import { Line, LongSlug, OneOf, Slug, Uuid } from '../text.ts'

/** How things come to the centre. */
export const DepositOrigin = OneOf('voluntary', 'home-collection', 'waste-centre', 'partner')

/** The commune or the postcode that things come from: never an address. */
export const Locality = Line(60, { minLength: 1, description: 'a commune or a postcode, 1 to 60 characters' })

/**
 * Things arrived at a post and are about to be weighed. Its lines follow as `matter.logged`, and `deposit.closed` ends it. The
 * deposit's number is the fact's own `seq` in the post's journal.
 */
export const DepositOpened = fact({
  name: 'deposit.opened',
  version: 1,
  producer: 'kernel/matter/open-deposit.ts',
  journalForm: 'post-<postId>',
  journal: ({ postId }) => `post-${postId}`,
  data: Type.Object({
    depositId: Uuid,
    postId: Slug,
    origin: DepositOrigin,
    partnerId: Type.Optional(LongSlug),
    locality: Type.Optional(Locality),
    /** Who receives it, when that is not the actor: the id of a user, never a name. */
    volunteerId: Type.Optional(LongSlug),
    /** A note stands in the personal data under this deposit's id. */
    hasNote: Type.Boolean(),
  }),
})
export type DepositOpened = DataOf<typeof DepositOpened>
