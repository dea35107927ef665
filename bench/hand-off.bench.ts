import { once } from 'node:events'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'

/** What a sale and its fact cost on their way to another thread and back, alone and in groups. `node bench/hand-off.bench.ts` */
const ACTS = 20_000

const UUID = '01a1fcf7-4364-727e-bb10-a183a3cfd718'

const command = {
  key: UUID,
  digest: 'd'.repeat(64),
  actor: 'manager',
  id: UUID,
  body: {
    sessionId: UUID,
    lines: [1, 2, 3].map(() => ({ categoryId: 'livres', qty: 1, unitCents: 300, grams: 700 })),
    totalCents: 900,
    payments: [{ methodId: 'cash', cents: 900 }],
  },
}

const fact = {
  position: 1,
  id: UUID,
  journal: 'register-caisse-1',
  seq: 1,
  mode: 'live',
  name: 'sale.recorded',
  version: 1,
  site: 'centre',
  recordedAt: '2026-11-21T07:17:05.508Z',
  businessDate: '2026-11-21',
  actor: 'manager',
  hash: 'f'.repeat(64),
  data: {
    saleId: UUID,
    registerId: 'caisse-1',
    sessionId: UUID,
    lines: [1, 2, 3].map((line) => ({
      line,
      categoryId: 'livres',
      categoryName: 'Livres',
      qty: 1,
      unitCents: 300,
      lineCents: 300,
      lineGrams: 700,
    })),
    totalCents: 900,
    donationCents: 0,
    payments: [{ methodId: 'cash', cents: 900, direction: 'in', nature: 'sale' }],
    isGloballyPriced: false,
    hasNote: false,
  },
}

const answer = (acts: { nr: number }[]) =>
  parentPort?.postMessage(acts.map(({ nr }) => ({ nr, kept: { facts: [fact] } })))

const measure = async (worker: Worker, group: number) => {
  const acts = Array.from({ length: group }, (_, nr) => ({ nr, rule: 'recordSale', command: structuredClone(command) }))
  const rounds = Math.floor(ACTS / group)
  const before = process.threadCpuUsage()
  const begin = performance.now()
  for (let round = 0; round < rounds; round += 1) {
    worker.postMessage(acts)
    await once(worker, 'message')
  }
  const { user, system } = process.threadCpuUsage(before)
  return {
    'acts a message': group,
    'µs of this thread an act': ((user + system) / rounds / group).toFixed(1),
    'µs there and back': Math.round(((performance.now() - begin) * 1000) / rounds),
  }
}

if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url))
  const rows: object[] = []
  for (const group of [1, 16, 64]) rows.push(await measure(worker, group))
  console.table(rows)
  await worker.terminate()
} else parentPort?.on('message', answer)
