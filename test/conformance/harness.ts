import { type ArgsOf, type HookDeclaration, type HookSpec, hook } from '@recyclique/contracts'
import { type TObject, type TSchema, Type } from '@sinclair/typebox'
import type { BookPolicy } from '../../kernel/hooks/book.ts'
import { type ErrorEnvelope, envelopeOf, HookError } from '../../kernel/hooks/hook-error.ts'
import { type AskOptions, type Hooks, openHooks } from '../../kernel/hooks/hooks.ts'
import type { Notice } from '../../kernel/hooks/notice.ts'
import type { AnswerSaid, Registration } from '../../kernel/hooks/registration.ts'
import type { Tap } from '../../kernel/hooks/taps.ts'
import { type Playing, perform, type Stage, styleOf } from './behaviours.ts'
import { handClock } from './clock.ts'

/** A module of a test, as plain data. Its version, its instance and its handlers' names are made up where they do not matter. */
export interface TestModule {
  readonly name: string
  readonly version?: string
  readonly instance?: string
  readonly concurrency?: number
  readonly labels?: Record<string, unknown>
  readonly answers: readonly TestAnswer[]
}

export type TestAnswer = Omit<AnswerSaid, 'call' | 'handler' | 'hook'> & {
  readonly plays: Playing
  readonly handler?: string
  /** 't.x' unless said. */
  readonly hook?: string
}

/** A module that answers t.x in one way. */
export const module = (name: string, answer: Omit<TestAnswer, 'hook'>): TestModule => ({ name, answers: [answer] })

type Loose = Partial<Omit<HookDeclaration<TObject, TSchema, HookSpec['mode']>, 'args'>>

/** A hook of a test: its arguments by name, everything allowed in them, half a second. 't.x' unless said. */
export const spec = (args: readonly string[] | TObject, options: Loose = {}): HookSpec => {
  const schema = (Array.isArray(args) ? anyOf(args) : args) as TObject
  const answer = options.mode === 'pipeline' ? schema : Type.Any()
  return hook({
    ...{ name: 't.x', version: 1, mode: 'collect', deadlineMs: 500, answer, outcome: Type.Any(), ...options },
    args: schema,
  }) as HookSpec
}

const anyOf = (names: readonly string[]) => Type.Object(Object.fromEntries(names.map((name) => [name, Type.Any()])))

export interface Setting {
  /** One hook, 't.x' with the argument `arg`, unless said. */
  readonly hooks?: readonly HookSpec[]
  /** Ranked as they are listed: the first is the oldest. */
  readonly modules?: readonly TestModule[]
  /** The order in which they arrive, where it is another one. */
  readonly arrival?: readonly string[]
  readonly policy?: BookPolicy
  readonly isDevelopment?: boolean
  readonly maxDepth?: number
}

/**
 * Modules around a kernel's hooks. Here all of it lives in one process; the same words can be spoken to modules in processes of
 * their own, so errors are given as they are sent, and time passes only through `pass`.
 */
