import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Kernel, openKernel } from '../../kernel/kernel.ts'
import { readSettings } from '../../kernel/settings.ts'
import { startTestServer, type TestServer } from '../support/nats.ts'
import { until } from '../support/wait.ts'
import { manifestOf, playModule } from './module-on-wire.ts'

let server: TestServer
let kernel: Kernel
let dataDir: string

const start = async (env: Record<string, string> = {}) => {
  const settings = readSettings({
    ...{ RECYCLIQUE_DATA: dataDir, RECYCLIQUE_PORT: '0', RECYCLIQUE_SITE: 'essai', LOG_LEVEL: 'silent' },
    ...{ RECYCLIQUE_KEYS: join(server.folder, 'keys'), NATS_URL: server.url, ...env },
  })
  kernel = await openKernel(settings, pino({ level: 'silent' }), (error) => {
    throw error
  })
  await until(() => kernel.busState() === 'connected')
}
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'recyclique-registry-'))
  server = await startTestServer()
})
afterEach(async () => {
  await kernel.close()
  await server.stop()
  await rm(dataDir, { recursive: true, force: true })
})

// biome-ignore lint/suspicious/noExplicitAny: answers of every shape
const send = async (method: string, path: string, body?: object): Promise<{ status: number; json: any }> => {
  const headers = {
    ...{ 'recyclique-actor': 'manager', 'idempotency-key': randomUUID() },
    ...(body ? { 'content-type': 'application/json' } : {}),
  }
  const answer = await fetch(`${kernel.url}${path}`, {
    method,
    headers,
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  return { status: answer.status, json: await answer.json() }
}
const get = (path: string) => send('GET', path)

const VALIDATES = { hears: [], answers: [{ hook: 'sale.validate', handler: 'check', args: ['totalCents'] }] }
const play = async (name: string, more: object = {}) =>
  playModule(await server.addModule(name), `${name}-1`, manifestOf(name, { ...VALIDATES, ...more }))

test('the plan of a question explains itself: who is asked, where, why, and who is not', async () => {
  await start()
  await (await play('older')).announce()
  await (await play('newer')).announce()
  await (await play('needy', { requires: { auth: '^2.0.0' } })).announce()

  const { json } = await get('/v1/hooks/sale.validate/plan')

  expect(json).toMatchObject({
    words: 'May this sale go through?',
    owner: 'kernel',
    how: [
      'Every module is asked, and every answer counts.',
      'All are asked at once.',
      'Everything together takes 150 ms at most.',
      expect.stringMatching(/^Who fails or is silent is left out/),
      expect.stringMatching(/^Who was not heard is asked once more/),
    ],
    steps: [
      {
        ...{ place: 1, module: 'newer', version: '1.0.0', handler: 'check', band: 'normal', wrapper: false },
        ...{ args: ['totalCents'], need: 'policy', state: 'active' },
        why: 'first: normal place, rank 2 (newer modules come first)',
      },
      { place: 2, module: 'older', why: 'second: normal place, rank 1 (newer modules come first)' },
    ],
    notAsked: [{ module: 'needy', state: 'pending', reasons: ["It waits for 'auth' ^2.0.0, which is not at work."] }],
  })
  expect((await get('/v1/hooks')).json.items).toContainEqual(
    expect.objectContaining({ name: 'sale.validate', answering: 2, missing: [], mode: 'collect' }),
  )
  expect((await get('/v1/hooks/no.such/plan')).status).toBe(404)
})

test('an operator disables, blocks and marks; the ledger knows who did', async () => {
  await start()
  const module = await play('stamps')
  await module.announce()

  expect(await send('PUT', '/v1/modules/stamps/desired-state', { state: 'disabled', reason: 'no paper' })).toEqual({
    ...{ status: 200, json: { name: 'stamps', desired: 'disabled' } },
  })
  expect((await get('/v1/modules/stamps')).json).toMatchObject({
    ...{ state: 'disabled', desired: 'disabled', reasons: ['An operator disabled it: no paper.'] },
  })
  await send('PUT', '/v1/modules/stamps/desired-state', { state: 'enabled' })
  await send('POST', '/v1/modules/stamps/block', {})
  await until(() => module.connection.isClosed())
  expect((await get('/v1/modules/stamps')).json).toMatchObject({ state: 'blocked', blocked: true })
  expect((await send('PUT', '/v1/hooks/sale.validate/marks/stamps', { need: 'required' })).json.items).toEqual([
    { hook: 'sale.validate', module: 'stamps', need: 'required' },
  ])
  expect((await get('/v1/hooks/sale.validate/plan')).json.missing).toEqual([
    { module: 'stamps', reasons: ['An operator blocked it.'] },
  ])
  const { json } = await get('/v1/ledger?limit=100')
  // biome-ignore lint/suspicious/noExplicitAny: rows of every shape
  const orders = json.items.filter((row: any) => row.name === 'module.ordered')
  expect(orders.length).toBe(4)
  expect(new Set(orders.map(({ actor }: { actor: string }) => actor))).toEqual(new Set(['manager']))
})

test('health lists every module, and only what is required makes the whole unwell', async () => {
  await start()
  const well = await play('well')
  await well.beWell(() => ({ ok: true, details: { queue: 3 } }))
  await well.announce()
  const ill = await play('ill')
  await ill.beWell(() => ({ ok: false, words: 'the scale is not there' }))
  await ill.announce()
  await (await play('quiet')).announce()
  await until(async () => (await get('/v1/modules/ill')).json.state === 'degraded')

  const fine = await get('/v1/control/health')
  expect(fine.status).toBe(200)
  expect(fine.json.modules).toMatchObject([
    { name: 'ill', ok: false, words: 'ill-1 says that it is not well: the scale is not there.' },
    { name: 'quiet', ok: true },
    { name: 'well', ok: true, details: { 'well-1': { queue: 3 } } },
  ])

  await send('PUT', '/v1/hooks/*/marks/ill', { need: 'required' })
  const sick = await get('/v1/control/health')
  expect(sick).toMatchObject({ status: 503, json: { ok: false } })
  expect(sick.json.modules.length).toBe(3)
})

test('each control page can be switched off, and then it is not there', async () => {
  await start({ RECYCLIQUE_CONTROL: 'heartbeat,environ' })
  expect((await get('/v1/control/heartbeat')).json).toMatchObject({ position: expect.any(Number) })
  const { json } = await get('/v1/control/environ')
  expect(json.items).toContainEqual({ name: 'NATS_URL', origin: 'environment' })
  expect(JSON.stringify(json)).not.toContain(server.url)
  expect((await get('/v1/control/health')).status).toBe(404)
  expect((await get('/v1/control/version')).status).toBe(404)
})

test('the control pages lie where the operator wants them, and nowhere else', async () => {
  await start({ RECYCLIQUE_CONTROL_PREFIX: '/watch/centre' })
  expect((await get('/watch/centre/heartbeat')).json).toMatchObject({ position: expect.any(Number) })
  expect((await get('/watch/centre/health')).status).toBe(200)
  expect((await get('/v1/control/health')).status).toBe(404)
  for (const prefix of ['/v1/sales', '/m', '/healthz', 'control', '/a//b', '/Ü'])
    expect(() => readSettings({ RECYCLIQUE_CONTROL_PREFIX: prefix })).toThrow(
      /^RECYCLIQUE_CONTROL_PREFIX=.*such as \/control$/,
    )
})

test('a module without which the operator does not want to begin is missed after a while, and the till sells', async () => {
  await start({ RECYCLIQUE_REQUIRED_MODULES: 'auth', RECYCLIQUE_REQUIRED_WITHIN_MS: '1' })
  await until(async () => (await get('/readyz')).json.status === 'degraded')
  expect((await get('/readyz')).json.reasons).toEqual([
    'module auth is required and not at work: it has not announced itself yet',
  ])
  expect((await get('/v1/control/health')).status).toBe(503)
  expect((await get('/v1/users')).status).toBe(200)
})

test('the documents for programs are served, with the hooks and facts of the modules that are in', async () => {
  await start()
  const data = { type: 'object', properties: { copies: { type: 'integer' } }, required: ['copies'] }
  const tells = [{ name: 'labels.printed', version: 2, data }]
  const specs = [{ name: 'labels.choose', version: 1, mode: 'first', args: data, answer: data, deadlineMs: 200 }]
  await (await play('labels', { tells, specs })).announce()

  const { channels } = (await get('/v1/docs/asyncapi.json')).json
  expect(channels['fact.labels.printed'].messages['labels.printed'].payload).toMatchObject({ required: ['copies'] })
  expect(channels['hook.labels.choose'].messages.question.payload.properties.args).toMatchObject({
    required: ['copies'],
  })
  expect(channels['hook.sale.validate'].address).toBe('rq.{site}.mod.{module}.{instance}.hook.sale.validate')

  expect((await get('/v1/docs/openapi.json')).json.openapi).toBe('3.1.0')
  const { items } = (await get('/v1/docs/schemas')).json
  expect(items).toEqual(expect.arrayContaining(['manifest', 'sale.recorded', 'price.suggest.answer']))
  expect((await get('/v1/docs/schemas/sale.recorded.json')).json).toMatchObject({
    title: 'sale.recorded',
    type: 'object',
  })
  expect((await get('/v1/docs/recyclique.schema.json')).json).toEqual(
    JSON.parse(readFileSync('docs/recyclique.schema.json', 'utf8')),
  )
  expect(await get('/v1/docs/schemas/no.such.json')).toMatchObject({ status: 404, json: { code: 'not-found' } })
})
