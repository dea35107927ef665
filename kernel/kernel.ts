import { readFileSync } from 'node:fs'
import type { Logger } from 'pino'
import { v7 as newId } from 'uuid'
import { firstStart, KERNEL } from './first-start.ts'
import { openServer } from './http/server.ts'
import type { World } from './http/world.ts'
import { joinBus } from './join-bus.ts'
import { type Happened, happened } from './ledger/happened.ts'
import { rowsFrom } from './ledger/ledger.ts'
import { openSealer } from './ledger/seal.ts'
import { openMetrics } from './metrics.ts'
import type { Settings } from './settings.ts'
import type { StoreLost } from './store/port.ts'
import { openSqliteReads } from './store/sqlite.ts'
import { openVerifier } from './verify-apart.ts'
import { openWriter } from './writer/open-writer.ts'

export const VERSION = (
  JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8')) as { version: string }
).version

/** The kernel while it runs. */
export interface Kernel {
  readonly url: string
  position(): number
  /** In a word, for whoever started it: `connected`, `away` … */
  busState(): string
  /** In order: no new requests, what is under way is kept, facts are told (a moment only), then everything is closed. */
  close(): Promise<void>
}

/** How long a stop waits for the bus to take the last facts. What it does not take is told at the next start. */
const FLUSH_MS = 2000

/** Makes the parts and joins them, from the disk up. `onLost` is called when the disk fails under the ledger. */
export const openKernel = async (
  settings: Settings,
  log: Logger,
  onLost: (error: StoreLost) => void,
): Promise<Kernel> => {
  const { site, keysDir } = settings
  const writer = await openWriter(settings, onLost)
  const reads = openSqliteReads(settings.ledgerFile)
  const ledger: World['ledger'] = {
    append: writer.append,
    rows: (from, limit) => rowsFrom(reads.read, from, limit),
    get head() {
      return writer.head
    },
    onCommit: writer.onCommit,
  }
  const tell = (body: Happened) => {
    const id = newId()
    return ledger.append({ key: `${body.name}.${id}`, digest: '', actor: KERNEL, id, body }, happened)
  }
  await firstStart(ledger, site, newId)
  await tell({ name: 'kernel.started', data: { program: VERSION, node: process.version } })

  const bus = await joinBus({ settings, ledger, read: reads.read, newId, log, version: VERSION })
  const sealer = openSealer(keysDir)
  const verifier = openVerifier(settings, log)
  const world: World = {
    site,
    version: VERSION,
    ledger,
    read: reads.read,
    slowRead: reads.slowRead,
    newId,
    digest: sealer.digest,
    verify: verifier.verify,
    degradedBy: () => [...verifier.alarm(), ...bus.degradedBy()],
    relay: bus.relay,
    modules: bus.modules,
    metrics: openMetrics(() => ({ position: ledger.head.position, busUp: bus.isUp(), ...bus.relay() })),
    log,
  }
  const server = await openServer(world)
  const url = await server.listen({ host: settings.host, port: settings.port })
  // The thread for reports takes a moment to start: better now than under the first report.
  void reads.slowRead.one('SELECT 1').catch(() => {})
  log.info(`selling at ${url}`)

  return {
    url,
    position: () => ledger.head.position,
    busState: bus.state,
    async close() {
      await server.close()
      await tell({ name: 'kernel.stopped', data: { program: VERSION } })
      await bus.close(FLUSH_MS)
      await writer.close()
      await reads.close()
    },
  }
}
