import { startNatsServer } from '../nats-server.ts'
import type { Leash } from './leash.ts'
import type { Started } from './running.ts'

type StartServer = { path: string; configFile: string; leash: Leash; onLine: (line: string) => void }

/** Starts nats-server, on the leash. Its `ready` is its address. */
export const startServer = async ({ path, configFile, leash, onLine }: StartServer): Promise<Started<string>> => {
  const { pid, url, ended, stop } = await startNatsServer({ path, configFile, log: onLine, spawned: leash.hold })
  const over = ended.then(() => {
    leash.letGo(pid)
    return { how: 'ended' }
  })
  return { pid, ended: over, stop, ready: Promise.resolve(url) }
}
