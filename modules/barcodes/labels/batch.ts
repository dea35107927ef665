import { Cents, LongSlug, moduleFact, Name, OneOf, Quantity } from '@recyclique/contracts'
import { type Static, Type } from '@sinclair/typebox'
import { type LabelNumber, MOST_IN_BATCH } from './number.ts'

/**
 * What a batch of labels is for. `category`: any thing of it, `cents` a piece. `lot`: `pieces` things that are sold as one, `cents` for all
 * of them. Of both the labels are alike and bear one number. `object`: one single thing each, each label with a number of its own.
 * Without `cents` the cashier says the price.
 */
export const Batch = Type.Object({
  kind: OneOf('category', 'lot', 'object'),
  categoryId: LongSlug,
  /** As it was called when they were made. */
  categoryName: Name,
  count: Type.Integer({ minimum: 1, maximum: MOST_IN_BATCH }),
  cents: Type.Optional(Cents),
  pieces: Type.Optional(Quantity),
})
export type Batch = Static<typeof Batch>

/**
 * Labels were made. The number of this fact in the module's journal is the number of the batch: the ledger gives each once, whoever asks and
 * whatever dies.
 */
export const LabelsMade = moduleFact({ name: 'barcodes.labels-made', version: 1, data: Batch })

/** A batch with the number that the ledger gave it. */
export interface KeptBatch extends Batch {
  readonly number: number
}

/** The number on each of its labels, in the order in which they are printed. */
export const numbersOf = ({ number, kind, count }: KeptBatch): LabelNumber[] =>
  Array.from({ length: count }, (_, nth) => ({ batch: number, nth: kind === 'object' ? nth : 0 }))

/** A label with this number was printed. */
export const hasLabel = ({ kind, count }: Batch, { nth }: LabelNumber): boolean => nth < (kind === 'object' ? count : 1)
