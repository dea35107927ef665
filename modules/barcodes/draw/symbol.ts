import bwip, { type RawOptions } from 'bwip-js'

export const SYMBOLOGIES = ['code128', 'qr', 'ean13', 'ean8', 'upca'] as const
export type Symbology = (typeof SYMBOLOGIES)[number]

/** A dark rectangle, in modules (later in dots), from the symbol's upper left corner without its quiet zone. */
export interface Mark {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** A symbol without size: all in modules. `rows` is 1 for bars, which may be drawn as high as there is room. */
export interface BarSymbol {
  readonly columns: number
  readonly rows: number
  readonly marks: readonly Mark[]
  /** Left free on each side. A reader finds no symbol without. */
  readonly quiet: { readonly left: number; readonly right: number; readonly above: number }
}

/** As the standards want them: ISO/IEC 15417 (Code 128), 18004 (QR), GS1 General Specifications 5.2 (EAN, UPC). */
const QUIET: Readonly<Record<Symbology, BarSymbol['quiet']>> = {
  code128: { left: 10, right: 10, above: 0 },
  qr: { left: 4, right: 4, above: 4 },
  ean13: { left: 11, right: 7, above: 0 },
  ean8: { left: 7, right: 7, above: 0 },
  upca: { left: 9, right: 9, above: 0 },
}

/** Of the text as it is read back. Throws where the symbology cannot carry it, or a check digit is wrong. */
export const symbolOf = (symbology: Symbology, text: string): BarSymbol => {
  const [drawn] = bwip.raw(optionsFor(symbology, text))
  if (!drawn) throw new RangeError(`${symbology} draws nothing for '${text}'`)
  const quiet = QUIET[symbology]
  return 'sbs' in drawn ? { ...bars(drawn.sbs), quiet } : { ...squares(drawn), quiet }
}

/** A label's QR code is always of the smallest version. Its mask is chosen once: to weigh all eight takes most of the time that a sheet takes. */
const optionsFor = (symbology: Symbology, text: string): RawOptions =>
  symbology === 'qr'
    ? ({ bcid: 'qrcode', text, eclevel: 'M', ...(text.length <= 20 ? { version: '1', mask: 3 } : {}) } as RawOptions)
    : { bcid: symbology, text }

/** Widths of bar, space, bar … */
const bars = (widths: readonly number[]) => {
  const marks: Mark[] = []
  let x = 0
  for (const [nth, width] of widths.entries()) {
    if (nth % 2 === 0) marks.push({ x, y: 0, width, height: 1 })
    x += width
  }
  return { columns: x, rows: 1, marks }
}

type Squares = { readonly pixs: readonly number[]; readonly pixx: number; readonly pixy: number }

/** Neighbours in a row are one mark: fewer to draw, and no hair line between them on paper. */
const squares = ({ pixs, pixx: columns, pixy: rows }: Squares) => {
  const marks: Mark[] = []
  for (let y = 0; y < rows; y += 1)
    for (let x = 0; x < columns; x += 1) {
      if (pixs[y * columns + x] !== 1) continue
      const from = x
      while (x + 1 < columns && pixs[y * columns + x + 1] === 1) x += 1
      marks.push({ x: from, y, width: x - from + 1, height: 1 })
    }
  return { columns, rows, marks }
}
