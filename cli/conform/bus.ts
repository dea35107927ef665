import { join } from 'node:path'
import { connect, credsAuthenticator, type NatsConnection } from '@nats-io/transport-node'
import { type Manifest, rightsOf } from '@recyclique/contracts'
import { runKeysTool } from '../keys-tool.ts'
import { findNatsServer, type RunningServer, startNatsServer } from '../nats-server.ts'
import { freePort } from '../up/free-port.ts'
import type { Leash } from '../up/leash.ts'

export const SITE = 'essai'

/** A real server with real accounts, in a folder of its own. */
export interface PlayedBus {
  readonly url: string
  /** The module's credentials. */
  readonly creds: string
  /** What the server refused somebody, in its own words. */
  readonly violations: readonly string[]
  readonly connection: NatsConnection
  /** The names of all connections that are open. */
  connectionNames(): Promise<string[]>
  /** Cuts everybody off for a moment, on the same port and store. */
  restart(): Promise<void>
  stop(): Promise<void>
  start(): Promise<void>
  close(): Promise<void>
}

interface Open {
  readonly folder: string
  readonly manifest: Manifest
  readonly leash: Leash
  readonly say: (line: string) => void
}

export const openPlayedBus = async ({ folder, manifest, leash, say }: Open): Promise<PlayedBus> => {
  const { name: module } = manifest
  const creds = join(folder, `${module}.creds`)
  const configFile = join(folder, 'server.conf')
  const port = await freePort('127.0.0.1')
  const keys = ['--keys', join(folder, 'keys'), '--site', SITE]
  const [{ path }] = await Promise.all([
    findNatsServer({ env: process.env, say }),
    runKeysTool([
      ...['init', ...keys, '--module', `${module}=${creds}`],
      ...rightsOf(manifest).flatMap((right) => ['--right', `${module}=${right}`]),
      ...['--server-config', configFile, '--store', join(folder, 'nats'), '--port', String(port)],
    ]),
  ])
  const own = await runKeysTool<{ kernel: string; system: string }>(['kernel-credentials', ...keys])
  const violations: string[] = []
  const log = (line: string) => {
    if (/Violation/.test(line)) violations.push(line.replace(/^.*?(?=\w+ Violation)/, ''))
  }
  let server: RunningServer
  const start = async () => {
    server = await startNatsServer({ path, configFile, log, spawned: leash.hold })
  }
  const stop = async () => {
    await server.stop()
    leash.letGo(server.pid)
  }
  await start()
  const open = (text: string, name: string) =>
    connect({
      ...{ servers: server.url, name, maxReconnectAttempts: -1, reconnectTimeWait: 50 },
      authenticator: credsAuthenticator(new TextEncoder().encode(text)),
    })
  const [connection, system] = await Promise.all([open(own.kernel, 'conform'), open(own.system, 'conform-sys')])

  return {
    ...{ url: server!.url, creds, violations, connection },
    async connectionNames() {
      const answer = await system.request('$SYS.REQ.SERVER.PING.CONNZ', '{"limit":1000}', { timeout: 5_000 })
      const { data } = answer.json<{ data: { connections?: { name?: string }[] } }>()
      return (data.connections ?? []).map(({ name = '' }) => name)
    },
    stop,
    async start() {
      const back = untilBack(connection)
      await start()
      await back
    },
    async restart() {
      const back = untilBack(connection)
      await stop()
      await start()
      await back
    },
    async close() {
      await Promise.all([connection.close(), system.close()])
      await stop()
    },
  }
}

const untilBack = async (connection: NatsConnection): Promise<void> => {
  for await (const { type } of connection.status()) if (type === 'reconnect') return
}
