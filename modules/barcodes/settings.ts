import { Cents, LongSlug, Name } from '@recyclique/contracts'
import { type Static, Type } from '@sinclair/typebox'
import { flawsOfLayout } from './codes/layout.ts'

const closed = { additionalProperties: false }

/** One thing that a scale or another shop's label names by its number inside of a code. */
const Item = Type.Object(
  {
    item: Type.String({ pattern: '^[0-9]{1,8}$', description: 'the digits of the item, as the layout has them' }),
    categoryId: LongSlug,
    label: Type.Optional(Name),
    /** Where the code bears a weight: the price of a kilo. */
    centsPerKilo: Type.Optional(Cents),
  },
  closed,
)
export type Item = Static<typeof Item>

const LayoutSet = Type.Object(
  {
    layout: Type.String({ maxLength: 20 }),
    items: Type.Array(Item, { maxItems: 1_000 }),
  },
  closed,
)

/** Foreign codes that stand for something here: a whole code, or how a family of them begins (978 and 979 are books). */
const Family = Type.Object(
  {
    startsWith: Type.String({ pattern: '^[0-9]{1,13}$', description: '1 to 13 digits' }),
    categoryId: LongSlug,
    label: Type.Optional(Name),
    unitCents: Type.Optional(Cents),
  },
  closed,
)

/** What a centre sets. */
export const Settings = Type.Object(
  {
    heading: Type.String({
      maxLength: 30,
      default: '',
      description: 'The small line at the top of each label, as the centre’s name.',
    }),
    families: Type.Array(Family, {
      maxItems: 1_000,
      default: [],
      description:
        'Codes of makers and what they stand for: whole ones, or how they begin (978: books). The longest fits first.',
    }),
    layouts: Type.Array(LayoutSet, {
      maxItems: 20,
      default: [],
      description: 'Codes of the range 20 to 28 with a price or a weight inside, a letter a digit: 21IIIIIPPPPPC.',
    }),
  },
  closed,
)
export type Settings = Static<typeof Settings>

/** Throws with everything that a schema cannot see. */
export const checkSettings = ({ layouts }: Settings): void => {
  const flaws = layouts.flatMap(({ layout, items }) => [
    ...flawsOfLayout(layout),
    ...items
      .filter(({ item }) => item.length !== layout.replaceAll(/[^I]/g, '').length)
      .map(({ item }) => `l’article « ${item} » n’a pas autant de chiffres que « ${layout} » a de I`),
  ])
  if (flaws.length > 0) throw new RangeError(flaws.join(' ; '))
}
