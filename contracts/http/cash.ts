import { type Static, Type } from '@sinclair/typebox'
import { Cents, SignedCents } from '../amounts.ts'
import { Day, Line, LongSlug, Mode, OneOf, Slug, Tag, Text, Uuid } from '../text.ts'

const closed = { additionalProperties: false }

/** Opens a drawer. `businessDate` only with mode `deferred`: the day of the notebook that is entered late. */
export const OpenSessionBody = Type.Object(
  { registerId: Slug, mode: Type.Optional(Mode), floatCents: Cents, businessDate: Type.Optional(Day) },
  closed,
)
export type OpenSessionBody = Static<typeof OpenSessionBody>

/** Cash without a ticket. A transfer leaves this drawer for `toSessionId`'s; every other kind says its own way. */
export const MoveCashBody = Type.Object(
  {
    kind: OneOf('top-up', 'bank', 'transfer', 'disbursement'),
    cents: Type.Integer({ minimum: 1, maximum: 1_000_000_000, description: 'whole euro cents, at least 1' }),
    toSessionId: Type.Optional(Uuid),
    subtype: Type.Optional(Tag),
    evidence: Type.Optional(Line(40)),
    note: Type.Optional(Text(500)),
  },
  closed,
)
export type MoveCashBody = Static<typeof MoveCashBody>

/**
 * What was counted, method by method; a method with nothing expected may be left out. Below zero is what a method has given back
 * beyond what it took (a card terminal's total), never cash. `reason` when anything differs. */
export const CloseSessionBody = Type.Object(
  {
    counted: Type.Array(Type.Object({ methodId: LongSlug, cents: SignedCents }, closed), { maxItems: 100 }),
    bankCents: Type.Optional(Cents),
    reason: Type.Optional(Text(500, { minLength: 1, description: 'text of 1 to 500 characters' })),
  },
  closed,
)
export type CloseSessionBody = Static<typeof CloseSessionBody>
