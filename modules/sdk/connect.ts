import { connect, credsAuthenticator, type NatsConnection } from '@nats-io/transport-node'
import { connectionRules } from '@recyclique/contracts'
import type { Logger } from 'pino'
import { growingWaits, pause } from './pause.ts'
import type { Settings } from './settings.ts'

type Parts = { module: string; settings: Settings; stop: AbortSignal; log: Logger }

/**
 * A connection that is sought for ever: at the start, since the bus may come later than the module, and after each loss. Also when the
 * server refuses the credentials: their account may not have been pushed yet. Undefined when told to stop before there is one.
 */
export const connectBus = async ({ module, settings, stop, log }: Parts): Promise<NatsConnection | undefined> => {
  const waits = growingWaits([100, 250, 500, 1_000, 2_000])
  const { servers, instance, creds } = settings
  let lastWords = ''
  while (!stop.aborted) {
    try {
      const connection = await connect({
        servers,
        name: instance,
        ...(creds === undefined ? {} : { authenticator: credsAuthenticator(new TextEncoder().encode(creds)) }),
        inboxPrefix: connectionRules(module).inboxPrefix,
        maxReconnectAttempts: -1,
        reconnectTimeWait: 250,
        ignoreAuthErrorAbort: true,
        pingInterval: 10_000,
        // Without them a request costs half: see the measurements in docs.
        noAsyncTraces: true,
      })
      log.info({ server: connection.getServer() }, 'connected')
      return connection
    } catch (error) {
      const words = (error as Error).message
      // Said once for each new reason, not at each attempt.
      if (words !== lastWords) log.warn({ servers, reason: words }, 'the bus does not let us in yet; trying on')
      lastWords = words
      await pause(waits.nextMs(), stop)
    }
  }
  return undefined
}

/** Follows the connection's ups and downs: logs them, and calls back at each return. Ends with the connection. */
export const watchBus = async (connection: NatsConnection, log: Logger, onReturn: () => void): Promise<void> => {
  for await (const status of connection.status()) {
    if (status.type === 'disconnect') log.warn('the bus is away; seeking it')
    if (status.type === 'error') log.warn({ reason: status.error.message }, 'the bus complains')
    if (status.type !== 'reconnect') continue
    log.info({ server: status.server }, 'the bus is back')
    onReturn()
  }
}

/** In reduced mode the module is in the account that owns JetStream, under its ordinary name. */
export const jetstreamPrefix = (module: string, { creds }: Settings): string =>
  creds === undefined ? '$JS.API' : connectionRules(module).apiPrefix
