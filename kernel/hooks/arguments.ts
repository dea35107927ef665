import { Failure, Misfit, parse } from '@recyclique/contracts'
import { HookError } from './hook-error.ts'
import type { Note } from './notice.ts'
import type { Plan } from './plan.ts'
import { failed, type Run } from './run.ts'
import type { Args, Step } from './step.ts'
import type { Terms } from './terms.ts'

/**
 * The arguments of a call, before anyone is asked: by name only, defaults filled in, a warning for those that are missing. A missing
 * one is the trouble of the steps that want it, and of nobody else. Throws a `HookError` of kind `invalid` for what does not fit.
 */
export const readArgs = ({ terms, isEmpty }: Plan, given: unknown, note: Note): Args => {
  if (!isByName(given)) throw refused(terms, 'arguments-by-name', 'arguments are given by name, in one object')
  const args = terms.hasDefaults ? { ...terms.defaults, ...given } : given
  const missing = missingIn(terms, args)
  if (missing.length > 0) note(warning(terms, missing))
  if (!isEmpty && terms.isDeclared) checkValues(terms, args, missing.length > 0)
  return args
}

const isByName = (given: unknown): given is Args => typeof given === 'object' && given !== null && !Array.isArray(given)

const NONE: readonly string[] = []

const missingIn = ({ needed, argNames }: Terms, args: Args): readonly string[] => {
  for (const name of needed)
    if (args[name] === undefined) return argNames.filter((one) => needed.has(one) && args[one] === undefined)
  return NONE
}

const warning = ({ spec }: Terms, missing: readonly string[]) => ({
  ...{ is: 'warned' as const, hook: spec.name, code: 'arguments-missing' },
  words: `called without ${missing.map((name) => `'${name}'`).join(', ')}`,
})

/** A pipeline folds the whole, so there nothing may be missing. */
const checkValues = (terms: Terms, args: Args, isPartial: boolean) => {
  const { args: schema, name, mode } = terms.spec
  try {
    if (!isPartial || mode === 'pipeline') return void parse(schema, args, name)
    for (const one of terms.argNames)
      if (args[one] !== undefined) parse(schema.properties[one] as never, args[one], `${name} argument '${one}'`)
  } catch (error) {
    if (error instanceof Misfit) throw refused(terms, 'argument-invalid', error.message)
    throw error
  }
}

const refused = ({ spec }: Terms, code: string, words: string) =>
  new HookError(new Failure('invalid', code, `${spec.name}: ${words}`), { hook: spec.name, callId: '' })

/** Only what the step asked for. Throws where it cannot do without one that is missing. */
export const argsFor = (run: Run, step: Step, args: Args): Args => {
  if (!step.args) return { ...args }
  const { terms } = run.plan
  const wanted: Record<string, unknown> = {}
  for (const name of step.args) {
    if (args[name] !== undefined) wanted[name] = args[name]
    else if (!terms.isDeclared || terms.needed.has(name))
      throw failed(run, 'invalid', 'argument-missing', `the call must provide argument '${name}'`, step)
  }
  return wanted
}
