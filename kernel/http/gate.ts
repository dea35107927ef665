import { Misfit, parse } from '@recyclique/contracts'
import type { TSchema } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import type { FastifySchemaCompiler } from 'fastify'
import { Refusal } from '../errors.ts'

/**
 * Fastify's validation through the one gate. A body is taken as it is: `"5"` is no number, an unknown field is refused. What
 * stands in the address is text by nature and is turned into what the schema asks for first.
 */
export const gate: FastifySchemaCompiler<TSchema> =
  ({ schema, httpPart = 'body' }) =>
  (value) => {
    try {
      return { value: parse(schema, httpPart === 'body' ? value : fromText(schema, value), WHAT[httpPart] ?? httpPart) }
    } catch (error) {
      return { error: error instanceof Misfit ? refusalOf(error) : (error as Error) }
    }
  }

const WHAT: Record<string, string> = {
  body: 'The body',
  querystring: 'The query',
  params: 'The address',
  headers: 'A header',
}

const fromText = (schema: TSchema, value: unknown): unknown =>
  Value.Default(schema, Value.Convert(schema, { ...(value as object) }))

const refusalOf = ({ flaws }: Misfit): Refusal => {
  const words = flaws.map(({ field, why }) => `${field || 'the whole'} ${why}`).join('; ')
  const place = { errors: flaws, ...(flaws[0] ? { field: flaws[0].field } : {}) }
  return new Refusal('body-invalid', { what: 'What was sent', flaws: words }, place)
}
