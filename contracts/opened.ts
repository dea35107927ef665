import type { TSchema } from '@sinclair/typebox'

/** The same schema, whose objects take fields that it does not name. Its type stays: who reads it knows no more than before. */
export const opened = <S extends TSchema>(schema: S): S => {
  const { additionalProperties, properties, items, anyOf, ...rest } = schema
  return {
    ...rest,
    ...(additionalProperties === undefined || additionalProperties === false ? {} : { additionalProperties }),
    ...(properties ? { properties: openedEach(properties) } : {}),
    ...(items ? { items: Array.isArray(items) ? items.map(opened) : opened(items) } : {}),
    ...(anyOf ? { anyOf: anyOf.map(opened) } : {}),
  } as unknown as S
}

const openedEach = (properties: Readonly<Record<string, TSchema>>): Record<string, TSchema> =>
  Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, opened(one)]))
