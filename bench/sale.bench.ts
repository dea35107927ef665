import { type ChildProcess, fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import autocannon from 'autocannon'
import { KERNEL_ENV, KERNEL_FLAGS } from './support/as-up-does.ts'

/**
 * Durable sales per second over HTTP, ours beside two peers, in one run on one machine: each server in a process of its own, the
 * load from this one, a sale of three lines, every answer a 201 that is on disk. `npm run bench:sale`; `SECONDS=10` for longer.
 */
const SECONDS = Number(process.env.SECONDS ?? 5)
const CONCURRENCIES = [1, 16, 64]
/** The order changes from round to round, so that no server always has the warm or the busy disk. */
const ROUNDS = Number(process.env.ROUNDS ?? 3)

interface Server {
  readonly name: string
  readonly url: string
  readonly sessionId: string
  readonly process: ChildProcess
}

const HEADERS = { 'content-type': 'application/json', 'recyclique-actor': 'manager' }

const start = async (name: string, file: string, env: Record<string, string>): Promise<Server> => {
  const child = fork(new URL(file, import.meta.url), {
    execArgv: KERNEL_FLAGS,
    env: { ...process.env, ...KERNEL_ENV, ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const [message] = (await once(child, 'message')) as [{ ready?: { url: string }; failed?: { message: string } }]
  if (!message.ready) throw new Error(`${name}: ${message.failed?.message}`)
  return { name, url: message.ready.url, sessionId: randomUUID(), process: child }
}

const send = async (url: string, method: string, path: string, body: unknown): Promise<Record<string, unknown>> => {
  const response = await fetch(url + path, {
    method,
    headers: { ...HEADERS, 'idempotency-key': randomUUID() },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`)
  return (await response.json()) as Record<string, unknown>
}

const openTill = async (server: Server): Promise<Server> => {
  await send(server.url, 'PUT', '/v1/registers/caisse-1', { name: 'Caisse 1' })
  for (const id of ['livres', 'vaisselle', 'textile'])
    await send(server.url, 'PUT', `/v1/categories/${id}`, {
      shortName: id,
      officialName: id,
      eee: 'none',
      shownAtSale: true,
      shownAtReception: true,
    })
  const session = await send(server.url, 'POST', '/v1/cash-sessions', { registerId: 'caisse-1', floatCents: 5000 })
  return { ...server, sessionId: String(session.sessionId) }
}

const saleOf = (sessionId: string) => ({
  sessionId,
  lines: ['livres', 'vaisselle', 'textile'].map((categoryId) => ({ categoryId, qty: 1, unitCents: 300, grams: 700 })),
  totalCents: 900,
  payments: [{ methodId: 'cash', cents: 900 }],
})

const measure = async ({ url, sessionId }: Server, connections: number) => {
  const result = await autocannon({
    url: `${url}/v1/sales`,
    connections,
    duration: SECONDS,
    method: 'POST',
    body: JSON.stringify(saleOf(sessionId)),
    setupClient(client) {
      const fresh = () => client.setHeaders({ ...HEADERS, 'idempotency-key': randomUUID() })
      fresh()
      client.on('response', fresh)
    },
  })
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${result.non2xx} refused, ${result.errors} failed`)
  return { perSecond: result['2xx'] / result.duration, p50: result.latency.p50, p99: result.latency.p99 }
}

const median = (numbers: number[]) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0

const folder = mkdtempSync(join(tmpdir(), 'recyclique-bench-'))
const servers = [
  await openTill(
    await start('Recyclique', '../kernel/main.ts', {
      RECYCLIQUE_DATA: join(folder, 'ours'),
      RECYCLIQUE_PORT: '0',
      LOG_LEVEL: 'warn',
    }),
  ),
  await start('bare Fastify, group commit', './peers/bare-till.ts', {
    PEER: 'group',
    PEER_FILE: join(folder, 'group.sqlite'),
  }),
  await start('bare Fastify, a transaction each', './peers/bare-till.ts', {
    PEER: 'each',
    PEER_FILE: join(folder, 'each.sqlite'),
  }),
]
const rows: Record<string, string | number>[] = []
for (const connections of CONCURRENCIES) {
  const results = new Map<string, { perSecond: number; p50: number; p99: number }[]>(
    servers.map(({ name }) => [name, []]),
  )
  for (let round = 0; round < ROUNDS; round += 1)
    for (const server of round % 2 === 0 ? servers : servers.toReversed())
      results.get(server.name)?.push(await measure(server, connections))
  const ours = median(results.get('Recyclique')?.map(({ perSecond }) => perSecond) ?? [])
  for (const [name, measured] of results) {
    const perSecond = median(measured.map((one) => one.perSecond))
    rows.push({
      clients: connections,
      server: name,
      'sales/s': Math.round(perSecond),
      'p50 ms': median(measured.map(({ p50 }) => p50)),
      'p99 ms': median(measured.map(({ p99 }) => p99)),
      'ours / it': (ours / perSecond).toFixed(2),
    })
  }
}
console.table(rows)
for (const server of servers) {
  server.process.kill('SIGTERM')
  await once(server.process, 'exit')
}
rmSync(folder, { recursive: true })
