import { once } from 'node:events'
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

/** The sheet as a PDF, piece by piece as it is drawn. In between others get their answers; whoever takes no further piece has no more drawn. */
export async function* pdfOf(drawings: Iterable<Drawing>, sheet: Sheet): AsyncGenerator<Buffer, void, undefined> {
  const { format, start, title } = sheet
  const size: [number, number] = [points(format.page.width), points(format.page.height)]
  const document = new PDFDocument({
    size,
    margin: 0,
    autoFirstPage: false,
    info: { Title: title, Producer: 'Recyclique' },
  })
  const ready: Buffer[] = []
  document.on('data', (part: Buffer) => ready.push(part))
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
    yield* ready.splice(0)
    turn = performance.now()
  }
  const ended = once(document, 'end')
  document.end()
  await ended
  yield* ready.splice(0)
}

/** The whole of it, for who hands on nothing in pieces. Throws the signal's reason once nobody waits any more. */
export const wholeOf = async (pieces: AsyncIterable<Buffer>, signal?: AbortSignal): Promise<Buffer> => {
  const all: Buffer[] = []
  for await (const piece of pieces) {
    signal?.throwIfAborted()
    all.push(piece)
  }
  return Buffer.concat(all)
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
