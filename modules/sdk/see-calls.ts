import type { NatsConnection } from '@nats-io/transport-node'
import { parseJson, type SeenCall, SeenCalls, type Subjects } from '@recyclique/contracts'
import type { Logger } from 'pino'
import type { Module } from './define-module.ts'

/** Looks on at calls that are over. `missed`: so many more there were, which this process was not shown. What it throws is logged. */
export type SeeCalls = (calls: readonly SeenCall[], seen: { readonly missed: number; readonly log: Logger }) => unknown

interface Parts {
  readonly module: Module
  readonly instance: string
  readonly connection: NatsConnection
  readonly subjects: Subjects
  readonly log: Logger
}

/** Nobody waits for it, and nothing is lost with it: it needs no place in the drain. */
export const seeCalls = ({ module, instance, connection, subjects, log }: Parts): void => {
  const { sees } = module
  if (!sees) return
  connection.subscribe(subjects.toModule(module.manifest.name, instance, 'seen'), {
    callback: (error, message) => {
      if (!error) void shown(sees, message.string(), log)
    },
  })
}

const shown = async (sees: SeeCalls, text: string, log: Logger): Promise<void> => {
  try {
    const { calls, missed } = parseJson(SeenCalls, text, 'what is shown of calls')
    await sees(calls, { missed, log })
  } catch (err) {
    log.warn({ err }, 'looking on at calls failed')
  }
}
