import { connect, credsAuthenticator, errors, type NatsConnection } from '@nats-io/transport-node'
import { connectionRules } from '@recyclique/contracts'
import type { Logger } from 'pino'
import { growingWaits, pause } from './pause.ts'
import type { Settings } from './settings.ts'

/** Whether the server refuses our credentials at the moment, and did not only go away. */
export interface Door {
  isShut: boolean
}

type Parts = { module: string; settings: Settings; stop: AbortSignal; log: Logger; door: Door }

const RECONNECT_WAIT_MS = 250
/** Who was put out by an operator is let in again by an operator: asking oftener helps nobody. */
const REFUSED_WAIT_MS = 2_000

/**
 * A connection that is sought for ever: at the start, since the bus may come later than the module, and after each loss. Also when the
 * server refuses the credentials: their account may not have been pushed yet. Undefined when told to stop before there is one.
 */
export const connectBus = async ({ module, settings, stop, log, door }: Parts): Promise<NatsConnection | undefined> => {
  const waits = growingWaits([100, 250, 500, 1_000, 2_000])
  const { servers, instance, creds } = settings
  let lastReason = ''
  while (!stop.aborted) {
    try {
      const connection = await connect({
        servers,
        name: instance,
        ...(creds === undefined ? {} : { authenticator: credsAuthenticator(new TextEncoder().encode(creds)) }),
        inboxPrefix: connectionRules(module).inboxPrefix,
        maxReconnectAttempts: -1,
        reconnectDelayHandler: () => (door.isShut ? REFUSED_WAIT_MS : RECONNECT_WAIT_MS),
        ignoreAuthErrorAbort: true,
        pingInterval: 10_000,
        // Without them a request costs half: see the measurements in docs.
        noAsyncTraces: true,
      })
      log.info({ server: connection.getServer() }, 'connected')
      return connection
    } catch (error) {
      const reason = (error as Error).message
      const words = isRefusal(reason) ? refusedWords(module) : 'the bus does not let us in yet; trying on'
      // Said once for each new reason, not at each attempt.
      if (reason !== lastReason) log.warn({ servers, reason }, words)
      lastReason = reason
      await pause(waits.nextMs(), stop)
    }
  }
  return undefined
}

type Watched = { module: string; connection: NatsConnection; log: Logger; door: Door; onReturn: () => void }

/**
 * Follows the connection's ups and downs: logs them, and calls back at each return. Ends with the connection. Where the server refuses
 * it (an operator blocked it, or took it away) it says so once, and tries on, less often: when it is let in again, it works again.
 */
export const watchBus = async ({ module, connection, log, door, onReturn }: Watched): Promise<void> => {
  let isAway = false
  for await (const status of connection.status()) {
    if (status.type === 'error' && isRefusal(status.error.message)) {
      if (!door.isShut) log.warn({ reason: status.error.message }, refusedWords(module))
      door.isShut = true
    } else if (status.type === 'error' && !isOfServices(status.error))
      log.warn({ reason: status.error.message }, 'the bus complains')
    if (status.type === 'disconnect') {
      if (!isAway && !door.isShut) log.warn('the bus is away; seeking it')
      isAway = true
    }
    if (status.type !== 'reconnect') continue
    door.isShut = false
    isAway = false
    log.info({ server: status.server }, 'the bus is back')
    onReturn()
  }
}

/** Said once by who subscribed, and not nine times more. */
const isOfServices = (error: Error): boolean =>
  error instanceof errors.PermissionViolationError &&
  error.operation === 'subscription' &&
  error.subject.startsWith('$SRV.')

/** The server's words, old and new ones. */
const isRefusal = (reason: string): boolean => /authenti?cation (revoked|expired)|authorization violation/i.test(reason)

const refusedWords = (module: string): string =>
  `the bus does not let ${module} in: an operator blocked or removed it, or its credentials are of another keyring. ` +
  `\`recyclique modules permissions ${module}\` says which; \`recyclique keys creds ${module}\` makes new ones. Trying on`

/** In reduced mode the module is in the account that owns JetStream, under its ordinary name. */
export const jetstreamPrefix = (module: string, { creds }: Settings): string =>
  creds === undefined ? '$JS.API' : connectionRules(module).apiPrefix
