/**
 * Out of what a process wrote before it ended: the place in the module's own folder, and the error's words. Undefined where it names
 * no place of that folder. Reads what Node, Python and Go write.
 */
export const troubleIn = (lines: readonly string[], folder: string): string | undefined => {
  const places = lines.flatMap((line) => placeIn(line, folder) ?? [])
  // Python tells the innermost call last, the others first.
  const isPython = lines.some((line) => /^\s+File ".*", line \d+/.test(line))
  const place = isPython ? places.at(-1) : places[0]
  if (!place) return undefined
  const words = place.words || lines.findLast((line) => ERROR.test(line))?.trim() || ''
  return words === '' ? place.at : `${place.at}: ${words}`
}

type Place = { readonly at: string; readonly words: string }

/** An error's own line: `SyntaxError [CODE]: words`, `NameError: words`, `panic: words`. */
const ERROR = /^(?:\w*(?:Error|Exception|Interrupt|Exit)\b[^:]*|panic): /

/** `./module.go:12:3: words`, as a compiler that runs in the folder writes it. */
const COMPILED = /^(?:\.\/)?([\w./-]+\.\w+):(\d+)(?::\d+)?: (.*)$/

const placeIn = (line: string, folder: string): Place | undefined => {
  const compiled = COMPILED.exec(line)
  if (compiled && !line.startsWith('/')) return { at: `${compiled[1]}:${compiled[2]}`, words: compiled[3] ?? '' }
  const from = line.indexOf(`${folder}/`)
  if (from < 0) return undefined
  const rest = line.slice(from + folder.length + 1)
  const found = /^([^\s:"'()]+)(?::|", line )(\d+)/.exec(rest)
  if (!found || found[1]?.startsWith('node_modules/')) return undefined
  return { at: `${found[1]}:${found[2]}`, words: '' }
}
