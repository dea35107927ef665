import { Type } from '@sinclair/typebox'
import { hook } from '../hook.ts'
import { LongSlug, OneOf, Text } from '../text.ts'

/** Into which category does this thing go? Best first, for a person who chooses. */
export const CategorySuggest = hook({
  name: 'category.suggest',
  version: 1,
  words: 'Which category is this thing, going by what is known of it?',
  mode: 'first',
  dispatch: 'parallel',
  args: Type.Object({ words: Text(200, { minLength: 1 }), where: OneOf('sale', 'reception') }),
  answer: Type.Array(
    Type.Object({ categoryId: LongSlug, why: Type.Optional(Text(120)) }, { additionalProperties: false }),
    { minItems: 1, maxItems: 10 },
  ),
  deadlineMs: 1_500,
  onError: 'skip',
  idempotent: true,
})
