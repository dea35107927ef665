import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { factsNamed } from '../integration/centre.ts'
import { type Child, moduleEnv, startChild } from '../modules/child.ts'
import { type KernelProcess, startKernelProcess } from '../support/kernel-process.ts'
import { startTestServer, type TestServer } from '../support/nats.ts'
import { until } from '../support/wait.ts'
import { category } from './room.ts'

// The module in processes of its own, beside a real kernel and a real server.

/** All twenty by hand: `RECYCLIQUE_KILLS=20 npx vitest run --project all test/barcodes/processes.test.ts`. */
const KILLS = Number(process.env.RECYCLIQUE_KILLS ?? 3)

vi.setConfig({ testTimeout: 60_000 + KILLS * 15_000 })

let server: TestServer
let kernel: KernelProcess
let running: Child[] = []
let nth = 0

beforeAll(async () => {
  server = await startTestServer({ site: 'essai' })
  const env = { RECYCLIQUE_KEYS: server.keyring.folder, RECYCLIQUE_SITE: 'essai' }
  kernel = await startKernelProcess({ nats: server.url, env })
  await kernel.api('PUT', '/v1/registers/caisse-1', { name: 'Caisse 1' })
  const { id: _, archived: __, ...livres } = category('livres', 'Livres')
  await kernel.api('PUT', '/v1/categories/livres', livres)
  await startOne()
})
afterAll(async () => {
  for (const child of running) child.process.kill('SIGKILL')
  await Promise.all(running.map(({ ended }) => ended))
  await kernel.done()
  await server.stop()
})

/** Resolves when it is asked, and has heard of the category. */
const startOne = async (): Promise<Child> => {
  nth += 1
  const instance = `barcodes-${nth}`
  const child = startChild('modules/barcodes/main.ts', await moduleEnv(server, 'barcodes', instance))
  running.push(child)
  await until(async () => {
    const { body } = await kernel.api('GET', '/v1/modules/barcodes')
    const mine = body.instances?.find(({ id }: { id: string }) => id === instance)
    return mine?.state === 'active' && body.lag === 0
  }, 40_000)
  return child
}

const kill = async (child: Child) => {
  child.process.kill('SIGKILL')
  await child.ended
  running = running.filter((one) => one !== child)
}

const order = (key: string, count = 3) =>
  kernel.api('POST', '/m/barcodes/batches', { kind: 'object', categoryId: 'livres', count, cents: 200 }, { key })
type Resolved = { answer: object | null; from: object | null; skipped: unknown[] }
const asked = async (code: string) =>
  (await kernel.api('GET', `/v1/codes/${code}?registerId=caisse-1`)).body as Resolved

/** On a machine that is busy with other things a till may go without an answer; here it is asked again. */
const resolved = (code: string) =>
  until(async () => {
    const found = await asked(code)
    return found.skipped.length === 0 ? found : undefined
  }, 30_000)

test('killed in mid-work again and again: no label is lost, none is given twice, and each is known', async () => {
  const labels: string[][] = []
  for (let round = 1; round <= KILLS; round += 1) {
    const [victim] = running
    const working = [order(`round-${round}-a`), order(`round-${round}-b`), asked('R00000010009')]
    // Sometimes before the fact is kept, sometimes between the fact and the answer, sometimes behind both.
    if (round % 3 === 1) await until(() => factsNamed(kernel.dataDir, 'barcodes.labels-made').length > 2 * (round - 1))
    if (round % 3 === 2) await working[0]
    if (victim) await kill(victim)
    await Promise.allSettled(working)
    await startOne()
    for (const key of [`round-${round}-a`, `round-${round}-b`]) {
      const { status, body } = await order(key)
      expect(status, JSON.stringify(body)).toBe(201)
      labels.push(body.labels)
    }
  }
  const all = labels.flat()
  expect(all).toHaveLength(KILLS * 6)
  expect(new Set(all).size).toBe(all.length)
  const kept = factsNamed(kernel.dataDir, 'barcodes.labels-made')
  expect(kept).toHaveLength(KILLS * 2)
  expect(kept.map(({ seq }) => seq)).toEqual(kept.map((_, at) => at + 1))
  for (const label of all)
    expect((await resolved(label)).answer).toMatchObject({ labelId: label.toLowerCase(), unitCents: 200 })
  expect((await kernel.api('POST', '/v1/ledger/verify')).body).toMatchObject({ ok: true, found: 0 })
})

test('two processes beside each other give different numbers, and both know the labels of the other', async () => {
  await startOne()
  const made = await Promise.all(Array.from({ length: 12 }, (_, at) => order(`beside-${at}`, 1)))
  const labels = made.flatMap(({ body }) => body.labels as string[])
  expect(new Set(labels).size).toBe(12)
  for (const label of [...labels, ...labels])
    expect((await resolved(label)).answer).toMatchObject({ labelId: label.toLowerCase() })
})

test('a thing that is sold with its label is said to be sold, and the sale is not held up', async () => {
  const { body } = await order('sold', 1)
  const [label = ''] = body.labels as string[]
  const line = (await resolved(label)).answer as { categoryId: string; labelId: string; unitCents: number }
  const session = await kernel.api('POST', '/v1/cash-sessions', { registerId: 'caisse-1', floatCents: 5000 })
  const { categoryId, labelId, unitCents } = line
  const sell = () =>
    kernel.api('POST', '/v1/sales', {
      sessionId: session.body.sessionId,
      lines: [{ categoryId, qty: 1, unitCents, labelId }],
      ...{ totalCents: 200, payments: [{ methodId: 'cash', cents: 200 }] },
    })
  expect((await sell()).status).toBe(201)
  const notice = await until(async () => ((await resolved(label)).answer as { notice?: string }).notice)
  expect(notice).toMatch(/déjà été vendue le .*\(ticket 1, caisse-1\)/)
  expect((await sell()).status).toBe(201)
})

test('with the module gone nothing is left of it in the flow: a code is null, and a sale is a sale', async () => {
  for (const child of [...running]) await kill(child)
  await until(async () => (await kernel.api('GET', '/v1/modules/barcodes')).body.state !== 'active')
  expect(await resolved('R00000010009')).toMatchObject({ answer: null, from: null })
  expect((await kernel.api('GET', '/m/barcodes/')).status).toBe(503)
})
