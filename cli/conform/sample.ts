import { Misfit, parse } from '@recyclique/contracts'

type Schema = Readonly<Record<string, unknown>>

/** `full`: with everything that may be left out. `plain`: without. `bare`: lists are empty as well where they may be. `nth` makes identifiers differ from one sample to the next. */
export interface Wish {
  readonly is: 'full' | 'plain' | 'bare'
  readonly nth: number
}

/** No sample could be made; the message names the field and says what its schema needs. */
export class NoSample extends Error {}

/**
 * A value that fits the schema, made of things that a reuse centre would say where the field's name tells. For the schemas of
 * the contracts and of manifests, which know no `$ref` and few words: a library for all of JSON Schema would be ten times the size of
 * this command, and make up words where a fact wants a category. Throws a `NoSample` for text with a pattern that none of
 * our words fits: `examples` in the schema help.
 */
export const sampleOf = (schema: object, wish: Wish, what = 'value'): unknown => {
  const value = make(schema as Schema, wish, '', '')
  try {
    return parse(schema as never, value, what)
  } catch (error) {
    if (error instanceof Misfit) throw new NoSample(`no sample fits: ${error.message}. Put 'examples' into its schema.`)
    throw error
  }
}

const make = (schema: Schema, wish: Wish, at: string, name: string): unknown => {
  if ('const' in schema) return schema.const
  const [example] = listIn(schema, 'examples')
  if (example !== undefined) return example
  const [first] = listIn(schema, 'enum')
  if (first !== undefined) return first
  const forms = listIn(schema, 'anyOf') as Schema[]
  if (forms.length > 0) return make(forms[wish.nth % forms.length] as Schema, wish, at, name)
  switch (schema.type) {
    case 'object':
      return object(schema, wish, at)
    case 'array':
      return array(schema, wish, at, name)
    case 'string':
      return text(schema, wish, at, name)
    case 'integer':
    case 'number':
      return number(schema, name)
    case 'boolean':
      return false
    case 'null':
      return null
    default:
      return 'anything'
  }
}

const object = (schema: Schema, wish: Wish, at: string): Record<string, unknown> => {
  const properties = (schema.properties ?? {}) as Record<string, Schema>
  const required = listIn(schema, 'required')
  return Object.fromEntries(
    Object.entries(properties)
      .filter(([name]) => wish.is === 'full' || required.includes(name))
      .map(([name, one]) => [name, make(one, wish, `${at}/${name}`, name)]),
  )
}

const array = (schema: Schema, wish: Wish, at: string, name: string): unknown[] => {
  const least = Number(schema.minItems ?? (wish.is === 'bare' ? 0 : 1))
  return Array.from({ length: least }, (_, nth) => make(schema.items as Schema, wish, `${at}/${nth}`, name))
}

/** Small amounts in round numbers, as they are in a shop. */
const AMOUNTS: readonly (readonly [RegExp, number])[] = [
  [/cents$/i, 250],
  [/grams$/i, 1_200],
]

const number = (schema: Schema, name: string): number => {
  const wanted = AMOUNTS.find(([pattern]) => pattern.test(name))?.[1] ?? 1
  const least = Number(schema.minimum ?? Number(schema.exclusiveMinimum ?? Number.NEGATIVE_INFINITY) + 1)
  const most = Number(schema.maximum ?? Number(schema.exclusiveMaximum ?? Number.POSITIVE_INFINITY) - 1)
  const step = Number(schema.multipleOf ?? 1)
  return Math.ceil(Math.min(Math.max(wanted, least), most) / step) * step
}

/** What a field by this name holds in a centre. */
const WORDS: Readonly<Record<string, string>> = {
  ...{ categoryId: 'livres', categoryName: 'Livres', registerId: 'caisse-1', postId: 'quai', methodId: 'cash' },
  ...{ site: 'essai', code: '3760001234567', label: 'Lampe de bureau', text: 'lampe de bureau', path: '/v1/sales' },
  ...{ debitAccount: '530', refundAccount: '530' },
}

/** One of each form that text has in the contracts, the likeliest first. */
const forms = (nth: number): string[] => [
  ...['un mot', 'livres', uuid(nth), '2026-11-21', '2026-11-21T09:30:00.000Z', 'essai', '/essai', '/', '1.0.0'],
  ...['sale.recorded', '0'.repeat(64), '1', 'A', 'a', ''],
]

const text = (schema: Schema, { nth }: Wish, at: string, name: string): string => {
  const pattern = typeof schema.pattern === 'string' ? new RegExp(schema.pattern) : undefined
  const least = Number(schema.minLength ?? 0)
  const most = Number(schema.maxLength ?? Number.POSITIVE_INFINITY)
  const known = WORDS[name] === undefined ? [] : [WORDS[name]]
  const found = [...known, ...forms(nth)].find(
    (one) => one.length >= least && one.length <= most && (pattern?.test(one) ?? true),
  )
  if (found === undefined) throw new NoSample(`no sample fits ${at || 'the whole'}: put 'examples' into its schema`)
  return found
}

const uuid = (nth: number): string => `01890000-0000-7000-8000-${String(nth).padStart(12, '0')}`

const listIn = (schema: Schema, word: string): unknown[] => (Array.isArray(schema[word]) ? schema[word] : [])
