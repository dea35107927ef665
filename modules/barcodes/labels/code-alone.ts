import { Refusal } from '@recyclique/sdk'
import { readCode } from '../codes/read-code.ts'
import { wrongWords } from '../codes/words.ts'
import { DPIS, type Dpi } from '../draw/formats.ts'
import type { Drawing } from '../draw/lay-out.ts'
import { type Symbology, symbolOf } from '../draw/symbol.ts'

/** A code of a maker drawn anew, for a thing whose own print is worn off: nothing but its bars. Throws a `Refusal` for what is none. */
export const codeAlone = (code: string, dpi: Dpi = DPIS[1]): Drawing => {
  const reading = readCode(code)
  if (reading.is === 'wrong') throw new Refusal(422, 'code-damaged', wrongWords(reading, undefined))
  if (reading.is !== 'gtin')
    throw new Refusal(422, 'code-unfit', 'Un code EAN-13, EAN-8 ou UPC-A a 13, 8 ou 12 chiffres.')
  const symbology = SYMBOLOGY_OF[code.length] ?? 'ean13'
  const symbol = symbolOf(symbology, code)
  const module = Math.round((0.33 * dpi) / 25.4)
  const high = Math.round((18 * dpi) / 25.4)
  const margin = 2 * module
  return {
    dpi,
    width: (symbol.quiet.left + symbol.columns + symbol.quiet.right) * module,
    height: high + 2 * margin,
    marks: symbol.marks.map(({ x, width }) => ({
      ...{ x: (symbol.quiet.left + x) * module, y: margin, width: width * module, height: high },
    })),
    texts: [],
  }
}

const SYMBOLOGY_OF: Readonly<Record<number, Symbology>> = { 8: 'ean8', 12: 'upca', 13: 'ean13' }
