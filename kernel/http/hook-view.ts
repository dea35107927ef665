import type { HookSpec, ModuleView } from '@recyclique/contracts'
import type { Plan } from '../hooks/plan.ts'
import type { Step } from '../hooks/step.ts'

/** A hook in a list. */
export const hookLine = (spec: HookSpec, owner: string, plan: Plan | undefined) => ({
  ...{ name: spec.name, version: spec.version, words: spec.words ?? '', owner },
  ...{ mode: spec.mode, dispatch: spec.dispatch, deadlineMs: spec.deadlineMs, onError: spec.onError },
  historic: spec.historic !== undefined,
  answering: new Set([...(plan?.wrappers ?? []), ...(plan?.steps ?? [])].map(({ module }) => module)).size,
  missing: plan?.missing ?? [],
})

/** Everything about one hook, for someone who never read anything: what is asked, of whom, in which order and why, and of whom not. */
export const planView = (spec: HookSpec, owner: string, plan: Plan, modules: readonly ModuleView[]) => {
  const order = [...plan.wrappers, ...plan.steps]
  const inPlan = new Set(order.map(({ module }) => module))
  return {
    ...hookLine(spec, owner, plan),
    how: howAsked(spec),
    steps: order.map((step, nth) => stepView(step, nth, modules)),
    missing: plan.missing.map((name) => ({ module: name, reasons: whyAway(modules, name) })),
    notAsked: modules
      .filter(
        ({ name, answers }) => answers.includes(spec.name) && !inPlan.has(name) && !inPlan.has(titleIn(inPlan, name)),
      )
      .map(({ name, version, state, reasons }) => ({ module: name, version, state, reasons: whyNot(reasons) })),
  }
}

/** How it is asked, sentence by sentence. */
export const howAsked = (spec: HookSpec): string[] => [
  MODES[spec.mode],
  ...(spec.mode === 'driver' ? [] : [DISPATCHES[spec.dispatch]]),
  `Everything together takes ${spec.deadlineMs} ms at most.`,
  ERRORS[spec.onError],
  ...(spec.historic ? ['It is kept: whoever comes later is told it first.'] : []),
  ...(spec.idempotent ? ['Who was not heard is asked once more while there is time.'] : []),
  ...(spec.minImplementations > 0 ? [`It fails unless ${spec.minImplementations} answer it.`] : []),
  ...(spec.sideBySide ? ['Several majors of one module may all be asked.'] : []),
]

const MODES: Readonly<Record<HookSpec['mode'], string>> = {
  collect: 'Every module is asked, and every answer counts.',
  first: 'The first answer in this order is the one that counts.',
  race: 'The first answer to come is the one that counts.',
  pipeline: 'Each module may change what the next one is given.',
  driver: 'Exactly one module answers it.',
}

const DISPATCHES: Readonly<Record<HookSpec['dispatch'], string>> = {
  sequential: 'They are asked one after the other.',
  parallel: 'All are asked at once.',
}

const ERRORS: Readonly<Record<HookSpec['onError'], string>> = {
  stop: 'If one fails or is silent, the question as a whole fails.',
  skip: 'Who fails or is silent is left out, and this is noted; only a module that is marked as required holds it up.',
  aggregate: 'All are asked; if any of them fails or is silent, the question as a whole fails.',
}

const NEEDS: Readonly<Record<Step['need'], string>> = {
  required: 'required: the question fails without it',
  optional: 'optional: the question goes on without it',
  policy: "as the hook's own policy says",
}

const stepView = (step: Step, nth: number, modules: readonly ModuleView[]) => {
  const module = modules.find(({ name }) => name === plainName(step.module))
  const breaker = module?.breakers.find(({ hook }) => hook === step.hook)
  return {
    ...{ place: nth + 1, module: step.module, version: step.version, handler: step.handler, band: step.band },
    ...{ wrapper: step.isWrapper, args: step.args ?? 'all', need: step.need, needWords: NEEDS[step.need] },
    ...(step.timeoutMs === undefined ? {} : { timeoutMs: step.timeoutMs }),
    why: `${ordinal(nth + 1)}: ${step.isWrapper ? 'it wraps what follows; ' : ''}${step.why}`,
    state: module?.state ?? 'active',
    ...(breaker ? { breaker } : {}),
  }
}

const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth', 'ninth', 'tenth']

const ordinal = (nth: number) => ORDINALS[nth - 1] ?? `number ${nth}`

/** Where majors stand beside each other, the plan has them as `name@major`. */
const plainName = (title: string) => title.split('@')[0] ?? title

const titleIn = (titles: ReadonlySet<string>, name: string) =>
  [...titles].find((title) => plainName(title) === name) ?? name

const whyAway = (modules: readonly ModuleView[], name: string) => {
  const module = modules.find((one) => one.name === name)
  return module ? whyNot(module.reasons) : ['It has not announced itself yet.']
}

const whyNot = (reasons: readonly string[]) =>
  reasons.length > 0 ? reasons : ['It does not fit this hook as it is now: see the log.']
