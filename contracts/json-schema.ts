import { type TObject, type TSchema, Type } from '@sinclair/typebox'

/** A schema that is no JSON Schema, or uses a word that is not taken here. `field` is a JSON pointer into it. */
export class BadSchema extends Error {
  readonly field: string
  constructor(field: string, why: string) {
    super(`${field || 'the schema'} ${why}`)
    this.name = 'BadSchema'
    this.field = field
  }
}

/**
 * A JSON Schema as it stands in a manifest → a schema that `parse` can check with. Taken is the part of the standard that data of
 * facts and questions need: `type` (one), `properties`, `required`, `additionalProperties`, `items`, `enum`, `const`, `anyOf`, lengths, bounds,
 * `pattern`, `default`, `title`, `description`. Anything else is refused: a word that is silently passed over would be a check that nobody makes.
 *
 * Throws a `BadSchema` that names the place.
 */
export const schemaFrom = (json: unknown, at = ''): TSchema => {
  if (json === true) return Type.Unknown()
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new BadSchema(at, 'must be a JSON Schema')
  const said = json as Readonly<Record<string, unknown>>
  const unknown = Object.keys(said).find((word) => !WORDS.has(word))
  if (unknown !== undefined) throw new BadSchema(`${at}/${unknown}`, 'is not taken here')
  if (Array.isArray(said.anyOf))
    return Type.Union(
      said.anyOf.map((one, nth) => schemaFrom(one, `${at}/anyOf/${nth}`)),
      plain(said),
    )
  if (Array.isArray(said.enum))
    return Type.Union(
      said.enum.map((one) => literal(one, `${at}/enum`)),
      plain(said),
    )
  if ('const' in said) return literal(said.const, `${at}/const`)
  return typed(said, at)
}

/** The same for something that must be an object: the arguments of a hook, the data of a fact. */
export const objectSchemaFrom = (json: unknown, at = ''): TObject => {
  const schema = schemaFrom(json, at)
  if (schema.type !== 'object') throw new BadSchema(at, "must be of type 'object'")
  return schema as TObject
}

type Said = Readonly<Record<string, unknown>>

const WORDS = new Set([
  ...['$schema', '$id', 'type', 'title', 'description', 'default', 'anyOf', 'enum', 'const', 'properties', 'required'],
  ...[
    'additionalProperties',
    'patternProperties',
    'items',
    'minItems',
    'maxItems',
    'uniqueItems',
    'minLength',
    'maxLength',
    'pattern',
  ],
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'examples'],
])

const typed = (said: Said, at: string): TSchema => {
  const options = plain(said)
  switch (said.type) {
    case undefined:
      return Type.Unknown(options)
    case 'object':
      return object(said, at)
    case 'array':
      return Type.Array(said.items === undefined ? Type.Unknown() : schemaFrom(said.items, `${at}/items`), options)
    case 'string':
      return Type.String(checkedPattern(options, at))
    case 'integer':
      return Type.Integer(options)
    case 'number':
      return Type.Number(options)
    case 'boolean':
      return Type.Boolean(options)
    case 'null':
      return Type.Null(options)
    default:
      throw new BadSchema(`${at}/type`, 'must be object, array, string, integer, number, boolean or null')
  }
}

const object = (said: Said, at: string): TSchema => {
  if (isRecord(said.patternProperties)) return map(said, said.patternProperties, at)
  const { properties = {}, required = [], additionalProperties } = said
  if (!isRecord(properties)) throw new BadSchema(`${at}/properties`, 'must be an object')
  if (!Array.isArray(required)) throw new BadSchema(`${at}/required`, 'must be a list')
  const missing = required.find((name) => !Object.hasOwn(properties, name as string))
  if (missing !== undefined)
    throw new BadSchema(`${at}/required`, `names '${missing}', which stands not under properties`)
  const rest =
    typeof additionalProperties === 'object'
      ? schemaFrom(additionalProperties, `${at}/additionalProperties`)
      : additionalProperties
  const fields = Object.entries(properties).map(([name, one]): [string, TSchema] => {
    const schema = schemaFrom(one, `${at}/properties/${name}`)
    return [name, required.includes(name) ? schema : Type.Optional(schema)]
  })
  return Type.Object(Object.fromEntries(fields), {
    ...plain(said),
    ...(rest === undefined ? {} : { additionalProperties: rest as boolean }),
  })
}

/** Any names of one form, all with values of one kind: what TypeBox writes for a `Record`. */
const map = (said: Said, patterns: Said, at: string): TSchema => {
  const [entry, ...others] = Object.entries(patterns)
  if (!entry || others.length > 0 || said.properties !== undefined)
    throw new BadSchema(`${at}/patternProperties`, 'must be one pattern, without properties beside it')
  const [pattern, one] = entry
  checkedPattern({ pattern }, `${at}/patternProperties`)
  const { additionalProperties } = said
  const rest = additionalProperties === undefined ? {} : { additionalProperties: additionalProperties as boolean }
  return Type.Record(Type.String({ pattern }), schemaFrom(one, `${at}/patternProperties/${pattern}`), {
    ...plain(said),
    ...rest,
  })
}

const literal = (value: unknown, at: string): TSchema => {
  if (value === null) return Type.Null()
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return Type.Literal(value)
  throw new BadSchema(at, 'must be text, a number, true, false or null')
}

/** Everything that is no structure: bounds, words for people. */
const plain = (said: Said): Record<string, unknown> =>
  Object.fromEntries(Object.entries(said).filter(([word]) => !STRUCTURE.has(word)))

const STRUCTURE = new Set([
  'type',
  'properties',
  'patternProperties',
  'required',
  'additionalProperties',
  'items',
  'anyOf',
  'enum',
  'const',
  '$schema',
  '$id',
])

const checkedPattern = (options: Record<string, unknown>, at: string) => {
  try {
    if (typeof options.pattern === 'string') new RegExp(options.pattern)
    return options
  } catch {
    throw new BadSchema(`${at}/pattern`, 'is no regular expression')
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
