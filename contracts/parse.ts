import type { Static, TSchema } from '@sinclair/typebox'
import { type TypeCheck, TypeCompiler } from '@sinclair/typebox/compiler'

/** One thing that is wrong with a value: where (JSON pointer, `''` is the whole) and why. */
export interface Flaw {
  readonly field: string
  readonly why: string
}

/** The value does not fit its schema. `flaws` holds at most ten; the first stands in the message. */
export class Misfit extends Error {
  readonly flaws: readonly Flaw[]
  constructor(what: string, flaws: readonly Flaw[]) {
    super(`${what}: ${flaws.map((flaw) => `${flaw.field || 'the whole'} ${flaw.why}`).join('; ')}`)
    this.name = 'Misfit'
    this.flaws = flaws
  }
}

/** The one gate from `unknown`. Gives the same value with its type, or throws a `Misfit` that names each wrong field. */
export const parse = <S extends TSchema>(schema: S, value: unknown, what = 'value'): Static<S> => {
  const check = compiled(schema)
  if (check.Check(value)) return value as Static<S>
  throw new Misfit(what, flawsOf(check, value))
}

/** JSON text → typed value; broken JSON is a `Misfit` on the whole. */
export const parseJson = <S extends TSchema>(schema: S, text: string, what = 'value'): Static<S> => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new Misfit(what, [{ field: '', why: `is not JSON (${(cause as Error).message})` }])
  }
  return parse(schema, value, what)
}

/** Compiling costs a millisecond, so each schema is compiled once; the map lets go of schemas that nobody holds. */
const checks = new WeakMap<TSchema, TypeCheck<TSchema>>()

const compiled = (schema: TSchema): TypeCheck<TSchema> => {
  let check = checks.get(schema)
  if (!check) {
    check = TypeCompiler.Compile(schema)
    checks.set(schema, check)
  }
  return check
}

const flawsOf = (check: TypeCheck<TSchema>, value: unknown): Flaw[] => {
  const flaws: Flaw[] = []
  for (const error of check.Errors(value)) {
    if (flaws.length === 10) break
    if (flaws.some((flaw) => flaw.field === error.path)) continue
    flaws.push({ field: error.path, why: wordsFor(error.schema, error.message, error.value) })
  }
  return flaws
}

const wordsFor = (schema: TSchema, message: string, value: unknown): string => {
  if (value !== undefined && typeof schema.description === 'string') return `must be ${schema.description}`
  if (/^Unexpected property/.test(message)) return 'is not known here: take it out or check its spelling'
  if (/^Expected required property/.test(message)) return 'is missing'
  return message
    .replace(/^Expected/, 'must be')
    .replace(/^must be union value$/, 'must be one of the forms in the API’s schema')
}
