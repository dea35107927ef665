import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { kernelCredentials, moduleCredentials, onlookerCredentials, sysCredentials } from './keys/credentials.ts'
import { initKeys, type Keyring, openKeyring } from './keys/keyring.ts'
import { keepRights } from './keys/module-keys.ts'
import { readIfThere } from './keys/private-files.ts'
import { serverConfig } from './keys/server-config.ts'

/**
 * The keyring's tool, a process of its own: `recyclique` and the compose file start it, so that neither holds a seed. One line of
 * JSON on stdout says what was made; an error says on stderr what to do, with exit code 1.
 *
 *   init [--module NAME=FILE]… [--right NAME=RIGHT]… [--onlooker FILE] [--server-config FILE]
 *                                                       makes what is missing, and writes the files that are named
 *   check                                               { site }: whether the keyring is whole; makes and changes nothing
 *   server-config                                       { config }: the text of nats-server's configuration
 *   module-credentials NAME                             { creds, inboxPrefix, apiPrefix }
 *   kernel-credentials                                  { kernel, system }: what the kernel itself connects with
 *
 * Where: --keys FOLDER (RECYCLIQUE_KEYS, else <RECYCLIQUE_DATA>/keys). Whose: --site ID (RECYCLIQUE_SITE, else the keyring's own,
 * else `centre`). The server: --store FOLDER --host H --port N --monitoring-port N.
 */
const options = {
  keys: { type: 'string' },
  site: { type: 'string' },
  module: { type: 'string', multiple: true },
  right: { type: 'string', multiple: true },
  onlooker: { type: 'string' },
  'server-config': { type: 'string' },
  store: { type: 'string' },
  host: { type: 'string' },
  port: { type: 'string' },
  'monitoring-port': { type: 'string' },
} as const

type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>['values']
type Verb = (keyring: Keyring, values: Values, name: string) => Promise<object>

const run = async (args: string[], env: NodeJS.ProcessEnv): Promise<object> => {
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
  const [name = '', module = ''] = positionals
  const folder = resolve(values.keys ?? (env.RECYCLIQUE_KEYS || join(env.RECYCLIQUE_DATA || 'data', 'keys')))
  // A keyring that is looked at is not completed on the way.
  if (name === 'check') return { site: (await openKeyring(folder)).site }
  const verb = VERBS[name]
  if (!verb) throw new Error(`'${name}' is none of: check, ${Object.keys(VERBS).join(', ')}`)
  const keyring = await initKeys(folder, await siteOf(folder, values.site ?? env.RECYCLIQUE_SITE))
  return verb(keyring, values, module)
}

/** The server's configuration comes last: it lets in the modules that are known by then. */
const init: Verb = async (keyring, values) => {
  const modules: Record<string, string> = {}
  for (const [name, file] of (values.module ?? []).map(nameAndFile)) {
    await writePrivately(file, (await moduleCredentials(keyring, name)).creds)
    modules[name] = file
  }
  const rights = Map.groupBy((values.right ?? []).map(nameAndRight), ([name]) => name)
  for (const [name, named] of rights)
    await keepRights(
      keyring,
      name,
      named.map(([, right]) => right),
    )
  const { onlooker } = values
  if (onlooker !== undefined) await writePrivately(resolve(onlooker), (await onlookerCredentials(keyring)).creds)
  const config = values['server-config']
  if (config !== undefined) await writePrivately(config, await configOf(keyring, values))
  return { site: keyring.site, folder: keyring.folder, modules, ...(config === undefined ? {} : { config }) }
}

const configOf = (keyring: Keyring, values: Values): Promise<string> => {
  const { store, host, port = '-1', 'monitoring-port': monitoring } = values
  if (store === undefined) throw new Error('say with --store FOLDER where the server keeps its streams')
  return serverConfig({
    keyring,
    dataDir: resolve(store),
    port: Number(port),
    ...(host === undefined ? {} : { host }),
    ...(monitoring === undefined ? {} : { monitoringPort: Number(monitoring) }),
  })
}

const siteOf = async (folder: string, wanted: string | undefined): Promise<string> =>
  wanted || ((await readIfThere(join(folder, 'site'))) ?? 'centre')

const nameAndRight = (text: string): [string, string] => {
  const [name = '', right = ''] = text.split(/=(.*)/s)
  if (name === '' || right === '') throw new Error(`'${text}': write --right NAME=RIGHT, as in stock=tells:stock.moved`)
  return [name, right]
}

const nameAndFile = (text: string): [string, string] => {
  const [name = '', file = ''] = text.split(/=(.*)/s)
  if (name === '' || file === '') throw new Error(`'${text}': write --module NAME=FILE`)
  return [name, resolve(file)]
}

/** Replaced in one step: a module that starts meanwhile reads the old credentials, which hold, or the new ones. */
const writePrivately = async (path: string, text: string): Promise<void> => {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(`${path}.new`, text, { mode: 0o600 })
  await rename(`${path}.new`, path)
}

const VERBS: Record<string, Verb> = {
  init,
  'server-config': async (keyring, values) => ({ config: await configOf(keyring, values) }),
  'module-credentials': (keyring, _, module) => moduleCredentials(keyring, module),
  'kernel-credentials': async (keyring) => ({
    kernel: kernelCredentials(keyring).creds,
    system: sysCredentials(keyring).creds,
  }),
}

run(process.argv.slice(2), process.env).then(
  (made) => console.log(JSON.stringify(made)),
  (error: Error) => {
    console.error(error.message)
    process.exitCode = 1
  },
)
