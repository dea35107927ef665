import type { Msg, NatsConnection } from '@nats-io/transport-node'
import type { Logger } from 'pino'

/** What comes to this process on one subject. */
export interface Intake {
  /** Takes no more; what arrived already is finished. Resolves when it is. */
  close(): Promise<void>
}

interface Parts {
  readonly connection: NatsConnection
  readonly log: Logger
}

interface Taking {
  readonly subject: string
  /** What comes there, for the log: "the bus does not let this module hear …". */
  readonly words: string
  /** Deals with a message and answers it. Where it rejects there is no answer, and the log says why. */
  readonly take: (message: Msg) => Promise<unknown>
}

/** Takes each message as it comes, however many are under way. */
export const openIntake = ({ connection, log }: Parts, { subject, words, take }: Taking): Intake => {
  const running = new Set<Promise<unknown>>()
  const subscription = connection.subscribe(subject, {
    callback: (error, message) => {
      if (error) return void log.error({ err: error }, `the bus does not let this module hear ${words}`)
      const one = take(message)
        .catch((err: unknown) => log.warn({ err }, 'an answer could not be sent'))
        .finally(() => running.delete(one))
      running.add(one)
    },
  })
  return {
    async close() {
      if (!connection.isClosed()) await subscription.drain()
      await Promise.all(running)
    },
  }
}
