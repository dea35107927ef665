/** What Paheko takes, in bytes of UTF-8. A line's label has one byte less than an entry's. */
export const MOST_BYTES = { label: 200, reference: 200, notes: 2000, lineLabel: 199 } as const

/** A text on one line that Paheko takes: no control characters, no half of a surrogate pair, and cut between two characters where it is too long. */
export const fitted = (text: string, mostBytes: number): string =>
  cut(clean(text).replace(/\s+/g, ' ').trim(), mostBytes)

/** The same on several lines. */
export const fittedLines = (lines: readonly string[], mostBytes: number): string =>
  cut(lines.map((line) => clean(line).trim()).join('\n'), mostBytes)

const clean = (text: string): string => text.toWellFormed().replace(/\p{Cc}+/gu, ' ')

const cut = (text: string, mostBytes: number): string => {
  if (Buffer.byteLength(text) <= mostBytes) return text
  let kept = ''
  let bytes = Buffer.byteLength('…')
  for (const character of text) {
    bytes += Buffer.byteLength(character)
    if (bytes > mostBytes) break
    kept += character
  }
  return `${kept.trimEnd()}…`
}
