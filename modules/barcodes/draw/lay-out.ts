import { type Fitted, fitLine, fitLines, widthOf } from './fit-text.ts'
import type { Dpi } from './formats.ts'
import type { BarSymbol, Mark } from './symbol.ts'

/** What stands on a label. */
export interface Content {
  readonly heading: string
  readonly title: string
  readonly price: string
  readonly symbol: BarSymbol
  /** The code for eyes and hands. */
  readonly spoken: string
}

/** A line of text from `x` on, standing on `y`. */
export interface Text extends Fitted {
  readonly x: number
  readonly y: number
}

/** A label in dots of its printer: marks in whole ones, so that no bar is wider than its neighbour of the same width. */
export interface Drawing {
  readonly dpi: Dpi
  readonly width: number
  readonly height: number
  readonly marks: readonly Mark[]
  readonly texts: readonly Text[]
}

/** The symbol has no room there, at a width of bars that a reader still sees. */
export class TooNarrow extends Error {
  constructor(wanted: number, found: number) {
    super(`le code a besoin de ${wanted.toFixed(0)} mm, l’étiquette en a ${found.toFixed(0)}`)
    this.name = 'TooNarrow'
  }
}

/** Bars thinner than this are lost on a thermal printer, and wider ones help no reader. */
const LEAST_MODULE_MM = 0.165
const MOST_MODULE_MM = 0.38
const PAD_MM = 1.5

type Size = { readonly width: number; readonly height: number }

/** Title and price above the bars; beside a square symbol. Throws a `TooNarrow`. */
export const layOut = (content: Content, size: Size, dpi: Dpi): Drawing => {
  const dots = (mm: number) => Math.floor((mm * dpi) / 25.4)
  const room = { dpi, width: dots(size.width), height: dots(size.height), pad: dots(PAD_MM), size }
  return content.symbol.rows === 1 ? below(content, room) : beside(content, room)
}

type Room = {
  readonly dpi: Dpi
  readonly width: number
  readonly height: number
  readonly pad: number
  readonly size: Size
}

/** Shares of the height inside of the padding. */
const BELOW = { heading: 0.11, title: 0.16, price: 0.24, spoken: 0.12, gap: 0.025 }

const below = ({ heading, title, price, symbol, spoken }: Content, room: Room): Drawing => {
  const { width, height, pad } = room
  const inner = { width: width - 2 * pad, height: height - 2 * pad }
  const high = (share: number) => Math.round(inner.height * share)
  const centred = (text: string, share: number, bottom: number): Text => {
    const fitted = fitLine(text, { width: inner.width, size: high(share), least: leastSize(room) })
    return { ...fitted, x: (width - widthOf(fitted)) / 2, y: bottom - fitted.size * DESCENT }
  }
  const headed = heading === '' ? 0 : high(BELOW.heading)
  const titled = pad + headed + high(BELOW.title)
  const priced = titled + high(BELOW.price)
  const foot = height - pad
  const top = priced + high(BELOW.gap)
  const bottom = foot - high(BELOW.spoken + BELOW.gap)
  const { quiet, columns } = symbol
  const module = moduleFor(quiet.left + columns + quiet.right, room)
  const left = Math.floor((width - (quiet.left + columns + quiet.right) * module) / 2) + quiet.left * module
  return {
    ...{ dpi: room.dpi, width, height },
    marks: symbol.marks.map((mark) => ({
      ...{ x: left + mark.x * module, y: top, width: mark.width * module, height: bottom - top },
    })),
    texts: [
      ...(heading === '' ? [] : [centred(heading, BELOW.heading, pad + headed)]),
      centred(title, BELOW.title, titled),
      centred(price, BELOW.price, priced),
      centred(spoken, BELOW.spoken, foot),
    ],
  }
}

const BESIDE = { heading: 0.1, title: 0.15, price: 0.26, spoken: 0.11 }

const beside = ({ heading, title, price, symbol, spoken }: Content, room: Room): Drawing => {
  const { width, height, pad } = room
  const { quiet, columns, rows } = symbol
  const whole = quiet.left + columns + quiet.right
  // The quiet zone is white already: the label's own edge may lie right beside it.
  const module = moduleFor(whole, room, Math.min(height, Math.floor(width * 0.52)), MOST_SQUARE_MM)
  const side = whole * module
  const top = Math.floor((height - (rows + 2 * quiet.above) * module) / 2) + quiet.above * module
  const left = quiet.left * module
  const inner = { left: side, width: width - side - pad, height: height - 2 * pad }
  const high = (share: number) => Math.round(inner.height * share)
  const least = leastSize(room)
  const titles = fitLines(title, { width: inner.width, size: high(BESIDE.title), least, lines: 3 })
  const lines = [
    ...(heading === '' ? [] : [fitLine(heading, { width: inner.width, size: high(BESIDE.heading), least })]),
    ...titles,
    fitLine(price, { width: inner.width, size: high(BESIDE.price), least }),
  ]
  const foot = fitLines(spoken, { width: inner.width, size: high(BESIDE.spoken), least, lines: 2 })
  return {
    ...{ dpi: room.dpi, width, height },
    marks: symbol.marks.map((mark) => ({
      ...{ x: left + mark.x * module, y: top + mark.y * module, width: mark.width * module, height: module },
    })),
    texts: [
      ...stacked(lines, inner.left, pad),
      ...stacked(foot, inner.left, height - pad - foot.reduce((all, { size }) => all + size * LEADING, 0)),
    ],
  }
}

/** A square symbol may be drawn larger than bars: cameras of telephones like it so. */
const MOST_SQUARE_MM = 0.8

/** How far a sign goes below its line, and from one line to the next, for a size of 1. */
const DESCENT = 0.2
const LEADING = 1.12

const stacked = (lines: readonly Fitted[], x: number, top: number): Text[] => {
  let y = top
  return lines.map((line) => {
    y += line.size * LEADING
    return { ...line, x, y: y - line.size * DESCENT }
  })
}

/** 1.7 mm: what can still be read at arm's length. */
const leastSize = ({ dpi }: Room): number => (1.7 * dpi) / 25.4

/** How many dots a module has: as many as fit, none of them divided. */
const moduleFor = (modules: number, { dpi, width, size }: Room, within = width, most = MOST_MODULE_MM): number => {
  const mm = 25.4 / dpi
  const dots = Math.min(Math.floor(within / modules), Math.floor(most / mm))
  const least = Math.ceil(LEAST_MODULE_MM / mm)
  if (dots < least) throw new TooNarrow(Math.ceil(least * modules * mm), size.width)
  return dots
}
