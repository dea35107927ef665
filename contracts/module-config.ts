import { type Static, type TSchema, Type } from '@sinclair/typebox'
import { BadSchema, schemaFrom } from './json-schema.ts'
import { type Flaw, Misfit, parse } from './parse.ts'
import { Instant, Line } from './text.ts'

/** The name of one setting of a module. */
export const ConfigKey = Type.String({
  pattern: '^[A-Za-z][A-Za-z0-9_-]{0,63}$',
  description: '1 to 64 of A-Z, a-z, 0-9, _ and -, a letter first',
})

/**
 * What can be set in a module: a JSON Schema of type `object`, whose properties may say `secret: true`. What is set for a secret is always a
 * reference, which the module's own process looks up; its own schema holds for what is found there.
 */
export const ConfigDocument = Type.Unsafe<ConfigDocument>(
  Type.Object({
    type: Type.Literal('object'),
    properties: Type.Optional(Type.Record(ConfigKey, Type.Object({ secret: Type.Optional(Type.Boolean()) }))),
  }),
)
/** Its other words are those of JSON Schema; `configFields` takes it apart. */
export interface ConfigDocument {
  readonly type: 'object'
  readonly properties?: Readonly<Record<string, { readonly secret?: boolean; readonly [word: string]: unknown }>>
  readonly [word: string]: unknown
}

/** Where a secret stands: in a variable, or in a file (its last line feed is not a part of it). */
export const SecretReference = Type.String({
  pattern: '^(?:env:[A-Za-z_][A-Za-z0-9_]{0,127}|file:(?:/|[A-Za-z]:).{1,1000})$',
  description: 'a reference: env:NAME, or file:/path, of a variable or file of the module’s own process',
})

const Values = Type.Record(ConfigKey, Type.Unknown(), { maxProperties: 200, additionalProperties: false })

/**
 * What is set for a module by the kernel, and where each was said. It lies over the schema's defaults and over what the process was given.
 * `isWhole`: what the installation's list says stands in it as well, so that what the process was given at its start counts no more.
 */
export const KeptConfig = Type.Object({
  values: Values,
  origins: Type.Record(Type.String(), Type.String()),
  isWhole: Type.Optional(Type.Boolean()),
})
export type KeptConfig = Static<typeof KeptConfig>

/** One thing that is wrong with what is set (no key: with all of it): `kept` where the kernel keeps it, else the process was given it, or lacks it. */
export const ConfigFlaw = Type.Object({
  key: Type.String({ maxLength: 64 }),
  why: Type.String({ maxLength: 500 }),
  kept: Type.Boolean(),
})
export type ConfigFlaw = Static<typeof ConfigFlaw>

/** What is set in a process, for whoever looks at it from outside. A secret's value stands nowhere in it. */
export const ConfigShown = Type.Array(
  Type.Object({
    key: Type.String({ maxLength: 64 }),
    value: Type.Optional(Type.Unknown()),
    origin: Type.String({ maxLength: 200 }),
    secret: Type.Boolean(),
  }),
  { maxItems: 200 },
)
export type ConfigShown = Static<typeof ConfigShown>

/** The answer to `control.config`: it took it, or goes on with what was set before, and why. `config`: what is set in it now. */
export const ConfigTaken = Type.Object({
  ok: Type.Boolean(),
  words: Type.Optional(Type.String({ maxLength: 2000 })),
  config: Type.Optional(ConfigShown),
})
export type ConfigTaken = Static<typeof ConfigTaken>

const closed = { additionalProperties: false }

/** Everything that is set for a module, at once: what is not in it is not set by the kernel any more. */
export const PutConfig = Type.Object({ config: Values, origin: Type.Optional(Line(200, { minLength: 1 })) }, closed)
export type PutConfig = Static<typeof PutConfig>

/** Some settings; null takes one away. */
export const PatchConfig = PutConfig
export type PatchConfig = PutConfig

