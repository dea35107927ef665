import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import fc from 'fast-check'
import { ColorSpace, Document, Matrix } from 'mupdf'
import { expect, test } from 'vitest'
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader'
import { checkDigit } from '../../modules/barcodes/codes/check-digit.ts'
import { DPIS, type Dpi, FORMATS, type LabelFormat, perPage } from '../../modules/barcodes/draw/formats.ts'
import { type Content, type Drawing, layOut } from '../../modules/barcodes/draw/lay-out.ts'
import { pdfOf, wholeOf } from '../../modules/barcodes/draw/pdf.ts'
import { pngOf } from '../../modules/barcodes/draw/png.ts'
import { svgOf } from '../../modules/barcodes/draw/svg.ts'
import { SYMBOLOGIES, type Symbology, symbolOf } from '../../modules/barcodes/draw/symbol.ts'
import { textOf } from '../../modules/barcodes/labels/number.ts'
import { aFace } from './room.ts'

/** Its program is read from the disk: it would fetch it otherwise. */
const wasm = createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm')
prepareZXingModule({ overrides: { wasmBinary: readFileSync(wasm).buffer as ArrayBuffer } })

type Picture = Parameters<typeof readBarcodes>[0]

/** More by hand: `RECYCLIQUE_LABEL_RUNS=500 npx vitest run --project all test/barcodes/read-back.test.ts`. */
const RUNS = Number(process.env.RECYCLIQUE_LABEL_RUNS ?? 8)

const digits = (many: number) => fc.stringMatching(new RegExp(`^\\d{${many}}$`)).map((one) => one + checkDigit(one))
const ownLabel = fc.record({ batch: fc.integer({ min: 1, max: 9_999_999 }), nth: fc.nat(999) }).map(textOf)
const TEXT: Readonly<Record<Symbology, fc.Arbitrary<string>>> = {
  ...{ code128: ownLabel, qr: ownLabel, ean13: digits(12), ean8: digits(7), upca: digits(11) },
}
const READ_AS: Readonly<Record<Symbology, string>> = {
  ...{ code128: 'Code128', qr: 'QRCode', ean13: 'EAN13', ean8: 'EAN8', upca: 'UPCA' },
}

const words = fc.string({ unit: 'grapheme', maxLength: 60 })
const drawn = fc
  .record({
    symbology: fc.constantFrom(...SYMBOLOGIES),
    format: fc.constantFrom(...FORMATS),
    dpi: fc.constantFrom(...DPIS),
    ...{ heading: words, title: words, price: fc.constantFrom('Prix libre', '1\u202f234,50\u00a0€', '0,50 €') },
  })
  .chain((one) => TEXT[one.symbology].map((text) => ({ ...one, text })))
  // 203 dots an inch are too coarse for Code 128 on the smallest label: that is refused, and shown in another test.
  .filter(({ symbology, format, dpi }) => !(symbology === 'code128' && format.id === 'l7651' && dpi === 203))

type One = {
  symbology: Symbology
  format: LabelFormat
  dpi: Dpi
  heading: string
  title: string
  price: string
  text: string
}

const drawingOf = ({ symbology, format, dpi, heading, title, price, text }: One): Drawing => {
  const { readable } = aFace()
  const said = { heading: readable(heading), title: readable(title), price: readable(price), spoken: readable(text) }
  return layOut({ ...said, symbol: symbolOf(symbology, text) } satisfies Content, format.label, dpi)
}

const read = async (image: Picture, { symbology }: Pick<One, 'symbology'>) => {
  const found = await readBarcodes(image, {
    formats: [READ_AS[symbology] as 'QRCode'],
    maxNumberOfSymbols: 255,
  })
  // A UPC-A is an EAN-13 that begins with a nought, and the reader gives it as that.
  return found.filter(({ isValid }) => isValid).map(({ text }) => (symbology === 'upca' ? text.slice(-12) : text))
}

test('what is drawn as PNG is read back, whatever stands above it', async () => {
  await fc.assert(
    fc.asyncProperty(drawn, async (one) => {
      expect(await read(pngOf(drawingOf(one), aFace()), one)).toEqual([one.text])
    }),
    { numRuns: RUNS * 2 },
  )
}, 120_000)

