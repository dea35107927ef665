import PDFDocument from 'pdfkit'
import { FONT_FILE } from './face.ts'
import { type LabelFormat, placeOf } from './formats.ts'
import type { Drawing } from './lay-out.ts'

/** Labels on the pages of a format. `start`: the first label of the first page that is still there, counted from 1. */
export interface Sheet {
  readonly format: LabelFormat
  readonly start: number
  readonly title: string
}

/** So long the process draws before it looks what else it is asked. */
const TURN_MS = 8

/** The sheet as a PDF. Drawn label by label; in between others get their answers. Throws the signal's reason once nobody waits any more. */
export const pdfOf = async (drawings: Iterable<Drawing>, sheet: Sheet, signal?: AbortSignal): Promise<Buffer> => {
  const { format, start, title } = sheet
  const size: [number, number] = [points(format.page.width), points(format.page.height)]
  const document = new PDFDocument({
    size,
    margin: 0,
    autoFirstPage: false,
    info: { Title: title, Producer: 'Recyclique' },
  })
  const done = collected(document)
  document.registerFont('label', FONT_FILE)
  let pages = 0
  let nth = 0
  let turn = performance.now()
  for (const drawing of drawings) {
    const place = placeOf(format, start, nth)
    for (; pages <= place.page; pages += 1) document.addPage()
    draw(document, drawing, place)
    nth += 1
    if (performance.now() - turn < TURN_MS) continue
    await new Promise((resolve) => setImmediate(resolve))
    signal?.throwIfAborted()
    turn = performance.now()
  }
  document.end()
  return done
}

const points = (mm: number): number => (mm * 72) / 25.4

/** Each label begins on a whole dot, and is drawn in dots: its bars lie on whole dots of the printer, and the file is small. */
const draw = (document: PDFKit.PDFDocument, { dpi, marks, texts }: Drawing, place: { x: number; y: number }): void => {
  const toPoints = 72 / dpi
  const onDot = (mm: number) => Math.round((mm * dpi) / 25.4) * toPoints
  document.save().translate(onDot(place.x), onDot(place.y)).scale(toPoints)
  for (const { x, y, width, height } of marks) document.rect(x, y, width, height)
  document.fill('black').font('label')
  for (const { text, size, x, y } of texts)
    document.fontSize(round(size)).text(text, round(x), round(y), { lineBreak: false, baseline: 'alphabetic' })
  document.restore()
}

const round = (dots: number): number => Math.round(dots * 10) / 10

const collected = (document: PDFKit.PDFDocument): Promise<Buffer> => {
  const parts: Buffer[] = []
  return new Promise((resolve, reject) => {
    document.on('data', (part: Buffer) => parts.push(part))
    document.once('end', () => resolve(Buffer.concat(parts)))
    document.once('error', reject)
  })
}
