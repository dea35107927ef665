import type { AnswerSaid, Registration } from './registration.ts'
import type { Implementation } from './step.ts'

/** One process of a module. It is asked nothing until it has joined: before that it is told what it has missed. */
export interface Process {
  readonly module: string
  readonly instance: string
  readonly implementations: readonly Implementation[]
  readonly hasJoined: boolean
  /** Up to here in the history it has been told. */
  readonly seen: Readonly<Record<string, number>>
}

/** A module that was let in, and its processes by instance. */
export interface Registered {
  readonly said: Registration
  readonly rank: number
  readonly processes: ReadonlyMap<string, Process>
}

/** Those of its first process: its sisters have the same. */
export const implementationsIn = ({ processes }: Registered): readonly Implementation[] =>
  processes.values().next().value?.implementations ?? []

export const implementationsOf = (said: Registration, rank: number): Implementation[] =>
  said.answers.map((answer) => implementationOf(said, answer, rank))

const implementationOf = (said: Registration, answer: AnswerSaid, rank: number): Implementation => ({
  ...{ module: said.name, version: said.version, instance: said.instance, handler: answer.handler, hook: answer.hook },
  ...{ args: answer.args, band: answer.place ?? 'normal', isOptional: answer.isOptional ?? false },
  isWrapper: (answer.isWrapper || answer.isOutcomeWrapper) ?? false,
  ...{ before: answer.before ?? [], after: answer.after ?? [], timeoutMs: answer.timeoutMs },
  ...{ concurrency: said.concurrency, labels: said.labels ?? {}, rank, keepsTime: answer.keepsTime ?? false },
  call: answer.call,
})

/** As it is before it joined. */
export const processOf = (said: Registration, rank: number): Process => ({
  ...{ module: said.name, instance: said.instance, hasJoined: false, seen: said.historySeen ?? {} },
  implementations: implementationsOf(said, rank),
})

export const isFor = (hook: string) => (one: Implementation) => one.hook === hook

export const hooksIn = ({ answers }: Registration): string[] => [...new Set(answers.map(({ hook }) => hook))]

export const shown = ({ version, instance }: Registration) => `${version} (${instance})`

/** The code behind it is not compared: it stands in another process. */
export const isSame = (a: Registration, b: Registration): boolean => a.version === b.version && saidBy(a) === saidBy(b)

const saidBy = ({ answers, labels, concurrency }: Registration) => JSON.stringify([answers, labels, concurrency])

/** In the order of the first registration; a name keeps its number when it comes back. */
export const ranksInMemory = () => {
  const ranks = new Map<string, number>()
  return (name: string): number => {
    const rank = ranks.get(name) ?? ranks.size + 1
    ranks.set(name, rank)
    return rank
  }
}
