/** One operation of the API, as its own description has it. Names in braces stand for one part of a path. */
export interface Route {
  readonly method: string
  readonly path: string
  readonly summary: string
}

type OpenApi = { paths?: Record<string, Record<string, { summary?: string; tags?: string[] }>> }

/** From the kernel's OpenAPI, in the order of paths. */
export const routesIn = ({ paths = {} }: OpenApi): Route[] =>
  Object.entries(paths)
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { summary, tags = [] }]) => ({
        ...{ method: method.toUpperCase(), path },
        summary: summary ?? tags.join(', '),
      })),
    )
    .sort((a, b) => compare(a.path, b.path) || compare(a.method, b.method))

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b))

/** A call that is being typed: `api.get('/v1/mod`. */
const TYPED = /\bapi\.(get|post|put|patch|delete)\(\s*(['"`])([^'"`]*)$/

/**
 * How the path that is being typed could go on, in the form that a line editor wants: whole paths, and what of the line they
 * stand for. Undefined where no path is being typed. What stands for a name is kept as it was typed, and ends a proposal where it is still to come.
 */
export const completePath = (routes: readonly Route[], line: string): [string[], string] | undefined => {
  const [, verb, , typed] = TYPED.exec(line) ?? []
  if (verb === undefined || typed === undefined) return undefined
  const fitting = routes
    .filter(({ method }) => method === verb.toUpperCase())
    .flatMap(({ path }) => onwards(path.split('/'), typed.split('/')) ?? [])
  return [[...new Set(fitting)], typed]
}

/** The path as far as it can be known: up to the next name that nobody has typed yet. */
const onwards = (path: readonly string[], typed: readonly string[]): string | undefined => {
  const last = typed.length - 1
  if (path.length < typed.length) return undefined
  const kept: string[] = []
  for (const [nth, part] of path.entries()) {
    const said = typed[nth]
    const isName = part.startsWith('{')
    if (nth < last ? !(isName ? said !== '' : said === part) : nth === last && !isName && !part.startsWith(said ?? ''))
      return undefined
    if (isName && (said === undefined || said === '')) return `${kept.join('/')}/`
    kept.push(isName ? (said as string) : part)
  }
  return kept.join('/')
}

/** Lines of a list, those with the word in them. */
export const listed = (routes: readonly Route[], word = ''): string[] =>
  routes
    .filter(({ method, path }) => `${method} ${path}`.toLowerCase().includes(word.toLowerCase()))
    .map(({ method, path, summary }) => `${method.padEnd(7)}${path}${summary === '' ? '' : `   (${summary})`}`)
