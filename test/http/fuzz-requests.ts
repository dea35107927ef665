import * as fc from 'fast-check'

/** As much of a JSON schema as the API's own description uses. */
export interface Schema {
  readonly type?: string
  readonly anyOf?: readonly Schema[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
}

/** One operation of /openapi.json. */
export interface Route {
  readonly method: string
  readonly path: string
  readonly parameters: readonly { in: string; name: string; required?: boolean; schema: Schema }[]
  readonly body: Schema | undefined
}

/** Stands where the id of a thing belongs that earlier requests made; which one is settled when the request is sent. */
export class Picked {
  readonly kind: string
  readonly nth: number
  constructor(kind: string, nth: number) {
    this.kind = kind
    this.nth = nth
  }
}

/** A number that JSON.stringify does not write: it is put into the text afterwards. */
export const HUGE = '\u0001huge'

/** A request before its ids are settled. `isMended`: what must add up is made to add up. */
export interface Draft {
  readonly route: Route
  readonly kind: 'valid' | 'near' | 'garbage'
  readonly isMended: boolean
  readonly params: Readonly<Record<string, unknown>>
  readonly query: Readonly<Record<string, unknown>>
  readonly body?: unknown
  readonly raw?: string
  readonly headers: Readonly<Record<string, string>>
  /** Repeats an earlier key with the nth request. */
  readonly oldKey?: number
}

export const routesOf = (openapi: { paths: Record<string, Record<string, unknown>> }): Route[] =>
  Object.entries(openapi.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const { parameters = [], requestBody } = operation as {
        parameters?: Route['parameters']
        requestBody?: { content: Record<string, { schema: Schema }> }
      }
      const body = requestBody?.content['application/json']?.schema
      return { method: method.toUpperCase(), path, parameters, body }
    }),
  )

/** What an id of this name, on this route, is the id of. */
const POOLS: Record<string, string> = {
  sessionId: 'session',
  toSessionId: 'session',
  heldTicketId: 'held',
  registerId: 'register',
  postId: 'post',
  categoryId: 'category',
  parentId: 'category',
  into: 'category',
  methodId: 'method',
  containerId: 'container',
  partnerId: 'partner',
  volunteerId: 'user',
}
const PLACES: Record<string, string> = {
  sites: 'site',
  registers: 'register',
  posts: 'post',
  containers: 'container',
  partners: 'partner',
  'payment-methods': 'method',
  categories: 'category',
  users: 'user',
  'cash-sessions': 'session',
  sales: 'ticket',
  'held-tickets': 'held',
  deposits: 'deposit',
  exits: 'exit',
}

type Fields = Record<string, fc.Arbitrary<unknown>>

const picked = (kind: string) => fc.nat(9999).map((nth) => new Picked(kind, nth))

/** Values of the form that a schema asks for; ids mostly of things that exist. */
const valuesOf = (schema: Schema, name: string): fc.Arbitrary<unknown> => {
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((one) => valuesOf(one, name)))
  if (schema.enum) return fc.constantFrom(...schema.enum)
  if ('const' in schema) return fc.constant(schema.const)
  const pool = POOLS[name]
  switch (schema.type) {
    case 'integer':
      return wholeOf(schema)
    case 'boolean':
      return name === 'archived' ? fc.nat(9).map((n) => n === 0) : fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'array':
      return fc.array(valuesOf(schema.items ?? {}, name), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? 4, 4),
      })
    case 'object': {
      const { properties = {}, required = [] } = schema
      const fields = Object.entries(properties).map(([key, one]) => [key, valuesOf(one, key)])
      return fc.record(Object.fromEntries(fields) as Fields, { requiredKeys: [...required] })
    }
    default:
      return pool
        ? fc.oneof({ weight: 40, arbitrary: picked(pool) }, { weight: 1, arbitrary: textOf(schema, name) })
        : textOf(schema, name)
  }
}

const wholeOf = ({ minimum = 0, maximum = 2_000_000 }: Schema) =>
  fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: minimum, max: Math.min(maximum, minimum + 500) }) },
    { weight: 2, arbitrary: fc.integer({ min: minimum, max: maximum }) },
    { weight: 1, arbitrary: fc.constantFrom(minimum, maximum) },
  )

const DAYS = ['2020-01-01', '2020-01-01', '2024-02-29', '2025-03-10', '2026-02-30', '2099-12-31']
const ZONES = ['Europe/Paris', 'Indian/Reunion', 'Pacific/Kiritimati', 'Pacific/Niue', 'Foo/Bar', 'UTC']

const textOf = ({ pattern, minLength = 0, maxLength = 80 }: Schema, name: string): fc.Arbitrary<string> => {
  if (name === 'timeZone') return fc.constantFrom(...ZONES)
  if (name === 'businessDate' || name === 'from' || name === 'to')
    return fc.oneof(
      fc.constantFrom(...DAYS),
      fc.nat(3).map((ago) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10)),
    )
  if (pattern === undefined || pattern.includes('\\ud800')) {
    const fits = new RegExp(pattern ?? '')
    return fc
      .string({ unit: 'grapheme', minLength, maxLength })
      .filter((text) => text.length <= maxLength && fits.test(text))
  }
  return matching(pattern).map((text) => text.slice(0, maxLength))
}

/** Taking a pattern apart is slow, and the routes have a handful of them between them. */
const known = new Map<string, fc.Arbitrary<string>>()
const matching = (pattern: string): fc.Arbitrary<string> => {
  const found = known.get(pattern) ?? fc.stringMatching(new RegExp(pattern))
  known.set(pattern, found)
  return found
}

