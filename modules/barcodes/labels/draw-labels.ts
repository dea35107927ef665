import { Refusal } from '@recyclique/sdk'
import { euros } from '../codes/words.ts'
import type { Face } from '../draw/face.ts'
import type { Dpi, LabelFormat } from '../draw/formats.ts'
import { type Drawing, layOut, TooNarrow } from '../draw/lay-out.ts'
import { type Symbology, symbolOf } from '../draw/symbol.ts'
import { type KeptBatch, numbersOf } from './batch.ts'
import { eanOf, type LabelNumber, spokenOf, textOf } from './number.ts'

/** The symbols in which a label of ours is drawn. */
export const LABEL_SYMBOLS = ['code128', 'qr', 'ean13'] as const satisfies readonly Symbology[]
export type LabelSymbol = (typeof LABEL_SYMBOLS)[number]

export interface Look {
  readonly format: LabelFormat
  readonly symbol: LabelSymbol
  readonly dpi: Dpi
  readonly heading: string
}

/** The labels of a batch one by one, each drawn when it is asked for. */
export function* drawLabels(face: Face, batch: KeptBatch, look: Look): Generator<Drawing> {
  let last: Drawing | undefined
  for (const number of numbersOf(batch)) {
    // All labels of a category or of a lot are alike.
    if (last === undefined || batch.kind === 'object') last = drawLabel(face, { batch, number }, look)
    yield last
  }
}

/** Throws a `Refusal` where the symbol has no room on the label. */
export const drawLabel = (
  face: Face,
  { batch, number }: { batch: KeptBatch; number: LabelNumber },
  look: Look,
): Drawing => {
  const isEan = look.symbol === 'ean13'
  const text = isEan ? eanOf(number) : textOf(number)
  const content = {
    heading: face.readable(look.heading),
    title: face.readable(batch.categoryName),
    price: face.readable(priceWords(batch)),
    symbol: symbolOf(look.symbol, text),
    spoken: isEan ? text.replace(/^(\d)(\d{6})(\d{6})$/, '$1 $2 $3') : spokenOf(text),
  }
  try {
    return layOut(content, look.format.label, look.dpi)
  } catch (error) {
    if (!(error instanceof TooNarrow)) throw error
    throw new Refusal(
      422,
      'symbol-too-wide',
      `Ce code ne tient pas sur cette étiquette : ${error.message}. Choisir le QR, ou une étiquette plus large.`,
    )
  }
}

/** `Prix libre`, `2,50 €`, and of a lot how many things it is. */
export const priceWords = ({ kind, cents, pieces = 1 }: Pick<KeptBatch, 'kind' | 'cents' | 'pieces'>): string => {
  const price = cents === undefined ? 'Prix libre' : euros(cents)
  return kind === 'lot' ? `${pieces} pour ${cents === undefined ? 'prix libre' : price}` : price
}
