import type { HookSpec } from '@recyclique/contracts'
import { inOrder } from './order.ts'
import type { Implementation, Need, Step } from './step.ts'
import { type Terms, termsOf } from './terms.ts'

/** Who is asked, in which order: frozen. Whoever comes or goes while a call runs is in another plan. */
export interface Plan {
  readonly terms: Terms
  /** From the outside in. */
  readonly wrappers: readonly Step[]
  readonly steps: readonly Step[]
  /** Modules that must be there and are not. */
  readonly missing: readonly string[]
  /** Nobody is asked and nothing can be wrong: the call is over before it begins. */
  readonly isEmpty: boolean
}

/** Which modules must be there, and which may be away, as the operator says. The hook's own `required` comes on top. */
export interface Marks {
  readonly required?: readonly string[]
  readonly optional?: readonly string[]
}

/** Throws an `OrderCycle`, with its path, when `before` and `after` contradict each other. */
export const planOf = (spec: HookSpec, implementations: readonly Implementation[], marks: Marks = {}): Plan => {
  const terms = termsOf(spec)
  const required = [...spec.required, ...(marks.required ?? [])]
  const need = (module: string): Need =>
    required.includes(module) ? 'required' : marks.optional?.includes(module) ? 'optional' : 'policy'
  const placed = (isWrapper: boolean): Step[] =>
    inOrder(implementations.filter((one) => one.isWrapper === isWrapper)).map(({ one, why }) => ({
      ...one,
      need: need(one.module),
      why,
    }))
  const isThere = (name: string) => implementations.some(({ module }) => module === name)
  return frozen({
    terms,
    wrappers: placed(true),
    steps: placed(false),
    missing: required.filter((name) => !isThere(name)),
  })
}

export const frozen = (plan: Omit<Plan, 'isEmpty'>): Plan => {
  const { terms, wrappers, steps, missing } = plan
  const isUsed = wrappers.length + steps.length + missing.length > 0
  const isPlain = terms.spec.minImplementations === 0 && terms.spec.mode !== 'driver'
  for (const list of [wrappers, steps, missing]) Object.freeze(list)
  return Object.freeze({ ...plan, isEmpty: !isUsed && isPlain })
}

/** The plan as a person reads it: one line a step, from the outside in. */
export const explain = ({ wrappers, steps, missing }: Plan): string[] => [
  ...wrappers.map((step) => `${named(step)} (wrapper): ${step.why}`),
  ...steps.map((step) => `${named(step)}: ${step.why}`),
  ...missing.map((name) => `${name}: required, and not there`),
]

const named = ({ module, handler, need }: Step) => `${module}/${handler}${need === 'policy' ? '' : ` [${need}]`}`
