export type Params = Readonly<Record<string, string>>

/** Gives a path's parameters when it fits the pattern, decoded, else undefined. */
export type PathMatcher = (path: string) => Params | undefined

/** `:name` in a pattern is one segment; `*` at its end is the rest, named `rest`. */
export const matchPath = (pattern: string): PathMatcher => {
  const names: string[] = []
  const source = pattern.replace(/\.|:[A-Za-z0-9_]+|\*$/g, (part) => {
    if (part === '.') return '\\.'
    names.push(part === '*' ? 'rest' : part.slice(1))
    return part === '*' ? '(.*)' : '([^/]+)'
  })
  const expression = new RegExp(`^${source}$`)
  return (path) => {
    const found = expression.exec(path)
    return found ? decoded(names, found.slice(1)) : undefined
  }
}

/** A path that is badly encoded fits nothing. */
const decoded = (names: string[], parts: string[]): Params | undefined => {
  try {
    return Object.fromEntries(names.map((name, at) => [name, decodeURIComponent(parts[at] ?? '')]))
  } catch {
    return undefined
  }
}
