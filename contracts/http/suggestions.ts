import { type Static, Type } from '@sinclair/typebox'
import { Quantity } from '../amounts.ts'
import { CategorySuggest } from '../hooks/category-suggest.ts'
import { CodeResolve } from '../hooks/code-resolve.ts'
import { PriceSuggest } from '../hooks/price-suggest.ts'

/** What the till asks while a ticket is written: what should this cost? One piece, where no number is given. */
export const PriceQuery = Type.Object({
  ...PriceSuggest.args.properties,
  qty: Type.Integer({ ...Quantity, default: 1 }),
})
export type PriceQuery = Static<typeof PriceQuery>

/** Into which category does it go? `words` as a person says them: "petite lampe". */
export const CategoryQuery = CategorySuggest.args
export type CategoryQuery = Static<typeof CategoryQuery>

/** The code stands in the address, the till that read it in the query. */
export const CodeAddress = Type.Pick(CodeResolve.args, ['code'])
export const CodeQuery = Type.Pick(CodeResolve.args, ['registerId'])
