import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findNatsServer, startNatsServer } from '../../cli/nats-server.ts'
import { kernelCredentials, moduleCredentials } from '../../kernel/keys/credentials.ts'
import { initKeys } from '../../kernel/keys/keyring.ts'
import { serverConfig } from '../../kernel/keys/server-config.ts'

/** Where everybody meets. */
export interface Place {
  readonly url: string
  readonly site: string
  readonly folder: string
  readonly keysDir: string
  /** Of the kernel's account, in which both sides of a peer stand. */
  readonly credsFile: string
}

export const moduleCredsFile = ({ folder }: Pick<Place, 'folder'>, name: string): string =>
  join(folder, `${name}.creds`)

const SITE = 'bench'

/** One nats-server with the keys and accounts that `recyclique up` gives it, and credentials for these modules. */
export const startHookServer = async (modules: readonly string[]) => {
  const folder = mkdtempSync(join(tmpdir(), 'recyclique-hooks-'))
  const keysDir = join(folder, 'keys')
  const keyring = await initKeys(keysDir, SITE)
  const place = { site: SITE, folder, keysDir, credsFile: join(folder, 'kernel.creds') }
  writeFileSync(place.credsFile, kernelCredentials(keyring).creds, { mode: 0o600 })
  for (const name of modules) {
    const { creds } = await moduleCredentials(keyring, name)
    writeFileSync(moduleCredsFile(place, name), creds, { mode: 0o600 })
  }
  mkdirSync(join(folder, 'kernel'))
  const configFile = join(folder, 'nats.conf')
  writeFileSync(configFile, await serverConfig({ keyring, dataDir: join(folder, 'nats'), port: -1 }))
  const { path, version } = await findNatsServer({ env: process.env, say: console.error })
  const server = await startNatsServer({ path, configFile })
  // It stands in a process group of its own, and would live on after a run that breaks off.
  const sweep = () => {
    process.kill(server.pid)
    rmSync(folder, { recursive: true, force: true })
  }
  process.once('exit', sweep)
  return {
    place: { ...place, url: server.url } satisfies Place,
    version,
    async stop() {
      process.off('exit', sweep)
      await server.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
