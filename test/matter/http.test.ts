import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { dayIn } from '../../kernel/centre/day.ts'
import { openDeadlineWheel } from '../../kernel/deadline-wheel.ts'
import { openHooks } from '../../kernel/hooks/hooks.ts'
import { openTraceSwitch } from '../../kernel/hooks/trace-switch.ts'
import type { App } from '../../kernel/http/app.ts'
import { openServer } from '../../kernel/http/server.ts'
import type { World } from '../../kernel/http/world.ts'
import { openMetrics } from '../../kernel/metrics.ts'
import { openReception, type Reception, TODAY } from './reception.ts'

let r: Reception
let app: App
beforeEach(async () => {
  r = await openReception()
  await r.record('user', { id: 'manager', roles: [] })
  app = await openServer(worldOf(r))
})
afterEach(async () => {
  await app.close()
  await r.done()
})

/** The routes of matter reach the ledger, the store and the ids; the rest of the world is not asked. */
const worldOf = ({ ledger, store, newId }: Reception): World => ({
  site: 'centre',
  version: '0.1.0',
  ledger,
  read: store.read,
  slowRead: store.slowRead,
  newId,
  clock: openDeadlineWheel(),
  dayOf: dayIn('Europe/Paris'),
  hooks: openHooks({ clock: openDeadlineWheel(), newId, note: () => {}, slowMs: 100, maxDepth: 8 }),
  trace: openTraceSwitch({ addTap: () => () => {}, clock: openDeadlineWheel(), write: () => {} }),
  digest: (text) => text,
  verify: () => Promise.reject(new Error('not asked here')),
  degradedBy: () => [],
  relay: () => ({ state: 'up', told: 0, behind: 0 }),
  modules: {
    list: async () => [],
    view: async () => undefined,
    states: () => [],
    marks: () => [],
    ordered: async () => {},
    permissions: (module) => ({ module, policy: 'first', blocked: false, rights: [] }),
    admit: async () => false,
    remove: async () => {},
    callHttp: () => Promise.reject(new Error('not asked here')),
    openHttp: () => Promise.reject(new Error('not asked here')),
    errand: () => Promise.reject(new Error('not asked here')),
    manifests: () => [],
    jobsOf: async () => [],
    configs: {
      view: (module) => ({ module, isKnown: false, items: [] }),
      put: () => Promise.reject(new Error('not asked here')),
      patch: () => Promise.reject(new Error('not asked here')),
      list: () => Promise.reject(new Error('not asked here')),
      checkList: () => {},
    },
    setLogLevel: () => Promise.reject(new Error('not asked here')),
    wanted: { take: () => Promise.reject(new Error('not asked here')) },
    deadLetters: {
      list: async () => [],
      one: () => Promise.reject(new Error('not asked here')),
      retry: () => Promise.reject(new Error('not asked here')),
      discard: () => Promise.reject(new Error('not asked here')),
    },
  },
  metrics: openMetrics(() => ({ position: 0, told: 0, behind: 0, busUp: true })),
  log: pino({ level: 'silent' }),
})

const post = async (url: string, payload?: object) => {
  const headers = { 'recyclique-actor': 'manager', 'idempotency-key': r.newId() }
  const answer = await app.inject({ method: 'POST', url, headers, ...(payload ? { payload } : {}) })
  return { status: answer.statusCode, body: answer.json() }
}
const get = async (url: string) => (await app.inject({ url })).json()

const openDeposit = async () =>
  (await post('/v1/deposits', { postId: 'quai', origin: 'voluntary', note: 'repasse lundi' })).body.depositId as string

test('a deposit is opened, weighed, corrected and closed, and reads back with its lines and its corrections', async () => {
  const id = await openDeposit()
  const weighed = await post(`/v1/deposits/${id}/lines`, {
    categoryId: 'textile',
    grossGrams: 12_400,
    containerId: 'chariot',
  })
  expect(weighed).toMatchObject({ status: 201, body: { line: 1, netGrams: 10_400, journal: 'post-quai', number: 2 } })
  const { lineId } = weighed.body
  const corrected = await post(`/v1/deposits/${id}/lines/${lineId}/corrections`, {
    expectedNetGrams: 10_400,
    after: { categoryId: 'textile', grossGrams: 11_400, containerId: 'chariot' },
  })
  expect(corrected).toMatchObject({ status: 201, body: { sourceGramsBefore: 10_400, sourceGramsAfter: 9_400 } })
  expect(await post(`/v1/deposits/${id}/close`)).toMatchObject({
    status: 200,
    body: { status: 'closed', lineCount: 1, netGrams: 9_400 },
  })

  expect(await get(`/v1/deposits/${id}`)).toMatchObject({
    depositId: id,
    status: 'closed',
    netGrams: 9_400,
    note: 'repasse lundi',
    lines: [{ lineId, netGrams: 9_400, revision: 2, isStruck: false }],
    corrections: [{ lineId, before: { netGrams: 10_400 }, after: { netGrams: 9_400 }, actor: 'manager' }],
  })
})

