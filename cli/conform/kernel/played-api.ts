import { type ApiAnswer, type ApiCall, RECORDS } from '@recyclique/contracts'
import { sampleOf } from '../sample.ts'

/**
 * A small API of a kernel: of each kind of master data there is one thing, made from its schema; everything else is refused as a thing that is not
 * there is. A refusal is an answer too.
 */
export const answerApi = ({ method, path }: ApiCall): ApiAnswer => {
  const [, plural, id, ...rest] = path.split('?')[0]?.slice(1).split('/') ?? []
  const kind = KINDS.get(plural ?? '')
  if (!kind || rest.length > 0 || (method !== 'GET' && method !== 'PUT')) return notFound(method, path)
  const one = sampleOf(kind, { is: 'full', nth: 1 }, plural) as { id: string }
  if (id === undefined) return method === 'GET' ? { status: 200, body: { items: [one] } } : notFound(method, path)
  return { status: 200, body: { ...one, id } }
}

const pluralOf = (name: string): string => (name.endsWith('y') ? `${name.slice(0, -1)}ies` : `${name}s`)

const KINDS: ReadonlyMap<string, object> = new Map(
  Object.entries(RECORDS).map(([name, schema]) => [pluralOf(name), schema]),
)

const notFound = (method: string, path: string): ApiAnswer => ({
  status: 404,
  body: {
    type: 'about:blank',
    title: 'Not found',
    status: 404,
    code: 'not-found',
    detail: `There is nothing at ${method} ${path}.`,
  },
})
