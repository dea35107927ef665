/** One line of the start-up tree. `ms` is how long it took; `note` where to find it, or why it is not there yet. */
export type Row = { label: string; ms?: number | undefined; note?: string | undefined; below?: readonly Row[] }

const MS_WIDTH = 9

/** The start as a tree: what was started, how long it took, and where it is. */
export const renderTree = (root: Row): string => {
  const lines = linesOf(root, '', '')
  const width = Math.max(...lines.map(({ text }) => text.length)) + 1
  return lines
    .map(({ text, row }) => {
      const took = row.ms === undefined ? '' : `${Math.round(row.ms)} ms`
      return `${text.padEnd(width)}${took.padStart(MS_WIDTH)}  ${row.note ?? ''}`.trimEnd()
    })
    .join('\n')
}

type Line = { text: string; row: Row }

const linesOf = (row: Row, branch: string, indent: string): Line[] => [
  { text: `${branch}${row.label}`, row },
  ...(row.below ?? []).flatMap((child, at, all) =>
    at === all.length - 1
      ? linesOf(child, `${indent}└─ `, `${indent}   `)
      : linesOf(child, `${indent}├─ `, `${indent}│  `),
  ),
]