test('what is drawn as PDF is read back as a printer of 203 and of 300 dots makes it', async () => {
  await fc.assert(
    fc.asyncProperty(drawn, fc.nat(), async (one, nth) => {
      const start = (nth % perPage(one.format)) + 1
      const pdf = await wholeOf(pdfOf([drawingOf(one)], { format: one.format, start, title: 'x' }))
      expect(await read(rendered(pdf, one.dpi), one)).toEqual([one.text])
    }),
    { numRuns: RUNS },
  )
}, 120_000)

test('what is drawn as SVG has its bars where they are read', async () => {
  await fc.assert(
    fc.asyncProperty(drawn, async (one) => {
      const svg = svgOf(drawingOf(one), aFace(), one.title)
      expect(await read(barsOf(svg), one)).toEqual([one.text])
    }),
    { numRuns: RUNS },
  )
}, 120_000)

test('all labels of a sheet are read back, from its first free label on', async () => {
  const format = FORMATS.find(({ id }) => id === 'l7160') as LabelFormat
  const texts = Array.from({ length: 20 }, (_, nth) => textOf({ batch: 12, nth }))
  const same = { symbology: 'code128', format, dpi: 300, heading: '', title: 'Vaisselle', price: '2,50 €' } as const
  const drawings = texts.map((text) => drawingOf({ ...same, text }))
  const pdf = await wholeOf(pdfOf(drawings, { format, start: 2, title: 'x' }))
  expect((await read(rendered(pdf, 300), same)).sort()).toEqual(texts)
})

test('no mark lies in a quiet zone or off the label, and every bar is whole dots wide', () => {
  fc.assert(
    fc.property(drawn, (one) => {
      const { marks, width, height } = drawingOf(one)
      const { quiet, columns } = symbolOf(one.symbology, one.text)
      const left = Math.min(...marks.map(({ x }) => x))
      const right = Math.max(...marks.map((mark) => mark.x + mark.width))
      const module = (right - left) / columns
      expect(Number.isInteger(module)).toBe(true)
      expect(left).toBeGreaterThanOrEqual(quiet.left * module)
      expect(width - right).toBeGreaterThanOrEqual(quiet.right * module)
      for (const { x, y, width: w, height: h } of marks) {
        expect([x, y, w, h].every(Number.isInteger)).toBe(true)
        expect(y >= 0 && y + h <= height).toBe(true)
      }
    }),
    { numRuns: RUNS * 5 },
  )
})

test('no text leaves its label', () => {
  fc.assert(
    fc.property(drawn, (one) => {
      const { texts, width, height } = drawingOf(one)
      for (const { text, size, x, y } of texts) {
        expect(x).toBeGreaterThanOrEqual(0)
        expect(x + [...text].length * size * 0.5).toBeLessThanOrEqual(width + 0.01)
        expect(y).toBeLessThanOrEqual(height)
        expect(y - size * 0.8).toBeGreaterThanOrEqual(-1)
      }
    }),
    { numRuns: RUNS * 5 },
  )
})

test('a symbol that has no room is refused with what it needs', () => {
  const format = FORMATS.find(({ id }) => id === 'l7651') as LabelFormat
  const one = { symbology: 'code128', format, dpi: 203, heading: '', title: '', price: '' } as const
  expect(() => drawingOf({ ...one, text: 'R00000010009AAAAAAAAAAAAAA' })).toThrow(
    /a besoin de \d+ mm, l’étiquette en a 38/,
  )
})

/** The first page, dot for dot as the printer has it. */
const rendered = (pdf: Buffer, dpi: Dpi): Uint8Array => {
  const document = Document.openDocument(pdf, 'application/pdf')
  const scale = Matrix.scale(dpi / 72, dpi / 72)
  return document.loadPage(0).toPixmap(scale, ColorSpace.DeviceGray, false, true).asPNG()
}

/** The marks of the SVG painted by its own numbers: `M x y h w v h h -w z`, in dots. */
const barsOf = (svg: string): Picture => {
  const [, width = 0, height = 0] = (/viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? []).map(Number)
  const [, path = ''] = /crispEdges" d="([^"]+)"/.exec(svg) ?? []
  const data = new Uint8ClampedArray(width * height * 4).fill(255)
  for (const [, ...numbers] of path.matchAll(/M(\d+) (\d+)h(\d+)v(\d+)h-\d+z/g)) {
    const [x = 0, y = 0, w = 0, h = 0] = numbers.map(Number)
    for (let row = y; row < y + h; row += 1) {
      const from = (row * width + x) * 4
      for (let at = from; at < from + w * 4; at += 4) data.fill(0, at, at + 3)
    }
  }
  return { data, width, height, colorSpace: 'srgb' } as Picture
}