/** What no schema asks for. */
const oddity = fc.oneof(
  fc.constantFrom<unknown>(null, true, -1, 0, 0.5, 1e21, 2 ** 53, HUGE, '', '300', [], {}, [[]], '\u0000', '\ud800'),
  fc.constantFrom('x'.repeat(3000), "' OR 1=1 --", '../../etc/passwd', '__proto__', '=1+1', '2026-13-45'),
  fc.double(),
  fc.string({ unit: 'binary' }),
  fc.jsonValue({ maxDepth: 3 }),
)

/** A value with one thing wrong, anywhere in it. */
const mutated = (value: unknown): fc.Arbitrary<unknown> =>
  fc.tuple(fc.nat(9999), fc.nat(9999), fc.nat(5), oddity).map(([where, which, how, odd]) => {
    const copy = clone(value)
    const inside = containers(copy)
    const place = inside[where % Math.max(1, inside.length)]
    if (!place) return odd
    const keys = Object.keys(place)
    const key = keys[which % Math.max(1, keys.length)]
    if (how === 0 || key === undefined)
      add(place, ['colour', '__proto__', 'constructor', 'id', '0'][which % 5] ?? '', odd)
    else if (how === 1) delete place[key]
    else place[key] = odd
    return copy
  })

/** Not by assignment: that of `__proto__` would make no field. */
const add = (place: Record<string, unknown>, key: string, value: unknown) => {
  if (Array.isArray(place)) place.push(value)
  else Object.defineProperty(place, key, { value, enumerable: true, configurable: true, writable: true })
}

const clone = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(clone)
  if (value === null || typeof value !== 'object' || value instanceof Picked) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, clone(one)]))
}

const containers = (value: unknown): Record<string, unknown>[] => {
  if (value === null || typeof value !== 'object' || value instanceof Picked) return []
  return [value as Record<string, unknown>, ...Object.values(value).flatMap(containers)]
}

const odd = (text: fc.Arbitrary<unknown>, oneIn: number) =>
  fc.oneof({ weight: oneIn - 1, arbitrary: text }, { weight: 1, arbitrary: oddity })

/** The path's parameters and the query; `oneIn` of them is odd. */
const partOf = ({ path, parameters }: Route, where: string, oneIn: number) => {
  const own = parameters.filter((one) => one.in === where)
  const fields = own.map(({ name, schema }) => {
    const pool = where === 'path' ? poolOf(path, name) : undefined
    const usual = pool
      ? fc.oneof({ weight: 12, arbitrary: picked(pool) }, { weight: 1, arbitrary: valuesOf(schema, name) })
      : name === 'after'
        ? fc.oneof(
            { weight: 5, arbitrary: picked(`cursor of ${path}`) },
            { weight: 1, arbitrary: valuesOf(schema, name) },
          )
        : valuesOf(schema, name)
    return [name, odd(usual, oneIn)]
  })
  const requiredKeys = own.filter(({ required }) => required).map(({ name }) => name)
  return fc.record(Object.fromEntries(fields) as Fields, { requiredKeys })
}

const poolOf = (path: string, name: string): string | undefined => {
  const place = PLACES[path.split('/')[2] ?? '']
  return name === 'lineId' ? `line of ${place}` : name === 'id' ? place : undefined
}

const oddHeaders = fc.oneof(
  { weight: 30, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Record<string, string>>(
      { 'recyclique-actor': '' },
      { 'recyclique-actor': 'personne' },
      { 'idempotency-key': '' },
      { 'idempotency-key': '????????' },
      { 'content-type': 'text/plain' },
      { 'content-type': 'application/json; charset=utf-16' },
      { 'last-event-id': '-1' },
      { accept: 'text/nothing' },
    ),
  },
)

const draftOf = (route: Route): fc.Arbitrary<Draft> => {
  const usual = route.body ? valuesOf(route.body, '') : fc.constant(undefined)
  const base = { route: fc.constant(route), headers: oddHeaders, isMended: fc.nat(4).map((n) => n > 0) }
  const oldKey = fc.nat(9999).map((nth) => (nth % 25 === 0 ? nth : undefined)) as fc.Arbitrary<number>
  const well = { ...base, params: partOf(route, 'path', 1000), query: partOf(route, 'query', 1000), oldKey }
  return fc.oneof(
    { weight: 6, arbitrary: fc.record<Draft>({ ...well, kind: fc.constant('valid'), body: usual }) },
    {
      weight: 3,
      arbitrary: fc.record<Draft>({
        ...well,
        kind: fc.constant('near'),
        query: partOf(route, 'query', 3),
        body: usual.chain((value) => (value === undefined ? fc.constant(undefined) : mutated(value))),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record<Draft>({
        ...base,
        kind: fc.constant('garbage'),
        params: partOf(route, 'path', 2),
        query: partOf(route, 'query', 2),
        raw: fc.oneof(
          fc.json({ maxDepth: 5 }),
          fc.string({ unit: 'binary' }),
          fc.nat(20_000).map((depth) => '['.repeat(depth) + ']'.repeat(depth)),
        ),
      }),
    },
  )
}

/** Ordinary days have far more tickets and lines than changes of a site; a check of the whole ledger is rare. */
const weightOf = ({ method, path }: Route): number => {
  if (path.endsWith('/verify')) return 1
  if (path.endsWith('/close') || path.endsWith('/merge')) return 3
  if (path === '/v1/cash-sessions' && method === 'POST') return 30
  if (path === '/v1/sales' && method === 'POST') return 40
  if (/sales|deposits|exits|cash-sessions/.test(path)) return 15
  return method === 'PUT' ? 6 : 5
}

export const draftsFor = (routes: readonly Route[]): fc.Arbitrary<Draft> =>
  fc.oneof(...routes.map((route) => ({ weight: weightOf(route), arbitrary: draftOf(route) })))
