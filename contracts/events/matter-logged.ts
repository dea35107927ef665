import { Type } from '@sinclair/typebox'
import { Grams, Quantity } from '../amounts.ts'
import { type DataOf, fact } from '../fact.ts'
import { Skipped } from '../skipped.ts'
import { LongSlug, Name, OneOf, Slug, Uuid } from '../text.ts'

/** `weighed` by a scale; `counted` by pieces, with a weight from the centre's own table (the *abaque*). */
export const WeighMethod = OneOf('weighed', 'counted')

/** Where the things are meant to go next. An intention: they stay in stock until they are sold or an exit takes them. */
export const Destination = OneOf('shop', 'recycling', 'landfill', 'partner')

/**
 * What a line says, once measured. Always: `netGrams` = `grossGrams` − `tareGrams`, and more than 0. `categoryName` is the name
 * on that day. `containerId`: the tare is that of a known vessel.
 */
export const measured = {
  categoryId: LongSlug,
  categoryName: Name,
  grossGrams: Grams,
  containerId: Type.Optional(LongSlug),
  tareGrams: Grams,
  netGrams: Grams,
  qty: Type.Optional(Quantity),
}

/** What the reception adds. `isConfirmed`: the weight is above the usual one, and somebody said that it is right. */
export const received = { method: WeighMethod, destination: Destination, isConfirmed: Type.Boolean() }

/** Which line it is: `line` counts from 1 in its deposit or exit, struck-out lines keep their number. */
export const lineIdentity = { lineId: Uuid, line: Type.Integer({ minimum: 1 }) }

/**
 * A line of a deposit is in stock, from its own business date on: the deposit's for paper that is entered late, else the day on
 * which it was weighed. Never corrected in place: `matter.corrected` follows with the old and the new values.
 */
export const MatterLogged = fact({
  name: 'matter.logged',
  version: 1,
  producer: 'kernel/matter/weigh.ts',
  journalForm: 'post-<postId>',
  journal: ({ postId }) => `post-${postId}`,
  data: Type.Object({
    depositId: Uuid,
    postId: Slug,
    ...lineIdentity,
    ...measured,
    ...received,
    skipped: Type.Optional(Skipped),
  }),
})
export type MatterLogged = DataOf<typeof MatterLogged>
