import type { NatsConnection } from '@nats-io/transport-node'
import { readKernelSubject, subjectsOf } from '@recyclique/contracts'
import type { Logger } from 'pino'
import type { Module } from '../define-module.ts'
import type { QuestionParts } from '../questions.ts'
import { openTally } from '../tally.ts'
import { makeTurns, noTurns, type Turns } from '../turns.ts'
import { countWork } from '../work.ts'

/** What the kernel would answer to a request of the module: by the verb, what stands behind it in the subject, and the text. */
export type KernelAnswers = (verb: string, rest: string, text: string) => Promise<object>

/** All that the SDK's own code needs of a process that runs, without a bus. */
export type Stage = QuestionParts & { readonly turns: Turns }

export const KERNEL = 'rehearsal'

/** The module's side as it is in a process; only the connection ends at `answers`. */
export const openStage = (module: Module, log: Logger, answers: KernelAnswers): Stage => {
  const connection = {
    isClosed: () => false,
    request: async (subject: string, text: string) => {
      const { verb, rest } = readKernelSubject(subject)
      const answer = JSON.stringify(await answers(verb, rest.join('.'), text))
      return { string: () => answer }
    },
  }
  return {
    module,
    instance: `${module.manifest.name}-rehearsal`.slice(-32),
    // The two verbs that the SDK's code for questions, facts and routes uses.
    connection: connection as unknown as NatsConnection,
    subjects: subjectsOf('rehearsal'),
    work: countWork(),
    tally: openTally([]),
    log,
    turns: module.manifest.order === 'none' ? noTurns : makeTurns(),
  }
}

/** What is sent is JSON: a date becomes a text, an undefined is gone. */
export const sentAndBack = <T>(value: T): T => (value === undefined ? value : JSON.parse(JSON.stringify(value)))