export const gather = async (setting: Setting = {}) => {
  const { hooks = [spec(['arg'])], modules = [], policy = {}, isDevelopment = false, maxDepth = 16 } = setting
  let idle: (() => Promise<void>) | undefined
  // In processes the modules' own clocks go on meanwhile: no deadline of the test may lie behind them.
  const clock = handClock(FORM === 'memory' ? {} : { from: Date.now() + 3_600_000, idle: async () => idle?.() })
  const entries: [string, string, unknown?][] = []
  const notices: Notice[] = []
  let ids = 0
  const ranks = modules.map(({ name }) => name)
  const rankOf = (name: string) => {
    if (!ranks.includes(name)) ranks.push(name)
    return ranks.indexOf(name) + 1
  }
  const note = (notice: Notice) => void notices.push(notice)
  const kernel = openHooks({
    ...{ clock, maxDepth, isDevelopment, slowMs: 1_000, policy: { rankOf, ...policy } },
    newId: () => `call-${++ids}`,
    note,
  })
  const stageOf = (name: string): Stage => ({
    ...{ module: name, instance: `${name}-1`, sleep: clock.sleep },
    log: (what, seen) => void entries.push(seen === undefined ? [name, what] : [name, what, seen]),
    ask: (asked, args, within) => kernel.askByName(asked, args, { within }),
  })

  const company = FORM === 'memory' ? undefined : await companyOf({ kernel: () => kernel, note, clock, hooks, entries })
  idle = company?.idle

  const centre = {
    /** Of what every process was told: what the copies of a module were, beside the log. */
    toldToCopies: (name: string) =>
      company?.toldToCopies().flatMap(({ entry }) => (entry[0] === name ? [entry] : [])) ?? [],
    ...{ kernel, clock, pass: clock.pass },
    register: (one: TestModule) => company?.register(one) ?? kernel.register(registrationOf(one, stageOf(one.name))),
    call: (args: unknown = { arg: 1 }, options: AskOptions & { hook?: string } = {}) => {
      const { hook = 't.x', ...rest } = options
      return watched(kernel.askByName(hook, args, rest))
    },
    /** The error of a call that must fail, as it is sent. */
    async fails(args?: unknown, options?: AskOptions & { hook?: string }): Promise<ErrorEnvelope> {
      return envelope(centre.call(args, options))
    },
    detail: (args: unknown = { arg: 1 }, options: AskOptions = {}) => kernel.askInDetail('t.x', args, options),
    ever: (args: ArgsOf<HookSpec>, hear?: (value: unknown) => void) =>
      kernel.askEver(hooks[0]!, args, hear ? { hear } : {}),
    tap: (tap: Tap) => kernel.addTap(tap),
    /** Everything that happened: module, what, what it saw. */
    log: () => entries,
    /** The modules in the order in which this happened to them. */
    who: (what = 'asked') => entries.filter(([, said]) => said === what).map(([name]) => name),
    saw: (name: string, what = 'asked') => entries.find(([one, said]) => one === name && said === what)?.[2],
    warnings: () => notices.filter((notice) => notice.is === 'warned'),
    notices: (is: Notice['is']) => notices.filter((notice) => notice.is === is),
    plan: (name = 't.x') => {
      const plan = kernel.book.plan(name)
      return plan ? [...plan.wrappers, ...plan.steps].map((step) => step.module) : undefined
    },
  }
  if (hooks.length > 0) kernel.book.declare('kernel', hooks)
  const arrival = setting.arrival?.map((name) => modules.find((one) => one.name === name)!) ?? modules
  if (FORM === 'memory' || setting.policy) for (const one of arrival) await centre.register(one)
  else await Promise.all(shuffled(arrival).map((one) => centre.register(one)))
  return centre
}

/** How the modules of a test are run: as functions here, each in a process of its own, or each in two. */
export const FORM = (process.env.CONFORMANCE_FORM ?? 'memory') as 'memory' | 'processes' | 'replicas'

type InProcesses = {
  kernel: () => Hooks
  note: (notice: Notice) => void
  clock: ReturnType<typeof handClock>
  hooks: readonly HookSpec[]
  entries: unknown[]
}

/** How many processes each module of a test has, where it does not name one itself. */
export const COPIES = FORM === 'replicas' ? 2 : 1

/** Loaded only where it is wanted: it needs a server. */
const companyOf = async ({ kernel, note, clock, hooks, entries }: InProcesses) => {
  const { openCompany } = await import('./stage/company.ts')
  const heard = (entry: unknown) => void entries.push(entry)
  return openCompany({ kernel, note, clock, specs: hooks, copies: COPIES, heard })
}

/** Nobody's place may depend on who came first. */
const shuffled = <T>(list: readonly T[]): T[] =>
  list
    .map((one) => ({ one, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one)

export type Centre = Awaited<ReturnType<typeof gather>>

/** Nobody's crash: the test looks at it later. */
const watched = <T>(promise: Promise<T>): Promise<T> => {
  promise.catch(() => {})
  return promise
}

export const envelope = async (promise: Promise<unknown>): Promise<ErrorEnvelope> => {
  try {
    const value = await promise
    throw new Error(`it did not fail, it gave ${JSON.stringify(value)}`)
  } catch (error) {
    if (error instanceof HookError) return envelopeOf(error)
    throw error
  }
}

export const registrationOf = ({ answers, ...one }: TestModule, stage: Stage): Registration => ({
  ...{ version: '1.0.0', instance: `${one.name}-1`, ...one },
  answers: answers.map(({ plays, ...answer }, nth) => ({
    ...{ hook: 't.x', handler: `on-${nth + 1}`, ...styleOf(plays), ...answer },
    call: perform(plays, stage),
  })),
})
