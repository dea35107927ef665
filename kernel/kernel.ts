import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type FactSpec, KernelStarted, KernelStopped, type Site } from '@recyclique/contracts'
import type { Logger } from 'pino'
import { v7 as newId } from 'uuid'
import { dayIn } from './centre/day.ts'
import { findRecord } from './centre/records.ts'
import { firstStart, KERNEL } from './first-start.ts'
import { openServer } from './http/server.ts'
import type { World } from './http/world.ts'
import { joinBus } from './join-bus.ts'
import { openHeadFile } from './ledger/head-file.ts'
import { type Ledger, openLedger } from './ledger/ledger.ts'
import { draft, type Rule } from './ledger/rule.ts'
import { openSealer } from './ledger/seal.ts'
import { openMetrics } from './metrics.ts'
import { projection } from './projection.ts'
import type { Settings } from './settings.ts'
import type { Read, StoreLost } from './store/port.ts'
import { openSqlite } from './store/sqlite.ts'
import { tables } from './tables.ts'
import { openVerifier } from './verify-apart.ts'

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
  const store = openSqlite(settings.ledgerFile, tables)
  const sealer = openSealer(keysDir)
  const calendar = await openCalendar(store.read, site)
  const ledger = await openLedger({
    store,
    sealer,
    headFile: openHeadFile(join(keysDir, 'head')),
    projection,
    site,
    now: () => new Date(),
    dayOf: calendar.dayOf,
    newId,
    onLost,
  })
  await firstStart(ledger, site, newId)
  await tellOfItself(ledger, KernelStarted, { program: VERSION, node: process.version })
  ledger.onCommit(() => void calendar.refresh())

  const bus = await joinBus({ settings, ledger, store, log, version: VERSION })
  const verifier = openVerifier(settings, log)
  const world: World = {
    site,
    version: VERSION,
    ledger,
    read: store.read,
    slowRead: store.slowRead,
    newId,
    digest: (text) => sealer.digest(text),
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
  void store.slowRead.one('SELECT 1').catch(() => {})
  log.info(`selling at ${url}`)

  return {
    url,
    position: () => ledger.head.position,
    busState: bus.state,
    async close() {
      await server.close()
      await tellOfItself(ledger, KernelStopped, { program: VERSION })
      await bus.close(FLUSH_MS)
      await ledger.close()
      await store.close()
    },
  }
}

/** A line of the event log: decided by nobody, it only happened. */
const tellOfItself = async <F extends FactSpec>(ledger: Ledger, spec: F, data: object) => {
  const id = newId()
  const happened: Rule<undefined, undefined> = {
    load: async () => undefined,
    decide: (_, __, { today }) => ({ facts: [draft(spec, data as never, { businessDate: today })] }),
  }
  await ledger.append({ key: `${spec.name}.${id}`, digest: '', actor: KERNEL, id, body: undefined }, happened)
}

/** The day of the site: its time zone may be changed while the kernel runs. */
const openCalendar = async (read: Read, site: string) => {
  const zone = async () => ((await findRecord(read, 'site', site)) as Site | undefined)?.timeZone ?? 'Europe/Paris'
  let timeZone = await zone()
  let day = dayIn(timeZone)
  return {
    dayOf: (instant: Date) => day(instant),
    async refresh() {
      const now = await zone()
      if (now === timeZone) return
      timeZone = now
      day = dayIn(now)
    },
  }
}
