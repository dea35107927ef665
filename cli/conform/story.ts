import {
  FACTS,
  type FactSpec,
  HOOKS,
  type HookSpec,
  hookFrom,
  type KeptFact,
  type Manifest,
  objectSchemaFrom,
} from '@recyclique/contracts'
import { sampleOf, type Wish } from './sample.ts'
import type { Stage } from './stage.ts'

/** A fact that the module hears and of which we know what it looks like. */
export interface Heard {
  readonly name: string
  readonly version: number
  readonly data: object
  readonly journal: (data: never) => string
}

/** A line of `answers` with the hook that it answers. */
export interface Line {
  readonly answers: NonNullable<Manifest['answers']>[number]
  readonly spec: HookSpec
  readonly handler: string
}

/** The facts that it hears: the kernel's own, and those of its own manifest. What another module tells is not known here. */
export const heardFacts = ({ hears = [], tells = [], name: module }: Manifest): Heard[] =>
  hears.flatMap((name): Heard[] => {
    const spec: FactSpec | undefined = FACTS.find((one) => one.name === name)
    if (spec) return [{ name, version: spec.version, data: spec.data, journal: spec.journal as Heard['journal'] }]
    const own = tells.find((one) => one.name === name)
    return own
      ? [{ name, version: own.version, data: objectSchemaFrom(own.data), journal: () => `module-${module}` }]
      : []
  })

/** The questions that it answers: the kernel's own, and those of its own manifest. */
export const answeredLines = ({ answers = [], specs = [] }: Manifest): Line[] =>
  answers.flatMap((line) => {
    const document = specs.find(({ name }) => name === line.hook)
    const spec = HOOKS.find(({ name }) => name === line.hook) ?? (document && hookFrom(document))
    return spec ? [{ answers: line, spec, handler: line.handler ?? line.hook }] : []
  })

/** A fact as it is told; `nth` makes it another one than those before. */
export const telling = ({ name, version, data, journal }: Heard, nth: number, is: Wish['is'] = 'plain') => {
  const sample = sampleOf(data, { is, nth }, name) as never
  return { name, version, journal: journal(sample), data: sample as unknown }
}

/** Tells one fact that the module hears. */
export const toldSample = (stage: Stage): Promise<KeptFact> => {
  const [first] = heardFacts(stage.manifest)
  if (!first) throw new Error('nothing that it hears is known here: a case did not look before')
  return stage.facts.tell(telling(first, stage.nextNth()))
}

/** Why a case about facts is none for this module. */
export const hearsNone = ({ manifest }: Stage): string | undefined => {
  if (!manifest.hears?.length) return 'it hears no facts'
  return heardFacts(manifest).length > 0
    ? undefined
    : 'it hears facts of other modules only, and what they look like is not known here'
}

/** Why a case about questions is none for this module. */
export const answersNone = ({ manifest }: Stage): string | undefined => {
  if (!manifest.answers?.length) return 'it answers no questions'
  if (answeredLines(manifest).length === 0)
    return 'it answers hooks of other modules only, and what they ask is not known here'
  return answersOf(manifest).length > 0 ? undefined : 'it only wraps'
}

export const wrapsNone = ({ manifest }: Stage): string | undefined =>
  wrappersOf(manifest).length > 0 ? undefined : 'it wraps nothing'

export const answersOf = (manifest: Manifest): Line[] =>
  answeredLines(manifest).filter(({ answers }) => !answers.isWrapper)
export const wrappersOf = (manifest: Manifest): Line[] =>
  answeredLines(manifest).filter(({ answers }) => answers.isWrapper)
