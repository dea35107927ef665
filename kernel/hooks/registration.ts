import type { HookSpec } from '@recyclique/contracts'
import type { Call } from './step.ts'

/** One line of `answers` in a manifest, with the code that stands behind it. */
export interface AnswerSaid {
  readonly handler: string
  readonly hook: string
  readonly args?: readonly string[] | undefined
  readonly place?: 'tryfirst' | 'trylast' | undefined
  readonly isWrapper?: boolean | undefined
  /** A wrapper of the other style: it is given an outcome and returns nothing. */
  readonly isOutcomeWrapper?: boolean | undefined
  readonly isOptional?: boolean | undefined
  readonly before?: readonly string[] | undefined
  readonly after?: readonly string[] | undefined
  readonly timeoutMs?: number | undefined
  /** False where the code behind it has no way to proceed. */
  readonly canProceed?: boolean | undefined
  /** See `Implementation`. */
  readonly keepsTime?: boolean | undefined
  readonly call: Call
}

/** What a process says when it registers. Fields that are not named here are nobody's business and are not looked at. */
export interface Registration {
  readonly name: string
  readonly version: string
  readonly instance: string
  readonly answers: readonly AnswerSaid[]
  readonly concurrency?: number | undefined
  readonly labels?: Readonly<Record<string, unknown>> | undefined
  /** Its age, where whoever registers it knows it. */
  readonly rank?: number | undefined
  /** Up to here in the history it has been told already, by a kernel that was there before. */
  readonly historySeen?: Readonly<Record<string, number>> | undefined
  /** Other majors of the same module may stand beside it, under names of their own. */
  readonly beside?: { readonly module: string; readonly major: number } | undefined
}

/** One thing that is wrong with a registration: whose, where in the manifest (JSON pointer), and why. */
export interface RegistrationFlaw {
  readonly module: string
  readonly instance: string
  readonly place: string
  readonly code: string
  readonly words: string
}

/** Nothing of it was registered. `flaws` holds everything that is wrong, not only the first. */
export class RegistrationRefused extends Error {
  readonly module: string
  readonly instance: string
  readonly flaws: readonly RegistrationFlaw[]
  constructor({ name, instance }: Pick<Registration, 'name' | 'instance'>, flaws: readonly RegistrationFlaw[]) {
    super(`${name} (${instance}) was refused: ${flaws.map(({ words }) => words).join('; ')}`)
    this.name = 'RegistrationRefused'
    this.module = name
    this.instance = instance
    this.flaws = flaws
  }
}

type SpecOf = (hook: string) => HookSpec | undefined

/** Everything that is wrong with what it answers, as far as the hooks are known. */
export const flawsIn = (said: Registration, specOf: SpecOf): RegistrationFlaw[] => [
  ...doubledHandlers(said),
  ...flawsOn(said, specOf),
]

/** The same for its answers alone, and where one hook is named, for those on this hook. */
export const flawsOn = (said: Registration, specOf: SpecOf, only?: string): RegistrationFlaw[] =>
  said.answers.flatMap((answer, nth) =>
    only === undefined || answer.hook === only ? flawsOfAnswer(answer, specOf(answer.hook)).map(flawAt(said, nth)) : [],
  )

const flawAt =
  ({ name, instance }: Registration, nth: number) =>
  ([code, words]: readonly [string, string]): RegistrationFlaw => ({
    ...{ module: name, instance, place: `/answers/${nth}`, code },
    words: `${name}: ${words}`,
  })

const doubledHandlers = (said: Registration): RegistrationFlaw[] =>
  said.answers.flatMap(({ handler }, nth) =>
    said.answers.findIndex((other) => other.handler === handler) < nth
      ? [flawAt(said, nth)(['handler-doubled', `it has two handlers '${handler}'`])]
      : [],
  )

type Words = readonly [code: string, words: string]

const flawsOfAnswer = (answer: AnswerSaid, spec: HookSpec | undefined): Words[] => [
  ...wrapperFlaws(answer, spec),
  ...(spec ? unknownArgs(answer, spec) : []),
]

const wrapperFlaws = ({ isWrapper, isOutcomeWrapper, canProceed, handler }: AnswerSaid, spec?: HookSpec): Words[] => {
  const wraps = isWrapper || isOutcomeWrapper
  return [
    ...(isWrapper && isOutcomeWrapper
      ? [['wrapper-doubled', `'${handler}' bears both wrapper styles: they are mutually exclusive`] as const]
      : []),
    ...(wraps && canProceed === false
      ? [['wrapper-cannot', `'${handler}' is a wrapper and has no way to proceed`] as const]
      : []),
    ...(wraps && spec?.historic
      ? [['wrapper-on-historic', `'${handler}' cannot wrap ${spec.name}: it is historic`] as const]
      : []),
  ]
}

const unknownArgs = ({ args = [], handler }: AnswerSaid, spec: HookSpec): Words[] =>
  args
    .filter((name) => !Object.hasOwn(spec.args.properties, name))
    .map((name) => ['argument-unknown', `'${handler}' asks for '${name}': ${spec.name} has no such argument`])

/** What it should know: hooks and arguments that will go away. One for each handler, and for each such argument that it asks for. */
export const warningsFor = (said: Registration, specOf: SpecOf): RegistrationFlaw[] =>
  said.answers.flatMap((answer, nth) => {
    const spec = specOf(answer.hook)
    return spec ? deprecations(answer, spec).map(flawAt(said, nth)) : []
  })

const deprecations = ({ args = [] }: AnswerSaid, { name, deprecated, deprecatedArgs }: HookSpec): Words[] => [
  ...(deprecated === undefined ? [] : [['hook-deprecated', `${name} is deprecated: ${deprecated}`] as const]),
  ...args
    .filter((arg) => Object.hasOwn(deprecatedArgs, arg))
    .map((arg) => ['argument-deprecated', `'${arg}' of ${name} is deprecated: ${deprecatedArgs[arg]}`] as const),
]
