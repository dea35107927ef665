import type { NatsConnection } from '@nats-io/transport-node'
import { ClientGone, parseJson } from '@recyclique/contracts'
import type { Bus } from '../port.ts'
import { keepConnected } from './connection.ts'

type Gone = { module: string; instance: string }

interface SystemParts {
  readonly url: string
  readonly creds: string | undefined
  readonly site: string
  /** Called at each connection to the system account, the first and every later one. */
  readonly onSystem?: ((connection: NatsConnection) => void) | undefined
}

/** Hears from the server's system account whose connection ended, in milliseconds. Without its credentials it hears nothing. */
export const hearDisconnects = ({ url, creds, site, onSystem }: SystemParts) => {
  const listeners = new Set<(gone: Gone) => void>()
  const made = (connection: NatsConnection) => {
    connection.subscribe('$SYS.ACCOUNT.*.DISCONNECT', {
      callback: (error, message) => {
        const gone = error ? undefined : readGone(message.string())
        if (gone) for (const hear of listeners) hear(gone)
      },
    })
  }
  const silent = () => {}
  const up = (connection: NatsConnection) => onSystem?.(connection)
  const link = creds && keepConnected({ url, creds, name: `kernel-${site}-sys` }, { made, up, down: silent })
  const onDisconnect: Bus['onDisconnect'] = (hear) => {
    listeners.add(hear)
    return () => listeners.delete(hear)
  }
  return { onDisconnect, close: async () => (link ? link.close() : undefined) }
}

/** Undefined for the clients that have no name, or none of ours. */
const readGone = (text: string): Gone | undefined => {
  try {
    const { client } = parseJson(ClientGone, text, 'advisory')
    return { module: client.name_tag, instance: client.name }
  } catch {
    return undefined
  }
}
