import { MAX_PAYLOAD_BYTES, MEMORY_BYTES, STORE_BYTES } from './accounts.ts'
import { signedAccounts } from './admit.ts'
import type { Keyring } from './keyring.ts'

type ServerConfig = {
  keyring: Keyring
  /** Where the bus keeps what it keeps: streams, and the accounts that were pushed. All of it may be deleted while the server is down. */
  dataDir: string
  /** Loopback, unless the server has a machine (or container) of its own. */
  host?: string
  /** −1 takes a free one: see `--ports_file_dir`, with which `startNatsServer` learns it. */
  port: number
  serverName?: string
  /** Of the monitoring pages, on loopback only: they tell everything about everybody to whoever asks. −1 takes a free one. */
  monitoringPort?: number
}

/**
 * The text of nats-server's configuration. It contains no secret: tokens are signed, not hidden.
 *
 * It is made anew at each start, since the accounts in it are signed with the time: the server's own copy of an account gives way to
 * a newer one only. There is no user without credentials, no MQTT, no WebSocket, no leaf node.
 */
export const serverConfig = async (wanted: ServerConfig): Promise<string> => {
  const {
    keyring,
    dataDir,
    host = '127.0.0.1',
    port,
    serverName = `recyclique-${keyring.site}`,
    monitoringPort,
  } = wanted
  const { kernel, modules, onlooker } = await signedAccounts(keyring)
  const preload = {
    [keyring.sys.publicKey]: keyring.sysJwt,
    [keyring.kernel.publicKey]: kernel,
    ...modules,
    ...onlooker,
  }
  return [
    `server_name: ${quoted(serverName)}`,
    `listen: ${quoted(`${host}:${port}`)}`,
    ...(monitoringPort === undefined ? [] : [`http: ${quoted(`127.0.0.1:${monitoringPort}`)}`]),
    `max_payload: ${MAX_PAYLOAD_BYTES}`,
    '',
    'jetstream {',
    `  store_dir: ${quoted(dataDir)}`,
    `  max_file_store: ${STORE_BYTES}`,
    `  max_memory_store: ${MEMORY_BYTES}`,
    '}',
    '',
    `operator: ${quoted(keyring.operatorJwt)}`,
    `system_account: ${quoted(keyring.sys.publicKey)}`,
    'resolver {',
    '  type: full',
    `  dir: ${quoted(`${dataDir}/accounts`)}`,
    '  allow_delete: true',
    '}',
    'resolver_preload {',
    ...Object.entries(preload).map(([publicKey, jwt]) => `  ${publicKey}: ${quoted(jwt)}`),
    '}',
    '',
  ].join('\n')
}

/** Quoted, so that a backslash or a `$` in a path is a character and nothing more. */
const quoted = (text: string): string => JSON.stringify(text)
