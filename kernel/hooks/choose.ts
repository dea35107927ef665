import { frozen, type Plan } from './plan.ts'
import type { Call, Step } from './step.ts'

/** Who of the plan takes part in one call. */
export interface Choice {
  /** Only these modules, in this order. */
  readonly only?: readonly string[]
  /** All but these modules. */
  readonly exclude?: readonly string[]
  /** Looked at in the kernel, over what the manifest says. */
  readonly where?: (step: Step) => boolean
  /** The caller's own, for this call: behind `tryfirst`, before every other; the one listed last goes first. */
  readonly extra?: readonly Call[]
}

/** The plan itself where nothing is chosen. */
export const chosen = (plan: Plan, choice: Choice): Plan => {
  const { only, exclude, where, extra } = choice
  if (!only && !exclude && !where && !extra) return plan
  const takesPart = (step: Step) =>
    (!only || only.includes(step.module)) && !exclude?.includes(step.module) && (!where || where(step))
  const listed = (steps: readonly Step[]) => (only ? sortedLike(only, steps) : steps)
  return frozen({
    ...plan,
    wrappers: plan.wrappers.filter(takesPart),
    steps: withExtra(plan, listed(plan.steps.filter(takesPart)), extra),
  })
}

/** Names that were asked for and are nobody's here. */
export const unknownTo = ({ wrappers, steps }: Plan, { only = [] }: Choice): string[] =>
  only.filter((name) => ![...wrappers, ...steps].some(({ module }) => module === name))

const sortedLike = (names: readonly string[], steps: readonly Step[]): readonly Step[] =>
  [...steps].sort((a, b) => names.indexOf(a.module) - names.indexOf(b.module))

const withExtra = (plan: Plan, steps: readonly Step[], extra: readonly Call[] = []): readonly Step[] => {
  if (extra.length === 0) return steps
  const others = steps.findIndex(({ band }) => band !== 'tryfirst')
  const at = others < 0 ? steps.length : others
  const guests = extra.map((call, nth) => guest(plan, call, nth)).reverse()
  return [...steps.slice(0, at), ...guests, ...steps.slice(at)]
}

/** The name has a dot, so that it is no module's. */
const guest = ({ terms }: Plan, call: Call, nth: number): Step => ({
  ...{ module: `caller.${nth + 1}`, version: '0.0.0', instance: undefined, handler: 'extra', hook: terms.spec.name },
  ...{ args: undefined, band: 'normal', isWrapper: false, isOptional: false, before: [], after: [] },
  ...{
    timeoutMs: undefined,
    concurrency: undefined,
    labels: {},
    rank: Number.POSITIVE_INFINITY,
    keepsTime: false,
    call,
  },
  ...{ need: 'policy', why: `the caller's own, as if newest` },
})
