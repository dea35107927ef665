import { Type } from '@sinclair/typebox'
import { type DataOf, fact } from '../fact.ts'
import { Line, OneOf, Slug, Tag, Uuid } from '../text.ts'

/** Why cash comes or goes without a ticket. */
export const CashMoveKind = OneOf('top-up', 'bank', 'transfer', 'disbursement')

/**
 * Cash came into a drawer or left it without a ticket. `cents` is positive for cash in, negative for cash out. A transfer
 * between two drawers is two facts of one command, one in each drawer's journal, each naming the other session.
 */
export const CashMoved = fact({
  name: 'cash.moved',
  version: 1,
  producer: 'kernel/cash/move-cash.ts',
  journalForm: 'drawer-<registerId>',
  journal: ({ registerId }) => `drawer-${registerId}`,
  data: Type.Object({
    moveId: Uuid,
    sessionId: Uuid,
    registerId: Slug,
    kind: CashMoveKind,
    cents: Type.Integer(),
    otherSessionId: Type.Optional(Uuid),
    /** What a disbursement was for, as a label. */
    subtype: Type.Optional(Tag),
    /** The number of the slip, invoice or deposit. */
    evidence: Type.Optional(Line(40)),
    hasNote: Type.Boolean(),
  }),
})
export type CashMoved = DataOf<typeof CashMoved>
