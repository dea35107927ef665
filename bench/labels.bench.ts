import { fork } from 'node:child_process'
import { once } from 'node:events'
import { argv } from 'node:process'
import bwip from 'bwip-js'
import PDFDocument from 'pdfkit'
import { LEAN } from '../cli/up/child.ts'
import { openFace } from '../modules/barcodes/draw/face.ts'
import { findFormat, type LabelFormat, placeOf } from '../modules/barcodes/draw/formats.ts'
import { pdfOf, wholeOf } from '../modules/barcodes/draw/pdf.ts'
import { type KeptBatch, numbersOf } from '../modules/barcodes/labels/batch.ts'
import { drawLabels, type LabelSymbol } from '../modules/barcodes/labels/draw-labels.ts'
import { textOf } from '../modules/barcodes/labels/number.ts'

/**
 * A thousand labels of single things as one PDF: how long, how large, and the most memory that a process of its own, with the Node options
 * of `up`, ever held for it. Beside it the plain way with the same two libraries: a picture of each code, put on the page. `npm run bench:labels`.
 */
const COUNT = Number(process.env.COUNT ?? 1_000)
const batch: KeptBatch = {
  number: 1,
  kind: 'object',
  categoryId: 'livres',
  categoryName: 'Livres',
  count: COUNT,
  cents: 250,
}

const drawn = (format: LabelFormat, symbol: LabelSymbol): Promise<Buffer> =>
  wholeOf(
    pdfOf(drawLabels(openFace(), batch, { format, symbol, dpi: format.dpi, heading: 'Ressourcerie' }), {
      ...{ format, start: 1, title: 'bench' },
    }),
  )

const pictured = async (format: LabelFormat, symbol: LabelSymbol): Promise<Buffer> => {
  const points = (mm: number) => (mm * 72) / 25.4
  const size: [number, number] = [points(format.page.width), points(format.page.height)]
  const document = new PDFDocument({ size, margin: 0, autoFirstPage: false })
  const parts: Buffer[] = []
  document.on('data', (part: Buffer) => parts.push(part))
  let pages = 0
  for (const [nth, number] of numbersOf(batch).entries()) {
    const place = placeOf(format, 1, nth)
    for (; pages <= place.page; pages += 1) document.addPage()
    const [x, y] = [points(place.x), points(place.y)]
    const picture = await bwip.toBuffer({ bcid: symbol === 'qr' ? 'qrcode' : symbol, text: textOf(number), scale: 3 })
    document.image(picture, x + 10, y + 45, {
      fit: [points(format.label.width) - 20, points(format.label.height) - 65],
    })
    for (const [line, text] of ['Ressourcerie', 'Livres', '2,50 €', textOf(number)].entries())
      document.text(text, x + 10, y + 5 + 10 * line, { lineBreak: false })
  }
  document.end()
  await once(document, 'end')
  return Buffer.concat(parts)
}

const WAYS = { drawn, pictured }
const RUNS = [
  ['drawn', 'l7160', 'code128'],
  ['pictured', 'l7160', 'code128'],
  ['drawn', 'l7651', 'qr'],
  ['pictured', 'l7651', 'qr'],
  ['drawn', 'thermal', 'code128'],
] as const

const [, , way, formatId, symbol] = argv
if (way === undefined) {
  const rows = []
  for (const run of RUNS) {
    const child = fork(import.meta.filename, [...run], { execArgv: LEAN })
    const [row] = await once(child, 'message')
    rows.push(row)
  }
  console.table(rows)
} else {
  const format = findFormat(formatId ?? '') as LabelFormat
  const begin = performance.now()
  const pdf = await WAYS[way as keyof typeof WAYS](format, symbol as LabelSymbol)
  const seconds = Number(((performance.now() - begin) / 1_000).toFixed(2))
  const { user, system } = process.cpuUsage()
  const cpuSeconds = Number(((user + system) / 1_000_000).toFixed(2))
  const mostMb = Math.round(process.resourceUsage().maxRSS / 1_024)
  process.send?.({ way, format: formatId, symbol, seconds, cpuSeconds, kB: Math.round(pdf.length / 1_024), mostMb })
  process.disconnect?.()
}
