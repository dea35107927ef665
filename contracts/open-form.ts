import type { TSchema } from '@sinclair/typebox'

/**
 * The same form for whoever reads: what a later version of the writer adds is passed over. Whoever writes keeps to the closed form, so that a
 * misspelt field is found.
 */
export const openForm = <S extends TSchema>(schema: S): S => {
  const known = opened.get(schema) as S | undefined
  if (known) return known
  const made = openCopy(schema) as S
  opened.set(schema, made)
  return made
}

/** Checks are compiled by schema: the same one is given each time. */
const opened = new WeakMap<TSchema, TSchema>()

const openCopy = (schema: TSchema): TSchema => {
  const { additionalProperties, ...rest } = schema
  const isClosed = additionalProperties === false
  return {
    ...rest,
    ...(additionalProperties === undefined || isClosed ? {} : { additionalProperties }),
    ...(schema.properties ? { properties: each(schema.properties) } : {}),
    ...(schema.patternProperties ? { patternProperties: each(schema.patternProperties) } : {}),
    ...(schema.anyOf ? { anyOf: (schema.anyOf as TSchema[]).map(openCopy) } : {}),
    ...(isSchema(schema.items) ? { items: openCopy(schema.items) } : {}),
  } as unknown as TSchema
}

const each = (schemas: Readonly<Record<string, TSchema>>) =>
  Object.fromEntries(Object.entries(schemas).map(([name, one]) => [name, openCopy(one)]))

const isSchema = (items: unknown): items is TSchema =>
  typeof items === 'object' && items !== null && !Array.isArray(items)
