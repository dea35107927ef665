import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { HOOKS } from '@recyclique/contracts'
import type { Logger } from 'pino'
import { v7 as newId } from 'uuid'
import { openCalendar } from './centre/calendar.ts'
import { openDeadlineWheel } from './deadline-wheel.ts'
import { firstStart, KERNEL } from './first-start.ts'
import type { Clock } from './hooks/clock.ts'
import { type Hooks, openHooks } from './hooks/hooks.ts'
import { openTraceSwitch } from './hooks/trace-switch.ts'
import type { App } from './http/app.ts'
import { callInside } from './http/inside.ts'
import { openServer } from './http/server.ts'
import type { World } from './http/world.ts'
import { type BusParts, joinBus } from './join-bus.ts'
import { type Happened, happened } from './ledger/happened.ts'
import { keepApart } from './ledger/keep-apart.ts'
import { answerTo, rowsFrom } from './ledger/ledger.ts'
import { openSealer } from './ledger/seal.ts'
import { openMetrics } from './metrics.ts'
import { noteInto } from './note-hooks.ts'
import { openShelf } from './pages/shelf.ts'
import { projection } from './projection.ts'
import { KERNEL_API } from './registry/check.ts'
import { loadHistory } from './registry/keep-history.ts'
import { sayStarted } from './say-started.ts'
import type { Settings } from './settings.ts'
import type { StoreLost } from './store/port.ts'
import { openSqliteReads } from './store/sqlite.ts'
import type { Change } from './store/table.ts'
import { openVerifier } from './verify-apart.ts'
import { openWriter } from './writer/open-writer.ts'

export const VERSION = (
  JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8')) as { version: string }
).version

/** The kernel while it runs. */
export interface Kernel {
  readonly url: string
  /** The kernel's questions: modules that run in this process register here. */
  readonly hooks: Hooks
  position(): number
  /** In a word, for whoever started it: `connected`, `away` … */
  busState(): string
  /** In order: no new requests, what is under way is kept, facts are told (a moment only), then everything is closed. */
  close(): Promise<void>
}

/** How long a stop waits for the bus to take the last facts. What it does not take is told at the next start. */
const FLUSH_MS = 2000

/** From here on a module's answer is noted as slow: the till's patience is twice as long. */
const SLOW_MS = 75

/** A question inside a question inside a question: deeper than this it is a circle. */
const MAX_DEPTH = 8

/** Makes the parts and joins them, from the disk up. `onLost` is called when the disk fails under the ledger. */
export const openKernel = async (
  settings: Settings,
  log: Logger,
  onLost: (error: StoreLost) => void,
  { clock = openDeadlineWheel() }: { clock?: Clock } = {},
): Promise<Kernel> => {
  const { site, keysDir } = settings
  const writer = await openWriter(settings, onLost)
  const reads = openSqliteReads(settings.ledgerFile)
  const ledger: World['ledger'] = {
    append: writer.append,
    answerTo: (command) => answerTo(reads.read, projection, command),
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
  const decide: BusParts['decide'] = (rule, body, as = {}) => {
    const id = newId()
    return ledger.append({ key: id, digest: '', actor: KERNEL, ...as, id, body }, rule)
  }
  const keep = async (changes: readonly Change[]) => {
    await decide(keepApart, { changes })
  }
  await firstStart(ledger, site, newId)
  await tell({ name: 'kernel.started', data: { program: VERSION, node: process.version } })

  const calendar = await openCalendar(reads.read, site)
  writer.onCommit(() => void calendar.refresh())
  const metrics = openMetrics(() => ({ position: ledger.head.position, busUp: bus.isUp(), ...bus.relay() }))
  const history = await loadHistory({ read: reads.read, write: keep, log })
  const note = noteInto(log, metrics)
  const hooks = openHooks({
    clock,
    openHistory: history.openHistory,
    newId: callIds(),
    note,
    slowMs: SLOW_MS,
    maxDepth: MAX_DEPTH,
  })
  hooks.book.declare('kernel', HOOKS)
  // Whoever switches it on wants to read it, whatever else the log says.
  const traceLog = log.child({}, { level: 'info' })
  const trace = openTraceSwitch({
    ...{ addTap: hooks.addTap, clock },
    write: (line, of) => traceLog.info({ trace: of.call, hook: of.hook }, line),
  })

  const shelf = await openShelf({ root: join(settings.dataDir, 'pages'), read: reads.read, write: keep, log })
  const own = { ledger, read: reads.read, decide, keep, shelf }
  const opened = Promise.withResolvers<App>()
  const bus = await joinBus({
    ...{ ...own, settings, hooks, note, clock, log, version: VERSION },
    timeZone: calendar.timeZone,
    callApi: async (module, call) => callInside(await opened.promise, module, call),
  })
  sayStarted(hooks, { site, program: VERSION, api: KERNEL_API, startedAt: new Date(clock.now()).toISOString() }, log)
  const sealer = openSealer(keysDir)
  const verifier = openVerifier(settings, log)
  const world: World = {
    site,
    version: VERSION,
    ledger,
    read: reads.read,
    slowRead: reads.slowRead,
    newId,
    clock,
    dayOf: calendar.dayOf,
    hooks,
    trace,
    digest: sealer.digest,
    verify: verifier.verify,
    degradedBy: () => [...verifier.alarm(), ...bus.degradedBy()],
    relay: bus.relay,
    modules: bus.modules,
    pages: shelf,
    control: settings.control,
    metrics,
    log,
  }
  const server = await openServer(world)
  opened.resolve(server)
  const url = await server.listen({ host: settings.host, port: settings.port })
  // The thread for reports takes a moment to start: better now than under the first report.
  void reads.slowRead.one('SELECT 1').catch(() => {})
  log.info(`selling at ${url}`)

  return {
    url,
    hooks,
    position: () => ledger.head.position,
    busState: bus.state,
    async close() {
      await server.close()
      await tell({ name: 'kernel.stopped', data: { program: VERSION } })
      await bus.close(FLUSH_MS)
      await history.flush()
      await writer.close()
      await reads.close()
    },
  }
}

/**
 * Names for calls: random where the kernel's runs must differ, counted where its calls must. A random name each would cost more than
 * the whole rest of a call; a module that guesses one gains nothing, since it stands for a call only in the hands of its own module.
 */
const callIds = (): (() => string) => {
  const run = randomBytes(6).toString('hex')
  let count = 0
  return () => {
    count += 1
    return `${run}-${count.toString(36)}`
  }
}