test('deposits are listed newest first, page by page, by post and by status', async () => {
  const [first, second, third] = [await openDeposit(), await openDeposit(), await openDeposit()]
  await post(`/v1/deposits/${second}/lines`, { categoryId: 'textile', grossGrams: 500 })
  await post(`/v1/deposits/${second}/close`)
  const ids = (page: { items: { depositId: string }[] }) => page.items.map(({ depositId }) => depositId)
  const page = await get('/v1/deposits?limit=2')
  expect(ids(page)).toEqual([third, second])
  expect(ids(await get(`/v1/deposits?limit=2&after=${page.next}`))).toEqual([first])
  expect(ids(await get('/v1/deposits?status=open&postId=quai'))).toEqual([third, first])
  expect(ids(await get('/v1/deposits?postId=cave'))).toEqual([])
})

test('an exit is recorded, corrected, listed, and reads back with its lines', async () => {
  const exit = await post('/v1/exits', {
    kind: 'recycler',
    partnerId: 'le-relais',
    reference: 'BSD-14',
    lines: [{ categoryId: 'textile', grossGrams: 300_000 }],
    note: 'benne pleine',
  })
  expect(exit).toMatchObject({ status: 201, body: { totalGrams: 300_000, journal: 'exits' } })
  const { exitId, lines } = exit.body
  const corrected = await post(`/v1/exits/${exitId}/lines/${lines[0].lineId}/corrections`, {
    expectedNetGrams: 300_000,
    after: null,
  })
  expect(corrected).toMatchObject({ status: 201, body: { after: null, sourceGramsAfter: 0 } })
  expect(await get('/v1/exits?kind=recycler')).toMatchObject({
    items: [{ exitId, totalGrams: 0, reference: 'BSD-14' }],
  })
  expect(await get(`/v1/exits/${exitId}`)).toMatchObject({
    note: 'benne pleine',
    lines: [{ isStruck: true }],
    corrections: [{ before: { netGrams: 300_000 }, after: null }],
  })
})

test('stock gives categories, their total and the days of one period', async () => {
  await r.receive('textile', 5_000)
  await r.exit({ kind: 'bins', lines: [{ categoryId: 'textile', grossGrams: 1_000 }] })
  expect(await get(`/v1/stock?from=${TODAY}&to=${TODAY}`)).toMatchObject({
    from: TODAY,
    categories: [{ categoryId: 'textile', inGrams: 5_000, out: { bins: 1_000 }, closingGrams: 4_000 }],
    total: { inGrams: 5_000, outGrams: 1_000, closingGrams: 4_000 },
    days: [{ day: TODAY, inGrams: 5_000, outGrams: 1_000 }],
  })
})

test('movements are read page by page', async () => {
  await r.exit({ kind: 'bins', lines: [1, 2, 3].map((grossGrams) => ({ categoryId: 'textile', grossGrams })) })
  const page = await get('/v1/movements?limit=2&flow=bins')
  expect(page.items.map(({ grams }: { grams: number }) => grams)).toEqual([-1, -2])
  expect((await get(`/v1/movements?limit=2&flow=bins&after=${page.next}`)).items).toMatchObject([{ grams: -3 }])
})

test.each([
  ['/v1/stock?from=2026-03-10&to=2026-03-09', 400, 'period-invalid'],
  ['/v1/stock?from=2026-02-30&to=2026-03-09', 422, 'date-unreal'],
  ['/v1/stock?from=2026-03-01', 400, 'body-invalid'],
  ['/v1/movements?from=2026-03-10&to=2026-03-09', 400, 'period-invalid'],
  ['/v1/deposits?from=2026-03-10&to=2026-03-09', 400, 'period-invalid'],
  ['/v1/exits?to=2026-02-30', 422, 'date-unreal'],
  ['/v1/movements?after=12', 400, 'request-invalid'],
  ['/v1/deposits/00000000-0000-7000-8000-999999999999', 404, 'not-found'],
  ['/v1/exits/00000000-0000-7000-8000-999999999999', 404, 'not-found'],
])('GET %s is answered with %i %s', async (url, status, code) => {
  expect(await get(url)).toMatchObject({ status, code })
})

test('a body that is not to the letter is refused, and nothing is kept', async () => {
  const id = await openDeposit()
  const before = r.ledger.head.position
  for (const wrong of [{ grossGrams: 12.4 }, { grossGrams: '900' }, { grossGrams: -1 }, { grossGrams: 1, weight: 1 }])
    expect(await post(`/v1/deposits/${id}/lines`, { categoryId: 'textile', ...wrong })).toMatchObject({ status: 400 })
  expect(await post('/v1/exits', { kind: 'bins', lines: [] })).toMatchObject({ status: 400 })
  expect(r.ledger.head.position).toBe(before)
})

test('training says so on its face', async () => {
  const body = { postId: 'quai', origin: 'voluntary', mode: 'training' }
  expect((await post('/v1/deposits', body)).body).toMatchObject({ mark: 'FACTICE', journal: 'training-post-quai' })
})
