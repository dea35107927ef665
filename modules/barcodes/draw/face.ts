import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import bwip, { type FontLib } from 'bwip-js'

/** Inconsolata (OFL 1.1), which comes with the library that draws the bars: each sign is as wide as every other. */
export const FONT_FILE = join(dirname(createRequire(import.meta.url).resolve('bwip-js')), '../fonts/Inconsolata.otf')

/** How wide a sign is, for a size of 1. */
export const SIGN_WIDTH = 0.5

export interface Glyph {
  /** As SVG writes it, y downwards, from the place on the line where the sign stands. */
  readonly path: string
}

export interface Bitmap {
  readonly left: number
  /** Of its upper row above the line. */
  readonly top: number
  readonly width: number
  readonly height: number
  /** 0 to 255, row by row. */
  readonly bytes: Uint8Array
}

export interface Face {
  /** The text with what can be drawn: blanks of all kinds are one, and what the font has not is a question mark. */
  readable(text: string): string
  path(sign: string, size: number, x: number, y: number): string
  bitmap(sign: string, size: number): Bitmap
}

/** The font as outlines and as dots, for drawings that bring no font along. */
export const openFace = (): Face => {
  const { loadFont, lookup, getpaths, getglyph } = bwip.FontLib
  loadFont('Inconsolata', readFileSync(FONT_FILE))
  const font = lookup('Inconsolata')
  // The library counts a size from the lowest to the highest sign, and we as a printer does.
  const scale = (SIGN_WIDTH * 1000) / getpaths(font, codeOf('M'), 1000, 1000).advance
  const has = (sign: string) => sign === ' ' || (getpaths(font, codeOf(sign), 10, 10)?.length ?? 0) > 0
  return {
    readable: (text) =>
      [...text.normalize('NFC').replaceAll(/\s/g, ' ')].map((sign) => (has(sign) ? sign : '?')).join(''),
    path(sign, size, x, y) {
      const parts = sign === ' ' ? [] : getpaths(font, codeOf(sign), size * scale, size * scale)
      return parts.map((part) => step(part, x, y)).join('')
    },
    bitmap(sign, size) {
      const px = size * scale
      return getglyph(font, codeOf(sign), px, px)
    },
  }
}

type Step = FontLib.PathData[number]

const step = (part: Step, x: number, y: number): string => {
  // The library's y goes up.
  const at = (px: number, py: number) => `${round(x + px)} ${round(y - py)}`
  if (part.type === 'C') return `C${at(part.cx1, part.cy1)} ${at(part.cx2, part.cy2)} ${at(part.x, part.y)}`
  if (part.type === 'Q') return `Q${at(part.cx, part.cy)} ${at(part.x, part.y)}`
  return `${part.type}${at(part.x, part.y)}`
}

const round = (value: number): number => Math.round(value * 100) / 100
const codeOf = (sign: string): number => sign.codePointAt(0) ?? 0
