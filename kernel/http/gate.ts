import { Misfit, parse } from '@recyclique/contracts'
import type { TObject, TSchema } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import type { FastifySchemaCompiler } from 'fastify'
import { Refusal } from '../errors.ts'

/**
 * Fastify's validation through the one gate. A body is taken as it is: `"5"` is no number, an unknown field is refused. What
 * stands in the address is text by nature: there plain digits become a whole number where the schema asks for one.
 */
export const gate: FastifySchemaCompiler<TSchema> =
  ({ schema, httpPart = 'body' }) =>
  (value) => {
    const what = WHAT[httpPart] ?? httpPart
    try {
      return { value: parse(schema, httpPart === 'body' ? value : fromText(schema, value), what) }
    } catch (error) {
      return { error: error instanceof Misfit ? refusalOf(error, what) : (error as Error) }
    }
  }

const WHAT: Record<string, string> = {
  body: 'The body',
  querystring: 'The query',
  params: 'The address',
  headers: 'A header',
}

const fromText = (schema: TSchema, value: unknown): unknown => {
  const { properties = {} } = schema as Partial<TObject>
  const given = Object.entries(value as object).map(([name, text]) => [name, wholeOf(properties[name], text)])
  return Value.Default(schema, Object.fromEntries(given))
}

/** The library's own conversion would take `1.5`, `1e2` and `true` for 1. */
const wholeOf = (schema: TSchema | undefined, text: unknown): unknown =>
  schema?.type === 'integer' && typeof text === 'string' && /^-?\d{1,15}$/.test(text) ? Number(text) : text

const refusalOf = ({ flaws }: Misfit, what: string): Refusal => {
  const words = flaws.map(({ field, why }) => `${field || 'the whole'} ${why}`).join('; ')
  const place = { errors: flaws, ...(flaws[0] ? { field: flaws[0].field } : {}) }
  return new Refusal('body-invalid', { what, flaws: words }, place)
}
