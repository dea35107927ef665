import type { NatsConnection } from '@nats-io/transport-node'
import type { Subjects } from '@recyclique/contracts'
import { factMode, type KeptFact, openForm, parse, upcast } from '@recyclique/contracts'
import type { Logger } from 'pino'
import type { Heard, Hearing, Module } from './define-module.ts'
import { tellerOf } from './tell.ts'
import type { Turns } from './turns.ts'
import type { Work } from './work.ts'

export interface HandleParts {
  readonly module: Module
  readonly instance: string
  readonly connection: NatsConnection
  readonly subjects: Subjects
  readonly work: Work
  readonly log: Logger
  /** One fact at a time, also when one is taken again out of its order. */
  readonly turns: Turns
}

/** Gives a fact to the module's own handler. Rejects with what that throws, or where the data are not what the module's contracts say. */
export const handleFact = (parts: HandleParts, heard: Heard, fact: KeptFact, isRetry: boolean): Promise<void> =>
  parts.turns(() =>
    parts.work.during(async () => void (await heard.handle(todays(heard, fact), hearingOf(parts, fact, isRetry)))),
  )

const hearingOf = (parts: HandleParts, { position, name, mode }: KeptFact, isRetry: boolean): Hearing => {
  const { module, log, work } = parts
  const signal = work.signalFor(Number.POSITIVE_INFINITY)
  return {
    log: log.child({ position, fact: name }),
    signal,
    isRetry,
    tell: tellerOf(parts, signal, factMode(mode)),
    once(effect) {
      if (!module.store) throw new Error("'once' needs a store: defineModule(…).keepIn(openOnceStore(…))")
      return isRetry ? module.store.applyPassed(position, effect) : module.store.apply(position, effect)
    },
  }
}

/** The fact in the version of this module's contracts; fields that a later kernel adds to it are there as they came. */
const todays = ({ spec }: Heard, fact: KeptFact): KeptFact => ({
  ...fact,
  version: spec.version,
  data: parse(openForm(spec.data), upcast(spec, fact.version, fact.data), fact.name),
})
