import { type Document, isNode, LineCounter, parseDocument } from 'yaml'

/** Finds the line of a field (a JSON pointer) in YAML or JSON; of what stands around it where the field itself is missing. */
export const lineFinder = (text: string): ((field: string) => number) => {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  return (field) => lineOf(document, lines, field)
}

export const lineOf = (document: Document, lines: LineCounter, field: string): number => {
  for (let path = keysOf(field); path.length > 0; path = path.slice(0, -1)) {
    const node = document.getIn(path, true)
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line
  }
  return 1
}

/** A JSON pointer's parts; a number stands for a place in a list. */
const keysOf = (pointer: string): (string | number)[] =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part))
