import { priceCheckDigit } from './price-check-digit.ts'

/**
 * Where things stand in a shop's own EAN-13 of the range 20 to 28, a letter a digit: figures are themselves, `I` the item, `P` a price in
 * cents, `W` a weight in grams, `V` the check digit of that price or weight, `C` the code's own check digit. `21IIIIIPPPPPC`.
 */
export type Layout = string

export const LAYOUT_PATTERN = '^2[0-8][0-9]*I+(?:V?(?:P+|W+)|(?:P+|W+)V?)?C$'

/** Everything that is wrong with a layout, in words. */
export const flawsOfLayout = (layout: Layout): string[] => {
  const values = layout.replaceAll(/[^PW]/g, '').length
  return [
    ...(layout.length === 13 ? [] : [`« ${layout} » a ${layout.length} signes : il en faut 13, comme 21IIIIIPPPPPC`]),
    ...(new RegExp(LAYOUT_PATTERN).test(layout)
      ? []
      : [
          `« ${layout} » ne se lit pas : écrire par exemple 21IIIIIPPPPPC, 22IIIIVPPPPPC ou 23IIIIIWWWWWC (29 sert aux étiquettes d’ici)`,
        ]),
    ...(layout.includes('V') && values !== 4 && values !== 5
      ? [`« ${layout} » : V vérifie quatre ou cinq chiffres, pas ${values}`]
      : []),
  ]
}

export interface Inside {
  readonly item: string
  readonly cents?: number
  readonly grams?: number
  /** The digit that guards price or weight is another one than it should be. */
  readonly valueFlaw?: { readonly found: string; readonly wanted: string }
}

/** What stands inside of 13 digits, or undefined where they begin otherwise. */
export const readInside = (layout: Layout, digits: string): Inside | undefined => {
  const fixed = /^\d+/.exec(layout)?.[0] ?? ''
  if (!digits.startsWith(fixed)) return undefined
  const at = (letter: string) => [...digits].filter((_, nth) => layout[nth] === letter).join('')
  const [price, weight, found] = [at('P'), at('W'), at('V')]
  const wanted = found === '' ? '' : priceCheckDigit(price || weight)
  return {
    item: at('I'),
    ...(price === '' ? {} : { cents: Number(price) }),
    ...(weight === '' ? {} : { grams: Number(weight) }),
    ...(found === wanted ? {} : { valueFlaw: { found, wanted } }),
  }
}
