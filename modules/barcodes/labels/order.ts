import { LongSlug, Misfit, OneOf, parse, Quantity } from '@recyclique/contracts'
import { Refusal } from '@recyclique/sdk'
import { type Static, Type } from '@sinclair/typebox'
import { Batch } from './batch.ts'
import { MOST_IN_BATCH } from './number.ts'

/** What somebody wants labels for: as an assistant or a program says it. */
export const Order = Type.Object(
  {
    kind: OneOf('category', 'lot', 'object'),
    categoryId: LongSlug,
    count: Batch.properties.count,
    cents: Batch.properties.cents,
    pieces: Type.Optional(Quantity),
  },
  { additionalProperties: false },
)
export type Order = Static<typeof Order>

/** From a form, or from words that were typed: `kind`, `category`, `count`, `price` in euros, `pieces`. Throws a `Refusal` in words for who typed. */
export const orderFrom = (said: Readonly<Record<string, string | undefined>>): Order => {
  const { kind = 'category', category = '', price = '', pieces } = said
  const cents = centsIn(price)
  const isLot = kind === 'lot'
  return checkOrder({
    kind,
    categoryId: category,
    count: wholeIn(said.count, 'Nombre d’étiquettes'),
    ...(cents === undefined ? {} : { cents }),
    ...(isLot ? { pieces: wholeIn(pieces, 'Objets dans le lot') } : {}),
  })
}

/** The same from JSON. */
export const checkOrder = (value: unknown): Order => {
  try {
    const order = parse(Order, value, 'order')
    if ((order.kind === 'lot') !== (order.pieces !== undefined))
      throw refusal('order-unfit', '« pieces » va avec un lot, et avec lui seul.')
    return order
  } catch (error) {
    if (!(error instanceof Misfit)) throw error
    const [flaw] = error.flaws
    throw refusal('order-unfit', WORDS[flaw?.field ?? ''] ?? `${flaw?.field} ${flaw?.why}`)
  }
}

const WORDS: Readonly<Record<string, string>> = {
  '/count': `On imprime de 1 à ${MOST_IN_BATCH} étiquettes à la fois.`,
  '/categoryId': 'Choisir une catégorie dans la liste.',
  '/kind': 'Une étiquette est pour une catégorie (category), un lot (lot) ou un objet (object).',
  '/pieces': 'Un lot a au moins un objet.',
  '/cents': 'Ce prix est trop grand.',
}

/** `2`, `2,5`, `2.50 €` → cents; nothing is a free price. */
const centsIn = (text: string): number | undefined => {
  const plain = text.replaceAll(/[\s\u00a0\u202f€]/g, '').replace(',', '.')
  if (plain === '' || plain === 'libre' || plain === '-') return undefined
  const [, euros, cents = ''] = /^(\d{1,7})(?:\.(\d{1,2}))?$/.exec(plain) ?? []
  if (euros === undefined) throw refusal('price-unfit', `« ${text} » n’est pas un prix : écrire par exemple 2,50.`)
  return Number(euros) * 100 + Number(cents.padEnd(2, '0'))
}

const wholeIn = (text: string | undefined, what: string): number => {
  if (!/^\d{1,6}$/.test(text ?? ''))
    throw refusal('number-unfit', `${what} : écrire un nombre entier, et non « ${text ?? ''} ».`)
  return Number(text)
}

const refusal = (code: string, words: string) => new Refusal(400, code, words)
