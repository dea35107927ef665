import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runKeysTool } from '../keys-tool.ts'
import { freePort } from './free-port.ts'
import type { UpOptions } from './options.ts'

export type Prepared = {
  site: string
  /** Of nats-server: its configuration, and the port that it says. */
  configFile: string
  natsPort: number
  credsOf: (module: string) => string
}

/**
 * Makes the keys that are missing, each module's credentials and the server's configuration, in one go. The server keeps its port
 * from start to start while it is free, so that a tool or a module that was pointed at it finds it again.
 */
export const prepareKeys = async ({ data, keys, site }: UpOptions, modules: string[]): Promise<Prepared> => {
  const store = join(data, 'nats')
  const configFile = join(store, 'server.conf')
  const natsPort = await freePort('127.0.0.1', await natsPortOf(data))
  const credsOf = (module: string) => join(keys, 'modules', module, `${module}.creds`)
  const made = await runKeysTool<{ site: string }>([
    'init',
    ...['--keys', keys],
    ...(site === undefined ? [] : ['--site', site]),
    ...modules.flatMap((module) => ['--module', `${module}=${credsOf(module)}`]),
    ...['--server-config', configFile, '--store', store, '--port', String(natsPort)],
  ])
  await writeFile(join(store, 'port'), `${natsPort}\n`)
  return { site: made.site, configFile, natsPort, credsOf }
}

/** The port that the server of a data folder had last; 0 where it had none. */
export const natsPortOf = async (data: string): Promise<number> => {
  const port = Number(await readFile(join(data, 'nats', 'port'), 'utf8').catch(() => '0'))
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : 0
}
