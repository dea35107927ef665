import type { HookSpec, Skipped, Verdict } from '@recyclique/contracts'
import { refuse } from '../errors.ts'
import type { Detailed } from '../hooks/details.ts'
import { HookError } from '../hooks/hook-error.ts'
import type { Plan } from '../hooks/plan.ts'
import { isRequired, moduleRequired } from './ask-modules.ts'
import { type Caution, heed, type Said } from './verdicts.ts'
import { withModule } from './with-module.ts'
import type { World } from './world.ts'

/** What modules made of a question that they did not refuse. */
export interface Agreement {
  readonly cautions: readonly Caution[]
  readonly skipped: Skipped
}

interface Question {
  readonly hook: HookSpec
  /** Absent: there is nothing to ask about. */
  readonly question: Readonly<Record<string, unknown>> | undefined
  /** After this nobody waits. Milliseconds since 1970. */
  readonly until: number
}

type Asking = Pick<World, 'hooks' | 'clock' | 'metrics'>

/**
 * Do the modules on this hook agree? An answer counts, silence does not: who is away, late or broken is left out, counted and named.
 * Refuses when a module says no, and when one is silent that the operator marked as required.
 */
export const agreement = async (world: Asking, asked: Question): Promise<Agreement> => {
  if (!asked.question) return { cautions: [], skipped: [] }
  const { said, skipped } = await ask(world, asked, [])
  for (const { module, kind } of skipped) world.metrics.skipped(asked.hook.name, module, kind)
  return { cautions: heed(said), skipped }
}

interface Heard {
  readonly said: readonly Said[]
  readonly skipped: Skipped
}

/** A wrapper that broke took the answers inside it along: the others are asked again without it, while there is time. */
const ask = async (world: Asking, asked: Question, silent: Skipped): Promise<Heard> => {
  const { hooks, clock } = world
  const { hook, question, until } = asked
  const plan = hooks.book.plan(hook.name)
  const without = silent.length > 0 ? { exclude: silent.map(({ module }) => module) } : {}
  try {
    const detailed = await hooks.askInDetail(hook.name, question, { budgetMs: until - clock.now(), ...without })
    return { said: saidIn(detailed, plan), skipped: onceEach([...silent, ...detailed.errors.flatMap(silenceOf)]) }
  } catch (error) {
    if (!(error instanceof HookError)) throw error
    if (isRequired(hooks, error)) throw moduleRequired(hooks, error)
    const more = silenceOf(error)
    if (more.length > 0 && !silent.some(({ module }) => module === error.module))
      return ask(world, asked, [...silent, ...more])
    return { said: [], skipped: onceEach([...silent, ...everybodyIn(plan, error)]) }
  }
}

const silenceOf = ({ module, kind }: HookError): Skipped => (module === undefined ? [] : [{ module, kind }])

/** The call itself failed, such as for want of time, and nobody was heard. Whoever had to be is missed. */
const everybodyIn = (plan: Plan | undefined, { kind, hook, message }: HookError): Skipped => {
  const all = plan ? [...plan.wrappers, ...plan.steps] : []
  const required = all.find(({ need }) => need === 'required')
  if (required) return refuse('module-required', { module: required.module, hook, why: message })
  return all.map(({ module }) => ({ module, kind }))
}

const onceEach = (skipped: Skipped): Skipped =>
  skipped.filter(({ module }, nth) => skipped.findIndex((other) => other.module === module) === nth)

/** Each verdict of the result with who gave it; one that is nobody's answer is the outermost wrapper's. */
const saidIn = ({ result, answers }: Detailed, plan: Plan | undefined): Said[] =>
  withModule({ result: result as Verdict[], answers }).map(({ answer, module }) => ({
    verdict: answer,
    module: module ?? plan?.wrappers[0]?.module ?? 'unknown',
  }))
