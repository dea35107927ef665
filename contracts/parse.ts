import type { Static, TSchema } from '@sinclair/typebox'
import { type TypeCheck, TypeCompiler, type ValueError } from '@sinclair/typebox/compiler'

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

const MOST_FLAWS = 10
/** No field of ours comes near this; a name that a stranger made up must not be answered at its full length. */
const LONGEST_FIELD = 100

const flawsOf = (check: TypeCheck<TSchema>, value: unknown): Flaw[] => {
  const flaws: Flaw[] = []
  for (const error of toldApart(check.Errors(value))) {
    if (flaws.length === MOST_FLAWS) break
    const field = error.path.length > LONGEST_FIELD ? `${error.path.slice(0, LONGEST_FIELD)}…` : error.path
    if (flaws.some((flaw) => flaw.field === field)) continue
    flaws.push({ field, why: wordsFor(error.schema, error.message, error.value) })
  }
  return flaws
}

/** An object where a union has one form for objects: the flaws of that form, since "one of the forms" names no field. */
function* toldApart(errors: Iterable<ValueError>): Iterable<ValueError> {
  for (const error of errors) {
    const forms: TSchema[] = typeof error.value === 'object' && error.value !== null ? (error.schema.anyOf ?? []) : []
    const isObject = forms.map(({ type }) => type === 'object')
    const inner = isObject.filter(Boolean).length === 1 ? error.errors[isObject.indexOf(true)] : undefined
    if (inner) yield* toldApart(inner)
    else yield error
  }
}

const wordsFor = (schema: TSchema, message: string, value: unknown): string => {
  if (value !== undefined && typeof schema.description === 'string') return `must be ${schema.description}`
  if (/^Unexpected property/.test(message)) return 'is not known here: take it out or check its spelling'
  if (/^Expected required property/.test(message)) return 'is missing'
  return message
    .replace(/^Expected array length to be less or equal to (\d+)$/, 'must have $1 entries at most')
    .replace(/^Expected array length to be greater or equal to (\d+)$/, 'must have $1 entries at least')
    .replace('Expected array elements to be unique', 'must not name anything twice')
    .replace(/^Expected (object|array|integer)$/, 'must be an $1')
    .replace(/^Expected (string|boolean|number)$/, 'must be a $1')
    .replace('Expected union value', 'must be one of the forms in the API’s schema')
    .replace(/^Expected/, 'must be')
}
