import { Type } from '@sinclair/typebox'
import { type DataOf, fact } from '../fact.ts'
import { OneOf, Slug, Uuid } from '../text.ts'
import { ExitKind } from './exit-recorded.ts'
import { lineIdentity, measured, received } from './matter-logged.ts'

/** A line's values, of an exit without what the reception adds; null: struck out, it counts for nothing. */
const LineValues = Type.Union([
  Type.Object({ ...measured, ...Type.Partial(Type.Object(received)).properties }),
  Type.Null(),
])

/**
 * A line of a deposit or of an exit was wrong. Stock changes by − `before` + `after`, on the business date of the line itself,
 * which is this fact's own `businessDate`; so reports of that day become right, and the old values stay readable here.
 *
 * `sourceGramsBefore` and `sourceGramsAfter` are the net totals of the whole deposit or exit. A line that was struck out can
 * come back: then `before` is null. The actor is the one who corrected.
 */
export const MatterCorrected = fact({
  name: 'matter.corrected',
  version: 1,
  producer: 'kernel/matter/correct-line.ts',
  journalForm: 'post-<postId> or exits',
  journal: ({ postId }) => (postId === undefined ? 'exits' : `post-${postId}`),
  data: Type.Object({
    correctionId: Uuid,
    sourceKind: OneOf('deposit', 'exit'),
    sourceId: Uuid,
    /** Of a deposit: its post. */
    postId: Type.Optional(Slug),
    /** Of a deposit `deposit`, of an exit its kind: the correction stays in the flow of what it corrects. */
    flow: Type.Union([Type.Literal('deposit'), ...ExitKind.anyOf]),
    ...lineIdentity,
    /** The line's revision from now on; the line as it was first kept is revision 1. */
    revision: Type.Integer({ minimum: 2 }),
    before: LineValues,
    after: LineValues,
    sourceGramsBefore: Type.Integer({ minimum: 0 }),
    sourceGramsAfter: Type.Integer({ minimum: 0 }),
    /** A note stands in the personal data under `correction/<correctionId>`. */
    hasNote: Type.Boolean(),
  }),
})
export type MatterCorrected = DataOf<typeof MatterCorrected>
