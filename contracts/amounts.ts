import { type Static, Type } from '@sinclair/typebox'

/** One amount may not pass ten million euros, so that a sum of 500 lines stays far below 2^53. */
const MOST_CENTS = 1_000_000_000
/** One weighing may not pass a thousand tonnes, for the same reason. */
const MOST_GRAMS = 1_000_000_000

/** An amount of money that is not negative, in whole euro cents. */
export const Cents = Type.Integer({ minimum: 0, maximum: MOST_CENTS, description: 'whole euro cents, not negative' })
export type Cents = Static<typeof Cents>

/** An amount of money with its sign, in whole euro cents: what a counter-entry or a variance needs. */
export const SignedCents = Type.Integer({ minimum: -MOST_CENTS, maximum: MOST_CENTS, description: 'whole euro cents' })

/** A sum of many amounts, in whole euro cents with its sign: a session's or a period's. */
export const SumCents = Type.Integer({
  minimum: Number.MIN_SAFE_INTEGER,
  maximum: Number.MAX_SAFE_INTEGER,
  description: 'whole euro cents',
})

/** A mass that is not negative, in whole grams. */
export const Grams = Type.Integer({ minimum: 0, maximum: MOST_GRAMS, description: 'whole grams, not negative' })
export type Grams = Static<typeof Grams>

/** A mass with its sign, in whole grams: in is positive, out is negative. */
export const SignedGrams = Type.Integer({ minimum: -MOST_GRAMS, maximum: MOST_GRAMS, description: 'whole grams' })

/** How many objects: at least one. */
export const Quantity = Type.Integer({ minimum: 1, maximum: 100_000 })
