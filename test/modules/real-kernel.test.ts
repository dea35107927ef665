import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { DayFigures } from '../../modules/live-figures/store.ts'
import { startTestServer, type TestServer } from '../support/nats.ts'
import { until } from '../support/wait.ts'
import { type Child, moduleEnv, startChild } from './child.ts'

// The whole way: a request to the kernel's own process, the ledger, the relay, the module's own process, and back over HTTP.

let server: TestServer
let moduleEnvironment: Record<string, string>
let children: Child[]
let kernel: Child
let url: string
let sessionId: string

beforeEach(async () => {
  children = []
  server = await startTestServer({ site: 'essai' })
  moduleEnvironment = await moduleEnv(server, 'live-figures', '')
  await startKernel()
  await put('/v1/registers/caisse-1', { name: 'Caisse 1' })
  await put('/v1/posts/quai', { name: 'Quai' })
  for (const id of ['livres', 'jouets']) {
    const names = { shortName: id, officialName: id }
    await put(`/v1/categories/${id}`, { ...names, eee: 'none', shownAtSale: true, shownAtReception: true })
  }
  sessionId = (await post('/v1/cash-sessions', { registerId: 'caisse-1', floatCents: 0 })).sessionId
})
afterEach(async () => {
  for (const { process } of children) process.kill('SIGKILL')
  await Promise.all(children.map(({ ended }) => ended))
  await server.stop()
})

const run = (script: string, env: Record<string, string>): Child => {
  const child = startChild(script, env)
  children.push(child)
  return child
}

