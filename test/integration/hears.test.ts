import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { jetstreamManager } from '@nats-io/jetstream'
import { subjectsOf } from '@recyclique/contracts'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { DayFigures } from '../../modules/live-figures/store.ts'
import { type Child, moduleEnv, startChild } from '../modules/child.ts'
import { type KernelProcess, startKernelProcess } from '../support/kernel-process.ts'
import { startTestServer, type TestServer } from '../support/nats.ts'
import { until } from '../support/wait.ts'
import { type Body, type Centre, inLedger, setUpCentre, ticketOf } from './centre.ts'
import { listen } from './live-line.ts'

// Processes start and end here all the time: on a machine with other work that takes its time.
vi.setConfig({ testTimeout: 120_000 })

// From a request over HTTP to the ledger, the relay, the stream and the module, each in a process of its own, whoever of them dies.

const IS_LONG = process.env.RECYCLIQUE_LONG === '1'
const SALES = IS_LONG ? 5000 : 1000
const SITE = 'essai'
const PATIENCE_MS = 60_000

let server: TestServer
let kernel: KernelProcess
let centre: Centre
let sessionId: string
let environment: Record<string, string>
let figures: Child | undefined
let lines: { close(): void }[]

beforeEach(async () => {
  lines = []
  server = await startTestServer({ site: SITE })
  environment = await moduleEnv(server, 'live-figures', '')
  kernel = await startKernelProcess({
    nats: server.url,
    env: { RECYCLIQUE_KEYS: server.keyring.folder, RECYCLIQUE_SITE: SITE },
  })
  centre = await setUpCentre(kernel)
  sessionId = await centre.open()
})
afterEach(async () => {
  for (const line of lines) line.close()
  await killFigures()
  await kernel.done()
  await server.stop()
})

let instances = 0
const startFigures = () => {
  instances += 1
  figures = startChild('modules/live-figures/main.ts', { ...environment, RECYCLIQUE_INSTANCE: `figures-${instances}` })
}
const killFigures = async () => {
  figures?.process.kill('SIGKILL')
  await figures?.ended
}

/** Today's figures, once they are as wanted; what they were last stands in the failure. */
const figuresOnce = async (wanted: Partial<DayFigures>, withinMs = PATIENCE_MS): Promise<DayFigures> => {
  let last: Body
  const isThere = async () => {
    last = (await centre.api('GET', '/m/live-figures/today')).body
    return Object.entries(wanted).every(([key, value]) => last[key] === value) && last
  }
  await until(isThere, withinMs).catch(() => expect(last).toMatchObject(wanted))
  return last
}

/** In order, as a machine's own service manager does it; it stays away until `server.restart`. */
const stopServer = async () => {
  process.kill(server.pid, 'SIGTERM')
  await until(() => !isRunning(server.pid))
}
const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** So many sales of 2 € and 500 g by ten tills. */
const sellMany = async (count: number) => {
  const left = Array.from({ length: count }).values()
  const statuses: number[] = []
  const till = async () => {
    for (const _ of left) statuses.push((await centre.api('POST', '/v1/sales', ticketOf(sessionId))).status)
  }
  await Promise.all(Array.from({ length: 10 }, till))
  expect(statuses.filter((status) => status !== 201)).toEqual([])
}

const told = () =>
  until(async () => {
    const { status, relay } = await centre.get('/readyz')
    return status === 'ready' && relay.state === 'idle' && relay.behind === 0
  }, PATIENCE_MS)

/** Everything on the stream beside the ledger: each fact once, in order, its sequence its position. */
const expectStreamIsTheLedger = async () => {
  const { stream } = subjectsOf(SITE)
  const connection = await server.connectKernel()
  const { streams, consumers } = await jetstreamManager(connection, { checkAPI: false })
  const { state } = await streams.info(stream)
  const kept = inLedger(kernel.dataDir, (db) =>
    db.prepare('SELECT position, id, hash FROM ledger ORDER BY position').all(),
  ).map(({ position, id, hash }) => `${position} ${id} ${hash}`)
  expect(state).toMatchObject({ first_seq: 1, last_seq: kept.length, messages: kept.length })
  const seen: string[] = []
  const inbox = `_INBOX.look.${Date.now()}`
  const subscription = connection.subscribe(inbox, { max: kept.length })
  const { name } = await consumers.add(stream, { deliver_subject: inbox, ack_policy: 'none', mem_storage: true })
  for await (const { reply = '', headers } of subscription)
    seen.push(`${reply.split('.').at(-4)} ${headers?.get('ce-id')} ${headers?.get('rq-hash')}`)
  await consumers.delete(stream, name)
  expect(seen).toEqual(kept)
}

