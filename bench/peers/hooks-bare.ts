import { readFileSync } from 'node:fs'
import { connect, credsAuthenticator, type NatsConnection } from '@nats-io/transport-node'
import { ALLOWED } from '../support/small-sale.ts'

export const connectWith = (url: string, credsFile: string, options = {}): Promise<NatsConnection> =>
  connect({ servers: url, authenticator: credsAuthenticator(readFileSync(credsFile)), ...options })

/** Answers with nothing around it: the question read, the answer written. */
export const answerBare = async (connection: NatsConnection, subject: string): Promise<void> => {
  connection.subscribe(subject, {
    callback: (error, message) => {
      if (error) throw error
      message.json()
      message.respond(JSON.stringify(ALLOWED))
    },
  })
  await connection.flush()
}
