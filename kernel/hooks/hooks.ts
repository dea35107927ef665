import { type ArgsOf, Failure, type HookSpec, type ResultOf } from '@recyclique/contracts'
import { readArgs } from './arguments.ts'
import { ask } from './ask.ts'
import { type BookPolicy, openBook } from './book.ts'
import { type Choice, chosen, unknownTo } from './choose.ts'
import { type Detailed, detailsOf } from './details.ts'
import { drainer } from './drain.ts'
import { askEach } from './each.ts'
import { type History, memoryHistory } from './history.ts'
import { HookError } from './hook-error.ts'
import type { Plan } from './plan.ts'
import type { Registration, RegistrationFlaw } from './registration.ts'
import { replayer } from './replay.ts'
import { beginRun, type Run, type RunParts, type Surroundings } from './run.ts'
import type { Args } from './step.ts'
import { openTaps, type Tap } from './taps.ts'

export interface AskOptions extends Choice, Surroundings {}

export interface HooksParts extends RunParts {
  readonly policy?: BookPolicy
  /** Where past calls are kept: in memory, where nobody says otherwise. */
  readonly openHistory?: (specOf: (hook: string) => HookSpec | undefined) => History
  /** A hook that nobody declared can be asked. */
  readonly isDevelopment?: boolean
}

export type Registering =
  | {
      readonly registered: true
      readonly name: string
      readonly instance: string
      readonly rank: number
      readonly warnings: readonly RegistrationFlaw[]
    }
  | { readonly registered: false; readonly reason: 'blocked' }

