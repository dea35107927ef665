import { crc32, deflateSync } from 'node:zlib'
import { type Face, SIGN_WIDTH } from './face.ts'
import type { Drawing } from './lay-out.ts'

/** A drawing dot by dot as its printer has them: black or white, with its dots a metre, so that it is printed at its size. */
export const pngOf = ({ dpi, width, height, marks, texts }: Drawing, face: Face): Buffer => {
  // A row is a filter byte (none) and a bit a dot; 1 is white.
  const stride = Math.ceil(width / 8) + 1
  const rows = Buffer.alloc(stride * height, 0xff)
  for (let y = 0; y < height; y += 1) rows[y * stride] = 0
  const dark = (x: number, y: number) => {
    if (x < 0 || y < 0 || x >= width || y >= height) return
    const at = y * stride + 1 + (x >> 3)
    rows[at] = (rows[at] ?? 0) & ~(0x80 >> (x & 7))
  }
  for (const mark of marks)
    for (let y = mark.y; y < mark.y + mark.height; y += 1)
      for (let x = mark.x; x < mark.x + mark.width; x += 1) dark(x, y)
  for (const { text, size, x, y } of texts)
    for (const [nth, sign] of [...text].entries())
      if (sign !== ' ') stamp(face, { sign, size, x: Math.round(x + nth * size * SIGN_WIDTH), y: Math.round(y) }, dark)
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', Buffer.concat([uint32(width), uint32(height), Buffer.from([1, 0, 0, 0, 0])])),
    chunk(
      'pHYs',
      Buffer.concat([uint32(Math.round(dpi / 0.0254)), uint32(Math.round(dpi / 0.0254)), Buffer.from([1])]),
    ),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** Half dark is dark: a printer knows no grey. */
const DARK_FROM = 110

type Stamp = { readonly sign: string; readonly size: number; readonly x: number; readonly y: number }

const stamp = (face: Face, { sign, size, x, y }: Stamp, dark: (x: number, y: number) => void): void => {
  const { left, top, width, height, bytes } = face.bitmap(sign, size)
  for (let row = 0; row < height; row += 1)
    for (let column = 0; column < width; column += 1)
      if ((bytes[row * width + column] ?? 0) >= DARK_FROM) dark(x + left + column, y - top + row)
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

/** Length, name, data, and the CRC of the latter two (PNG 5.3). */
const chunk = (name: string, data: Buffer): Buffer => {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data])
  return Buffer.concat([uint32(data.length), body, uint32(crc32(body))])
}

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