const startKernel = async () => {
  kernel = run('kernel/main.ts', {
    NATS_URL: server.url,
    RECYCLIQUE_SITE: 'essai',
    RECYCLIQUE_DATA: join(server.folder, 'kernel'),
    RECYCLIQUE_KEYS: server.keyring.folder,
    RECYCLIQUE_PORT: '0',
  })
  const { ended, complaints } = kernel
  const line = await Promise.race([kernel.lines.first((one) => one.includes('selling at')), ended.then(String)])
  if (!line.includes('selling at')) throw new Error(`the kernel ended with ${line}: ${complaints()}`)
  url = /selling at (http[^"\s]+)/.exec(line)?.[1] ?? ''
}

const startFigures = (): Child =>
  run('modules/live-figures/main.ts', { ...moduleEnvironment, RECYCLIQUE_INSTANCE: `figures-${children.length}` })

const end = (child: Child, signal: NodeJS.Signals) => {
  child.process.kill(signal)
  return child.ended
}

// biome-ignore lint/suspicious/noExplicitAny: the kernel's answers, of which a test reads one field
const ask = async (method: string, path: string, body?: unknown): Promise<any> => {
  const headers = { 'recyclique-actor': 'manager', 'idempotency-key': randomUUID() }
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: body ? { ...headers, 'content-type': 'application/json' } : headers,
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
  return JSON.parse(text)
}
const put = (path: string, body: unknown) => ask('PUT', path, body)
const post = (path: string, body: unknown) => ask('POST', path, body)

const sell = (cents: number, grams: number, donationCents = 0) =>
  post('/v1/sales', {
    sessionId,
    lines: [{ categoryId: 'livres', qty: 1, unitCents: cents, grams }],
    totalCents: cents,
    donationCents,
    payments: [{ methodId: 'cash', cents: cents + donationCents }],
  })

/** Today's figures, once they are as wanted; what they were last stands in the failure. */
const figuresOnce = async (wanted: Partial<DayFigures>): Promise<DayFigures> => {
  let last: DayFigures | undefined
  const isThere = async () => {
    last = (await ask('GET', '/m/live-figures/today')) as DayFigures
    return Object.entries(wanted).every(([key, value]) => last?.[key as keyof DayFigures] === value) && last
  }
  return (await until(isThere).catch(() => last)) as DayFigures
}

test('everything that happens in a day is in its figures', async () => {
  startFigures()
  const first = await sell(500, 1000, 50)
  await sell(300, 400)
  const third = await sell(200, 100)
  await post(`/v1/sales/${first.saleId}/refunds`, {
    sessionId,
    lines: [{ line: 1, qty: 1, cents: 500 }],
    payments: [{ methodId: 'cash', cents: 500 }],
    areGoodsBack: true,
  })
  await post(`/v1/sales/${third.saleId}/void`, { sessionId })
  const { depositId } = await post('/v1/deposits', { postId: 'quai', origin: 'voluntary' })
  await post(`/v1/deposits/${depositId}/lines`, { categoryId: 'jouets', grossGrams: 7000 })
  const { lineId } = await post(`/v1/deposits/${depositId}/lines`, {
    categoryId: 'livres',
    grossGrams: 960_000,
    confirmed: true,
  })
  await post(`/v1/deposits/${depositId}/lines/${lineId}/corrections`, {
    expectedNetGrams: 960_000,
    after: { categoryId: 'livres', grossGrams: 960 },
  })
  await post('/v1/exits', { kind: 'bins', lines: [{ categoryId: 'jouets', grossGrams: 2000 }] })

  expect(await figuresOnce({ takingsCents: 300 })).toMatchObject({ takingsCents: 300, donationsCents: 50, tickets: 2 })
  const { in: came, out } = await until(async () => {
    const day = await figuresOnce({})
    return day.out.exitGrams === 2000 ? day : undefined
  })
  expect(came.categories).toMatchObject([
    { categoryId: 'jouets', grams: 7000 },
    { categoryId: 'livres', grams: 960 },
  ])
  expect(out).toMatchObject({ grams: 2400, tillGrams: 400, exitGrams: 2000 })
})

test('the page comes through the kernel, in French', async () => {
  startFigures()
  await sell(1234, 500)
  await figuresOnce({ tickets: 1 })
  const answer = await fetch(`${url}/m/live-figures/`)

  expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect((await answer.text()).replace(/[\u00a0\u202f]/g, ' ')).toContain('12,34 €')
})

test('killed ten times while 300 sales are rung up, it ends with exact figures', { timeout: 90_000 }, async () => {
  let [takingsCents, donationsCents, grams] = [0, 0, 0]
  for (let round = 0; round < 10; round += 1) {
    const figures = startFigures()
    await until(async () => (await ask('GET', '/v1/modules/live-figures')).state === 'active')
    for (let n = 0; n < 30; n += 1) {
      const [cents, weight, donation] = [100 + n, 10 + round, n % 3]
      await sell(cents, weight, donation)
      takingsCents += cents
      donationsCents += donation
      grams += weight
      // While the facts of the last sales are on their way, each time after another one.
      if (n === 10 + round) figures.process.kill('SIGKILL')
    }
    expect(await figures.ended).toBe('SIGKILL')
  }
  startFigures()

  expect(await until(() => figuresOnce({ tickets: 300 }))).toMatchObject({
    ...{ tickets: 300, takingsCents, donationsCents },
    out: { grams },
  })
})

test('its own file is deleted: it hears everything again, and ends where it was', async () => {
  const first = startFigures()
  for (let n = 0; n < 20; n += 1) await sell(100, 10)
  await figuresOnce({ tickets: 20 })
  await end(first, 'SIGKILL')
  await rm(moduleEnvironment.RECYCLIQUE_MODULE_DATA ?? '', { recursive: true })
  startFigures()

  expect(await until(() => figuresOnce({ tickets: 20 }))).toMatchObject({ tickets: 20, takingsCents: 2000 })
})

test('the bus’s store is deleted under kernel and module: nothing counts twice, and it goes on', async () => {
  startFigures()
  for (let n = 0; n < 20; n += 1) await sell(100, 10)
  await figuresOnce({ tickets: 20 })
  await server.kill()
  await rm(join(server.folder, 'nats', 'jetstream'), { recursive: true })
  await sell(100, 10)
  await server.restart()

  expect(await until(() => figuresOnce({ tickets: 21 }), 25_000)).toMatchObject({ tickets: 21, takingsCents: 2100 })
})

test('the kernel is killed and started again: the module is known again, and hears on', async () => {
  startFigures()
  await sell(100, 10)
  await figuresOnce({ tickets: 1 })
  await end(kernel, 'SIGKILL')
  await startKernel()
  await sell(100, 10)

  expect(await until(() => figuresOnce({ tickets: 2 }))).toMatchObject({ tickets: 2, takingsCents: 200 })
})
