import { type Static, Type } from '@sinclair/typebox'
import { Grams, Quantity } from '../amounts.ts'
import { DepositOrigin, Locality } from '../events/deposit-opened.ts'
import { ExitKind, ExitReference } from '../events/exit-recorded.ts'
import { Destination, WeighMethod } from '../events/matter-logged.ts'
import { Day, LongSlug, OneOf, Slug, Text } from '../text.ts'
import { PageQuery } from './common.ts'

const closed = { additionalProperties: false }

/** When an act of the reception happened: today unless said. A day in the past is a late paper entry. */
const when = {
  businessDate: Type.Optional(Day),
  /** `training` stays out of all totals. Late paper entry follows from the date and is not said here. */
  mode: Type.Optional(OneOf('live', 'training')),
}

export const OpenDepositBody = Type.Object(
  {
    postId: Slug,
    origin: DepositOrigin,
    partnerId: Type.Optional(LongSlug),
    locality: Type.Optional(Locality),
    volunteerId: Type.Optional(LongSlug),
    note: Type.Optional(Text(500)),
    ...when,
  },
  closed,
)
export type OpenDepositBody = Static<typeof OpenDepositBody>

/** What the scale showed. The empty vessel is a known container or a tare, never both; neither is a tare of 0. */
const scale = {
  categoryId: LongSlug,
  grossGrams: Grams,
  containerId: Type.Optional(LongSlug),
  tareGrams: Type.Optional(Grams),
  qty: Type.Optional(Quantity),
}

/**
 * One line of a deposit. `method` is `weighed` unless said (`counted` needs `qty`), `destination` is `shop` unless said.
 * `confirmed`: the person saw that the weight is unusual and says that it is right.
 */
export const WeighBody = Type.Object(
  {
    ...scale,
    method: Type.Optional(WeighMethod),
    destination: Type.Optional(Destination),
    confirmed: Type.Optional(Type.Boolean()),
  },
  closed,
)
export type WeighBody = Static<typeof WeighBody>

/** One line of an exit: no weight is unusual here, exits leave in tonnes. */
export const ExitLineBody = Type.Object(scale, closed)
export type ExitLineBody = Static<typeof ExitLineBody>

export const RecordExitBody = Type.Object(
  {
    kind: ExitKind,
    partnerId: Type.Optional(LongSlug),
    reference: Type.Optional(ExitReference),
    isUltimate: Type.Optional(Type.Boolean()),
    lines: Type.Array(ExitLineBody, { minItems: 1, maxItems: 500 }),
    note: Type.Optional(Text(500)),
    ...when,
  },
  closed,
)
export type RecordExitBody = Static<typeof RecordExitBody>

/**
 * `expectedNetGrams` is the line's net weight as it was seen (0 when it is struck out), so that of two corrections at once only
 * one applies. Whoever sends the line's `revision` as well is also told of a correction that left the weight alone.
 */
const correction = {
  expectedNetGrams: Grams,
  revision: Type.Optional(Type.Integer({ minimum: 1, description: 'the revision of the line that was seen' })),
  note: Type.Optional(Text(500)),
}

/** The whole line as it should have been, or null to strike it out. What is left out of `after` is not taken from the old line. */
export const CorrectWeighingBody = Type.Object(
  { ...correction, after: Type.Union([WeighBody, Type.Null()], { description: 'a line, or null to strike it out' }) },
  closed,
)
export type CorrectWeighingBody = Static<typeof CorrectWeighingBody>

/** The same for a line of an exit. */
export const CorrectExitLineBody = Type.Object(
  {
    ...correction,
    after: Type.Union([ExitLineBody, Type.Null()], { description: 'a line, or null to strike it out' }),
  },
  closed,
)
export type CorrectExitLineBody = Static<typeof CorrectExitLineBody>

/** How matter moves. A correction bears the flow of the line that it corrects. */
export const Flow = OneOf(
  'deposit',
  'sale',
  'refund',
  'void',
  'recycler',
  'partner',
  'donation',
  'bins',
  'waste-centre',
)
export type Flow = Static<typeof Flow>

/** One page of movements, by business date and then in the order in which they were kept. */
export const MovementsQuery = Type.Object({
  ...PageQuery.properties,
  from: Type.Optional(Day),
  to: Type.Optional(Day),
  categoryId: Type.Optional(LongSlug),
  flow: Type.Optional(Flow),
})
export type MovementsQuery = Static<typeof MovementsQuery>

/** One page of deposits, newest first. */
export const DepositsQuery = Type.Object({
  ...PageQuery.properties,
  from: Type.Optional(Day),
  to: Type.Optional(Day),
  postId: Type.Optional(Slug),
  status: Type.Optional(OneOf('open', 'closed')),
})
export type DepositsQuery = Static<typeof DepositsQuery>

/** One page of exits, newest first. */
export const ExitsQuery = Type.Object({
  ...PageQuery.properties,
  from: Type.Optional(Day),
  to: Type.Optional(Day),
  kind: Type.Optional(ExitKind),
})
export type ExitsQuery = Static<typeof ExitsQuery>
