import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, credsAuthenticator, type NatsConnection } from '@nats-io/transport-node'
import { findNatsServer, startNatsServer } from '../../cli/nats-server.ts'
import type { ConnectionRules } from '../../contracts/credentials.ts'
import { admitModule } from '../../kernel/keys/admit.ts'
import {
  kernelCredentials,
  moduleCredentials,
  onlookerCredentials,
  sysCredentials,
} from '../../kernel/keys/credentials.ts'
import { initKeys, type Keyring } from '../../kernel/keys/keyring.ts'
import { keepRights, moduleKeys } from '../../kernel/keys/module-keys.ts'
import { serverConfig } from '../../kernel/keys/server-config.ts'

export type TestModule = ConnectionRules & {
  creds: string
  /** A new connection of this module; `name` is the instance's. */
  connect: (name?: string) => Promise<NatsConnection>
}

export type TestServer = {
  url: string
  pid: number
  keyring: Keyring
  folder: string
  connectKernel: () => Promise<NatsConnection>
  connectSys: () => Promise<NatsConnection>
  /** As the operator looks on, with the tools of NATS. */
  connectOnlooker: () => Promise<NatsConnection>
  /** Signs and pushes the accounts, live, with the rights that are named; else with what tests of other things need. Makes no durable. */
  addModule: (name: string, rights?: readonly string[]) => Promise<TestModule>
  /** A module's credentials; its account is left as it is. */
  module: (name: string) => Promise<TestModule>
  /** Stops and starts the server on the same store and port; connections come back on their own. */
  restart: () => Promise<void>
  /** Stops the server as a power cut of the process would, without a word. */
  kill: () => Promise<void>
  /** Closes every connection that was made here, the server, and the folder. */
  stop: () => Promise<void>
}

type Options = { site?: string; path?: string; extraConfig?: string }

/** Whatever a module may be granted at all: its manifest is a test's own business. */
const USUAL_RIGHTS = [...['hears', 'tells', 'asks', 'wraps', 'api'].map((kind) => `${kind}:*`), 'keeps', 'jobs']

/** The real nats-server in a folder of its own, with a fresh keyring. Takes some 50 ms once the server is in the cache. */
export const startTestServer = async ({
  site = 'essai',
  path,
  extraConfig = '',
}: Options = {}): Promise<TestServer> => {
  const folder = await mkdtemp(join(tmpdir(), 'recyclique-test-'))
  const keyring = await initKeys(join(folder, 'keys'), site)
  const program = path ?? (await findNatsServer({ env: process.env, say: () => {} })).path
  const start = async (port: number) => {
    const configFile = join(folder, 'nats.conf')
    await writeFile(configFile, (await serverConfig({ keyring, dataDir: join(folder, 'nats'), port })) + extraConfig)
    return startNatsServer({ path: program, configFile })
  }
  let server = await start(-1)
  const { url } = server

  const connections: NatsConnection[] = []
  const open = async (creds: string, options: { name: string; inboxPrefix?: string }) => {
    const authenticator = credsAuthenticator(new TextEncoder().encode(creds))
    const connection = await connect({ servers: url, authenticator, reconnectTimeWait: 50, ...options })
    connections.push(connection)
    return connection
  }
  const connectKernel = () => open(kernelCredentials(keyring).creds, { name: 'kernel' })
  const connectSys = () => open(sysCredentials(keyring).creds, { name: 'kernel-sys' })
  const connectOnlooker = async () => open((await onlookerCredentials(keyring)).creds, { name: 'onlooker' })
  let sys: Promise<NatsConnection> | undefined
  const module = async (name: string): Promise<TestModule> => {
    const { creds, ...rules } = await moduleCredentials(keyring, name)
    const { inboxPrefix } = rules
    return { creds, ...rules, connect: (instance = `${name}.i1`) => open(creds, { name: instance, inboxPrefix }) }
  }
  const restart = async () => {
    await server.stop()
    server = await start(Number(new URL(url).port))
  }

  return {
    url,
    get pid() {
      return server.pid
    },
    keyring,
    folder,
    connectKernel,
    connectSys,
    connectOnlooker,
    module,
    addModule: async (name, rights = USUAL_RIGHTS) => {
      sys ??= connectSys()
      await moduleKeys(keyring, name)
      await keepRights(keyring, name, rights)
      await admitModule(await sys, keyring, name)
      return module(name)
    },
    restart,
    kill: async () => {
      process.kill(server.pid, 'SIGKILL')
      await server.ended
    },
    stop: async () => {
      await Promise.all(connections.map((connection) => connection.close().catch(() => {})))
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