test('a sale and a weighing over HTTP are told on JetStream and shown by live-figures', async () => {
  startFigures()
  await centre.sell(sessionId, { cents: 1234, grams: 800 })
  await centre.weigh(await centre.deposit(), { grossGrams: 12_400, containerId: 'chariot' })

  const day = await until(async () => {
    const seen = await figuresOnce({ takingsCents: 1234 })
    return seen.in.grams > 0 && seen
  }, PATIENCE_MS)
  expect(day).toMatchObject({
    ...{ takingsCents: 1234, donationsCents: 0, tickets: 1 },
    in: { grams: 10_400, categories: [{ categoryId: 'textile', grams: 10_400 }] },
    out: { grams: 800, tillGrams: 800, exitGrams: 0 },
  })
  await told()
  await expectStreamIsTheLedger()
})

test(`with nats-server away ${SALES} sales go on, and are told once and in order when it is back`, async () => {
  startFigures()
  await centre.sell(sessionId)
  await figuresOnce({ tickets: 1 })
  await stopServer()
  await sellMany(SALES)
  const { status, reasons, relay } = await until(async () => {
    const ready = await centre.get('/readyz')
    return ready.status === 'degraded' && ready
  }, PATIENCE_MS)
  expect({ status, reasons }).toEqual({
    status: 'degraded',
    reasons: [expect.stringMatching(/^NATS: .*sales go on, and what is kept is told when it is back/)],
  })
  expect(relay.state).toBe('away')
  expect(relay.behind).toBeGreaterThanOrEqual(SALES)

  await server.restart()
  await told()
  await expectStreamIsTheLedger()
  await figuresOnce({ tickets: SALES + 1, takingsCents: 200 * (SALES + 1) })
})

test('the whole JetStream store is deleted: everything is told again, and the figures count nothing twice', async () => {
  startFigures()
  await sellMany(50)
  await figuresOnce({ tickets: 50 })
  await server.kill()
  await rm(join(server.folder, 'nats', 'jetstream'), { recursive: true })
  await server.restart()
  await centre.sell(sessionId)
  await told()
  await expectStreamIsTheLedger()
  expect(await figuresOnce({ tickets: 51 })).toMatchObject({ takingsCents: 10_200, out: { grams: 25_500 } })
})

test('the module is killed among sales, and its successor’s figures are exact', async () => {
  startFigures()
  await figuresOnce({ tickets: 0 })
  const selling = sellMany(200)
  await until(async () => (await centre.api('GET', '/m/live-figures/today')).body.tickets > 10, PATIENCE_MS)
  await killFigures()
  await selling
  startFigures()
  expect(await figuresOnce({ tickets: 200 })).toMatchObject({ takingsCents: 40_000, out: { grams: 100_000 } })
})

test('after a restart of the kernel the module is active again, and hears on', async () => {
  startFigures()
  await centre.sell(sessionId)
  await figuresOnce({ tickets: 1 })
  for (const end of [kernel.stop, kernel.kill9]) {
    await end()
    await kernel.restart()
    await until(async () => (await centre.get('/v1/modules/live-figures')).state === 'active', PATIENCE_MS)
    await centre.sell(sessionId)
  }
  expect(await figuresOnce({ tickets: 3 })).toMatchObject({ takingsCents: 600 })
  await told()
  await expectStreamIsTheLedger()
})

test('the live line goes on behind any Last-Event-ID, and while NATS is away', async () => {
  await sellMany(150)
  const { position } = (await centre.get('/readyz')).ledger
  const openLine = async (after?: number) => {
    const line = await listen(kernel.url, after)
    lines.push(line)
    return line
  }
  for (const after of [0, 1, 7, 130, position - 1, position]) {
    const line = await openLine(after)
    const ids = (await line.upTo(position)).map(({ id }) => id)
    expect(ids).toEqual(Array.from({ length: position - after }, (_, n) => after + 1 + n))
    line.close()
  }

  const fresh = await openLine()
  await server.kill()
  const resumed = await openLine(position - 2)
  const sale = await centre.sell(sessionId, { cents: 4321 })
  await sellMany(50)
  const last = position + 51
  expect((await fresh.upTo(last)).map(({ id }) => id)).toEqual(Array.from({ length: 51 }, (_, n) => position + 1 + n))
  expect(await resumed.upTo(last)).toHaveLength(53)
  expect(fresh.events[0]).toMatchObject({
    ...{ id: sale.position, event: 'sale.recorded' },
    data: { position: sale.position, hash: sale.hash, data: { totalCents: 4321 } },
  })

  // A stop ends the line at once instead of waiting for it; a browser comes back with the last id that it saw.
  expect(await kernel.stop()).toBe(0)
  await fresh.ended
  await kernel.restart()
  const again = await openLine(last)
  await centre.sell(sessionId)
  const events = await again.upTo(last + 3)
  expect(events.map(({ event }) => event)).toEqual(['kernel.stopped', 'kernel.started', 'sale.recorded'])
})
