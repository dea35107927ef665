/**
 * Rows → CSV (RFC 4180) with a header line, comma and CRLF, UTF-8 with a byte order mark so that a spreadsheet reads the accents.
 * A text that a spreadsheet would run as a formula gets an apostrophe in front.
 */
export const toCsv = (columns: readonly string[], rows: readonly object[]): string =>
  `\uFEFF${[columns, ...rows.map((row) => columns.map((column) => (row as Record<string, unknown>)[column]))]
    .map((cells) => cells.map(cell).join(','))
    .join('\r\n')}\r\n`

const cell = (value: unknown): string => {
  if (typeof value === 'number') return String(value)
  const text = String(value ?? '')
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
