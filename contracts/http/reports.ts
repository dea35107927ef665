import { type Static, Type } from '@sinclair/typebox'
import { OneOf } from '../text.ts'
import { PeriodQuery } from './common.ts'

export const TakingsQuery = Type.Object({
  ...PeriodQuery.properties,
  by: OneOf('day', 'category', 'method', 'register'),
  format: Type.Optional(OneOf('json', 'csv')),
  columns: Type.Optional(
    Type.Literal('1', { description: '1: the columns of modules stand in the CSV too, at the right' }),
  ),
})
export type TakingsQuery = Static<typeof TakingsQuery>

/** One row of a report of takings. Amounts in cents, refunds and voids counted against; training is never in it. */
export const TakingsRow = Type.Object({
  key: Type.String({ description: 'the day, or the id of the category, method or register' }),
  name: Type.String(),
  salesCents: Type.Integer({ description: 'sold, less voided' }),
  refundsCents: Type.Integer({ description: 'given back, negative' }),
  donationsCents: Type.Integer(),
  netCents: Type.Integer({ description: 'sales + refunds + donations' }),
  tickets: Type.Integer({
    description: 'sales less voids; by category and method: tickets that have such a line or payment',
  }),
  qty: Type.Integer({ description: 'pieces sold less those that came back; only by category' }),
  grams: Type.Integer({ description: 'grams sold less those that came back; only by category' }),
})
export type TakingsRow = Static<typeof TakingsRow>
