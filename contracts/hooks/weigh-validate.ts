import { Type } from '@sinclair/typebox'
import { Grams, Quantity } from '../amounts.ts'
import { Destination, WeighMethod } from '../events/matter-logged.ts'
import { hook } from '../hook.ts'
import { LongSlug, Slug, Uuid } from '../text.ts'
import { Verdict } from './verdict.ts'

/** May this weighing be kept? Refused or cautioned with words for the person at the scale; silence is skipped. */
export const WeighValidate = hook({
  name: 'weigh.validate',
  version: 1,
  words: 'May this weighing be kept?',
  mode: 'collect',
  dispatch: 'parallel',
  args: Type.Object({
    depositId: Uuid,
    postId: Slug,
    categoryId: LongSlug,
    grossGrams: Grams,
    tareGrams: Grams,
    netGrams: Grams,
    qty: Type.Optional(Quantity),
    method: WeighMethod,
    destination: Destination,
    /** The person saw that the weight is unusual and says that it is right. */
    isConfirmed: Type.Boolean(),
  }),
  answer: Verdict,
  deadlineMs: 150,
  onError: 'skip',
  idempotent: true,
})
