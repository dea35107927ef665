import { SIGN_WIDTH } from './face.ts'

/** A line of text: how high its signs are, and what is left of it. */
export interface Fitted {
  readonly text: string
  readonly size: number
}

export const widthOf = ({ text, size }: Fitted): number => [...text].length * size * SIGN_WIDTH

/** As large as it may be and as small as it must be; what does not fit at the smallest size ends in three dots. */
export const fitLine = (text: string, room: { width: number; size: number; least: number }): Fitted => {
  const signs = [...text]
  const size = Math.min(room.size, room.width / (Math.max(1, signs.length) * SIGN_WIDTH))
  if (size >= room.least) return { text, size }
  const most = Math.max(1, Math.floor(room.width / (room.least * SIGN_WIDTH)))
  return {
    text: `${signs
      .slice(0, most - 1)
      .join('')
      .trimEnd()}…`,
    size: room.least,
  }
}

/** In so many lines, broken between words, as large as they may be. Where they do not fit at the smallest size the last one is cut. */
export const fitLines = (
  text: string,
  room: { width: number; size: number; least: number; lines: number },
): Fitted[] => {
  const words = text.split(' ')
  for (let size = room.size; size >= room.least; size -= 1) {
    const lines = broken(words, signsIn(room.width, size))
    if (lines.length <= room.lines && lines.every((line) => widthOf({ text: line, size }) <= room.width))
      return lines.map((line) => ({ text: line, size }))
  }
  const lines = broken(words, signsIn(room.width, room.least))
  const kept = [...lines.slice(0, room.lines - 1), lines.slice(room.lines - 1).join(' ')]
  return kept.map((line) => fitLine(line, { ...room, size: room.least }))
}

const signsIn = (width: number, size: number): number => Math.max(1, Math.floor(width / (size * SIGN_WIDTH)))

/** Words are added to a line while it has room. */
const broken = (words: readonly string[], most: number): string[] => {
  const lines: string[] = []
  for (const word of words) {
    const last = lines.at(-1)
    if (last !== undefined && `${last} ${word}`.length <= most) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