/** The kernel's questions: who answers them, and the asking. */
export const openHooks = (parts: HooksParts) => {
  const { note } = parts
  const book = openBook(parts.policy)
  const history = (parts.openHistory ?? memoryHistory)(book.specOf)
  const taps = openTaps(note)
  const drain = drainer()
  const replay = replayer({ book, history, parts })

  /** Nobody on the hook: two looks at the arguments, one look-up, and it is over. */
  const askHook = async (hook: HookSpec | string, given: unknown, options?: AskOptions): Promise<unknown> => {
    const plan = planFor(hook, options)
    const args = read(plan, given)
    if (plan.isEmpty) return nothingFor(plan, args)
    return perform(beginRun(plan, parts, options), args)
  }

  const planFor = (hook: HookSpec | string, options: AskOptions | undefined): Plan => {
    const plan = book.plan(typeof hook === 'string' ? hook : hook.name)
    if (!plan || !(plan.terms.isDeclared || parts.isDevelopment))
      throw refused(hook, 'hook-unknown', 'nobody declared it')
    return options ? chosen(plan, options) : plan
  }

  const read = (plan: Plan, given: unknown): Args => {
    try {
      return readArgs(plan, given, note)
    } catch (error) {
      if (error instanceof HookError) note({ is: 'failed', hook: error.hook, callId: error.callId, error })
      throw error
    }
  }

  const perform = (run: Run, args: Args): Promise<unknown> =>
    drain.around(run, () => taps.watch(run, args, () => ask(run, args)))

  return {
    ...{ book, history },
    addTap: (tap: Tap) => taps.add(tap),

    /** Asks. Rejects with a `HookError`. */
    ask: <H extends HookSpec>(hook: H, args: ArgsOf<H>, options?: AskOptions): Promise<ResultOf<H>> =>
      (hook.historic ? Promise.reject(historicOnly(hook)) : askHook(hook, args, options)) as Promise<ResultOf<H>>,

    /** The same by name, for those who have no types: a module in another process, a test. */
    askByName: (hook: string, args: unknown, options?: AskOptions): Promise<unknown> => {
      const spec = book.specOf(hook)
      return spec?.historic ? Promise.reject(historicOnly(spec)) : askHook(hook, args, options)
    },

    /** The same with everything beside the result: who said what in which time, what was skipped, which names nobody has. */
    async askInDetail(hook: string, given: unknown, options: AskOptions = {}): Promise<Detailed> {
      const plan = planFor(hook, options)
      const args = read(plan, given)
      const run = beginRun(plan, parts, options)
      const result = plan.isEmpty ? nothingFor(plan, args) : await perform(run, args)
      return detailsOf(run, result, unknownTo(book.plan(hook)!, options))
    },

    /** The answers one by one; who stops looking asks nobody more. No tap sees it. */
    async *askEach(hook: string, given: unknown, options: AskOptions = {}): AsyncGenerator<unknown, void> {
      const plan = planFor(hook, options)
      if (plan.terms.spec.mode !== 'collect')
        throw refused(hook, 'not-a-collection', 'only a collecting hook has several answers')
      const args = read(plan, given)
      const run = beginRun(plan, parts, options)
      yield* drain.aroundEach(run, askEach(run, args))
    },

    /**
     * Asks whoever is there, and whoever comes later: `hear` gets each answer that is not null, now and then. Who was excluded is
     * so for the moment only.
     */
    async askEver(hook: HookSpec, given: unknown, options: AskOptions & { hear?: (value: unknown) => void } = {}) {
      if (!hook.historic) throw refused(hook, 'not-historic', 'only a historic hook is kept for later')
      const { hear = () => {}, ...rest } = options
      const plan = planFor(hook, rest)
      const args = read(plan, given)
      const seq = replay.keep(plan, args, hear)
      if (plan.isEmpty) return
      const values = (await perform(beginRun(plan, parts, { ...rest, seq }), args)) as unknown[]
      for (const value of values) hear(value)
    },

    /** Whole or not at all. It is told what it has missed, and is in the plans from then on. Throws a `RegistrationRefused`. */
    async register(said: Registration): Promise<Registering> {
      const admission = book.admit(said)
      if (!admission.registered) return admission
      const { module, process, warnings } = admission
      await replay.catchUp(process)
      return { registered: true, name: module.said.name, instance: said.instance, rank: module.rank, warnings }
    },

    /**
     * Another version in the place of the one that bears the name. It is told what it has missed while the old one answers on; then,
     * in one turn, it is in the plans and the old one is out, and `swapped` is called. Throws a `RegistrationRefused`, or the error of the
     * past that it could not be told; then nothing is changed.
     */
    async takeOver(said: Registration, specs: readonly HookSpec[], swapped: () => void): Promise<void> {
      const process = book.prepare(said, specs)
      await replay.catchUpApart(process, specs, () => {
        book.replace(said, specs, process)
        swapped()
      })
    },

    /** Resolves when no call that was begun with it is under way any more. Null for a name that nobody has. */
    async unregister(name: string): Promise<Registration | null> {
      const said = book.remove(name)
      await drain.wait(name)
      return said
    },

    /** One process goes; throws for one that nobody knows. Resolves as above when it was the module's last. */
    async leave(instance: string): Promise<Registration> {
      const said = book.removeInstance(instance)
      if (!book.names().includes(said.name)) await drain.wait(said.name)
      return said
    },

    /** Whose name is blocked is taken out, and not let in again. */
    async block(name: string): Promise<Registration | null> {
      const said = book.block(name)
      await drain.wait(name)
      return said
    },

    /** Resolves when no call is under way with this module in its plan. */
    drained: drain.wait,
  }
}

export type Hooks = ReturnType<typeof openHooks>

const nothingFor = ({ terms: { spec } }: Plan, args: Args): unknown => {
  if (spec.mode === 'collect') return []
  return spec.mode === 'pipeline' ? { ...args } : null
}

const refused = (hook: HookSpec | string, code: string, words: string) => {
  const name = typeof hook === 'string' ? hook : hook.name
  return new HookError(new Failure('invalid', code, `${name}: ${words}`), { hook: name, callId: '' })
}

const historicOnly = (hook: HookSpec) => refused(hook, 'historic', 'a historic hook is asked with askEver')
