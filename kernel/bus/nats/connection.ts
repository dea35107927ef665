import { setTimeout as wait } from 'node:timers/promises'
import { type ConnectionOptions, connect, credsAuthenticator, type NatsConnection } from '@nats-io/transport-node'

type Wanted = { url: string; creds?: string | undefined; name: string }

type Hear = {
  /** A new connection: whatever is subscribed must be subscribed on it. After a mere return the client does that itself. */
  made: (connection: NatsConnection) => void
  up: (connection: NatsConnection) => void
  down: (why: string) => void
}

const RETRY_MS = 250

/** Holds one connection for as long as it is wanted: for the first time, again, and where the client has given up too. */
export const keepConnected = (wanted: Wanted, hear: Hear): { close: () => Promise<void> } => {
  const stop = new AbortController()
  let connection: NatsConnection | undefined

  const hold = async () => {
    while (!stop.signal.aborted) {
      try {
        connection = await connect(optionsFor(wanted))
        if (stop.signal.aborted) return await connection.close()
        hear.made(connection)
        hear.up(connection)
        await follow(connection, hear)
      } catch (error) {
        hear.down((error as Error).message)
      }
      await wait(RETRY_MS, undefined, { signal: stop.signal }).catch(() => {})
    }
  }
  const holding = hold()

  return {
    async close() {
      stop.abort()
      await connection?.close()
      await holding
    },
  }
}

/** Lives with a connection until it is closed. */
const follow = async (connection: NatsConnection, hear: Hear) => {
  for await (const status of connection.status()) {
    if (status.type === 'disconnect') hear.down('the connection was lost')
    if (status.type === 'reconnect') hear.up(connection)
  }
  const why = await connection.closed()
  hear.down(why ? why.message : 'the connection was closed')
}

const optionsFor = ({ url, creds, name }: Wanted): ConnectionOptions => ({
  servers: url.split(',').map((one) => one.trim()),
  name,
  ...(creds === undefined ? {} : { authenticator: credsAuthenticator(new TextEncoder().encode(creds)) }),
  timeout: 2_000,
  maxReconnectAttempts: -1,
  reconnectTimeWait: RETRY_MS,
  // A server that restarts may not know our account for a moment; giving up would need a person.
  ignoreAuthErrorAbort: true,
  // Finds a server that hangs in half a minute at most.
  pingInterval: 10_000,
  // A trace per request costs half of the speed, and would only ever point into the client.
  noAsyncTraces: true,
})