/** What is set for a module, as the API shows it. */
export const ConfigView = Type.Object({
  module: Type.String(),
  /** Its manifest is here, so that what is set could be looked at. */
  isKnown: Type.Boolean(),
  items: Type.Array(
    Type.Object({
      key: Type.String(),
      /** Of a secret the reference. Absent where it is not set, or not known here. */
      value: Type.Optional(Type.Unknown()),
      secret: Type.Boolean(),
      origin: Type.String(),
      /** Where the kernel keeps it: who said so, and when. */
      by: Type.Optional(Type.String()),
      at: Type.Optional(Instant),
      /** Set by hand over what the installation's list says: what that is, and where it stands. */
      over: Type.Optional(Type.Object({ value: Type.Optional(Type.Unknown()), origin: Type.String() })),
      description: Type.Optional(Type.String()),
    }),
  ),
  /** After a change: which processes took it. */
  taken: Type.Optional(
    Type.Array(
      Type.Object({
        instance: Type.String(),
        ok: Type.Boolean(),
        /** False where it does not listen for changes: it has them when it is started again. */
        isHeard: Type.Optional(Type.Boolean()),
        words: Type.Optional(Type.String()),
      }),
    ),
  ),
})
export type ConfigView = Static<typeof ConfigView>

/** One setting that a module knows. */
export interface ConfigField {
  readonly key: string
  readonly isSecret: boolean
  readonly isRequired: boolean
  /** Of the value; of a secret: of what its reference leads to. */
  readonly schema: TSchema
  readonly fallback: unknown
  readonly description: string | undefined
}

export interface ConfigFields {
  readonly fields: ReadonlyMap<string, ConfigField>
  /** Takes settings that it does not name. */
  readonly isOpen: boolean
}

/** The schema of a manifest's `config`, taken apart. Throws a `BadSchema` that names the place. */
export const configFields = (document: unknown): ConfigFields => {
  if (document === undefined) return { fields: new Map(), isOpen: false }
  const said = document as Said
  if (typeof document !== 'object' || document === null || said.type !== 'object')
    throw new BadSchema('', "must be of type 'object'")
  const { properties = {}, required = [], additionalProperties = false } = said
  // Everything but the secrets' own word is ordinary JSON Schema.
  schemaFrom({ ...said, properties: Object.fromEntries(Object.entries(properties).map(unmarked)) })
  const fields = Object.entries(properties).map(([key, one]) => fieldOf(key, one, required.includes(key)))
  return { fields: new Map(fields.map((field) => [field.key, field])), isOpen: additionalProperties !== false }
}

type Property = Readonly<Record<string, unknown>>
type Said = {
  readonly type?: unknown
  readonly properties?: Readonly<Record<string, Property>>
  readonly required?: readonly string[]
  readonly additionalProperties?: unknown
}

const unmarked = ([key, { secret: _, ...one }]: [string, Property]): [string, Property] => [key, one]

const fieldOf = (key: string, property: Property, isRequired: boolean): ConfigField => {
  // A description is for people who set it, not for what is wrong with a value.
  const { secret = false, description, ...json } = property
  const isSecret = secret === true
  if (isSecret && (json.type ?? 'string') !== 'string')
    throw new BadSchema(`/properties/${key}/type`, 'must be string: a secret is text')
  if (isSecret && 'default' in json)
    throw new BadSchema(`/properties/${key}/default`, 'must not be there: a secret has none')
  const words = typeof description === 'string' ? description : undefined
  return { key, isSecret, isRequired, schema: schemaFrom(json), fallback: json.default, description: words }
}

/** Everything that is wrong with values that somebody sets: `field` is a JSON pointer. No value is ever repeated. */
export const flawsOfConfig = ({ fields, isOpen }: ConfigFields, values: Readonly<Record<string, unknown>>): Flaw[] =>
  Object.entries(values).flatMap(([key, value]) => {
    const field = fields.get(key)
    if (!field) return isOpen ? [] : [{ field: `/${key}`, why: unknownKey(fields) }]
    if (!field.isSecret) return flawsOfValue(field.schema, value, key)
    return flawsOfValue(SecretReference, value, key).map(() => ({ field: `/${key}`, why: PLAIN_SECRET }))
  })

const PLAIN_SECRET =
  'is a secret: put it into a variable or a file of the module’s own process, and set env:NAME or file:/path here'

const unknownKey = (fields: ConfigFields['fields']) =>
  fields.size === 0
    ? 'is not known: this module has nothing to set'
    : `is not known: it must be one of ${[...fields.keys()].join(', ')}`

/** The flaws of one value by its schema. */
export const flawsOfValue = (schema: TSchema, value: unknown, key: string): Flaw[] => {
  try {
    parse(schema, value)
    return []
  } catch (error) {
    if (!(error instanceof Misfit)) throw error
    return error.flaws.map(({ field, why }) => ({ field: `/${key}${field}`, why }))
  }
}
