import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NatsConnection } from '@nats-io/transport-node'
import { subjectsOf } from '@recyclique/contracts'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Kernel, openKernel } from '../../kernel/kernel.ts'
import { readSettings } from '../../kernel/settings.ts'
import { startTestServer, type TestServer } from '../support/nats.ts'
import { until } from '../support/wait.ts'
import { manifestOf, playModule } from './module-on-wire.ts'

const subjects = subjectsOf('essai')

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
  dataDir = await mkdtemp(join(tmpdir(), 'recyclique-permissions-'))
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
  const init = { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) }
  const answer = await fetch(`${kernel.url}${path}`, init)
  return { status: answer.status, json: await answer.json() }
}
const get = (path: string) => send('GET', path)
const rightsOf = async (name: string): Promise<Record<string, string>> => {
  const { rights } = (await get(`/v1/modules/${name}/permissions`)).json
  return Object.fromEntries(rights.map(({ right, state }: Record<string, string>) => [right, state]))
}
const stateOf = async (name: string) => (await get(`/v1/modules/${name}`)).json.state

const told = (...names: string[]) => names.map((name) => ({ name, version: 1, data: { type: 'object' } }))
const STAMPS = { hears: [], tells: told('stamps.printed') }

/** A module that the server knows with nothing but its name; connected once. */
const play = async (name: string, instance: string, more: object = {}) =>
  playModule(await server.addModule(name, []), instance, manifestOf(name, more))

/** Says something as the module; `nobody` where the server carries it to nobody. */
const says = (connection: NatsConnection, subject: string) =>
  connection.request(subject, '{}', { timeout: 2_000 }).then(
    (answer) => answer.string(),
    (error: Error) => (/no responders/.test(error.message) ? 'nobody' : error.message),
  )
const tellSubject = (fact: string) => subjects.toKernel('stamps', 'tell', fact)

test('what a module asks for when it first comes is granted, kept with who decided, and opens just that on the server', async () => {
  await start()
  const stamps = await play('stamps', 'stamps-1', { ...STAMPS, hears: ['sale.recorded'] })
  expect(await says(stamps.connection, tellSubject('stamps.printed'))).toBe('nobody')

  expect(await stamps.announce()).toMatchObject({ state: 'admitted', hearing: { durable: 'm-stamps' } })

  expect((await get('/v1/modules/stamps/permissions')).json).toMatchObject({
    ...{ module: 'stamps', policy: 'first', blocked: false },
    rights: [
      { right: 'hears:sale.recorded', words: 'hears the fact sale.recorded', state: 'granted', by: 'kernel' },
      { right: 'tells:stamps.printed', state: 'granted', reason: 'It was let in for the first time.' },
    ],
  })
  expect(await stamps.tell('stamps.printed', { data: {} })).toMatchObject({ seq: 1 })
  expect(await says(stamps.connection, tellSubject('stamps.other'))).toBe('nobody')
  expect(await says(stamps.connection, subjects.toKernel('stamps', 'ask', 'price.suggest'))).toBe('nobody')
})

test('a version that asks for more waits with the words to type, and the older one works on until somebody grants it', async () => {
  await start()
  const old = await play('stamps', 'stamps-1', STAMPS)
  await old.announce()
  const grown = { ...STAMPS, version: '1.1.0', asks: ['price.suggest'] }
  const next = await playModule(
    await server.addModule('stamps', ['tells:stamps.printed']),
    'stamps-2',
    manifestOf('stamps', grown),
  )
  await next.beWell(() => ({ ok: true }))

  const waiting = await next.announce()
  expect(waiting.state).toBe('waiting')
  expect(waiting.reasons.join()).toMatch(/more than it was granted: asks:price\.suggest.*modules grant stamps --all/)
  expect(await stateOf('stamps')).toBe('active')
  expect(await old.tell('stamps.printed', { data: {} })).toMatchObject({ seq: 1 })
  expect(await rightsOf('stamps')).toEqual({ 'tells:stamps.printed': 'granted', 'asks:price.suggest': 'waiting' })

  expect((await send('PUT', '/v1/modules/stamps/grants', { all: true })).status).toBe(200)
  await next.announce()
  await until(async () => (await get('/v1/modules/stamps')).json.version === '1.1.0')
  expect((await next.announce()).state).toBe('admitted')
  expect(await says(next.connection, subjects.toKernel('stamps', 'ask', 'price.suggest'))).not.toBe('nobody')
})

test('where the operator wants to be asked nothing is granted by itself, and the module is told why it waits', async () => {
  await start({ RECYCLIQUE_GRANTS: 'ask' })
  const stamps = await play('stamps', 'stamps-1', STAMPS)

  expect((await stamps.announce()).reasons.join()).toContain('recyclique modules grant stamps')
  expect(await stateOf('stamps')).toBe('pending')
  await send('PUT', '/v1/modules/stamps/grants', { rights: ['tells:stamps.printed'], reason: 'looked at it' })

  expect((await stamps.announce()).state).toBe('admitted')
  expect((await get('/v1/modules/stamps/permissions')).json.rights).toMatchObject([
    { right: 'tells:stamps.printed', state: 'granted', by: 'manager', reason: 'looked at it' },
  ])
})

test('what is taken from a module the server refuses from then on; it works on without, and nobody else notices', async () => {
  await start()
  const stamps = await play('stamps', 'stamps-1', { ...STAMPS, tells: told('stamps.printed', 'stamps.lost') })
  const other = await play('other', 'other-1', { hears: ['stamps.lost'] })
  await Promise.all([stamps.announce(), other.announce()])
  const events: string[] = []
  for (const { connection } of [stamps, other])
    void (async () => {
      for await (const { type } of connection.status()) events.push(type)
    })()
  const asked = await stamps.hearControl('announce')

  await send('DELETE', '/v1/modules/stamps/grants', { rights: ['tells:stamps.printed'] })
  expect(await says(stamps.connection, tellSubject('stamps.printed'))).toBe('nobody')
  await until(() => asked() > 0)
  expect(await stamps.announce()).toMatchObject({ state: 'admitted', withheld: ['tells:stamps.printed'] })

  expect(await stamps.tell('stamps.lost', { data: {} })).toMatchObject({ seq: 1 })
  expect((await other.next())?.string()).toBe('{}')
  expect(events).toEqual([])
  expect(await rightsOf('stamps')).toEqual({ 'tells:stamps.printed': 'withheld', 'tells:stamps.lost': 'granted' })

  await send('PUT', '/v1/modules/stamps/grants', { rights: ['tells:stamps.printed'] })
  await stamps.announce()
  expect(await stamps.tell('stamps.printed', { data: {} })).toMatchObject({ seq: 2 })
})

test('what a module hears and answers can be taken as well: it is asked no more', async () => {
  await start()
  const answers = [{ hook: 'sale.validate', handler: 'check', args: ['totalCents'] }]
  const stamps = await play('stamps', 'stamps-1', { hears: ['sale.recorded'], answers })
  await stamps.announce()
  const planned = async () => (await get('/v1/hooks/sale.validate/plan')).json.steps.length
  expect(await planned()).toBe(1)

  await send('DELETE', '/v1/modules/stamps/grants', { rights: ['hears:sale.recorded', 'answers:sale.validate'] })
  const again = await stamps.announce()

  expect(again.state).toBe('admitted')
  expect(again.hearing).toBeUndefined()
  expect(await planned()).toBe(0)
  expect(await stateOf('stamps')).toBe('active')
})

test('a module’s routes can be taken: a request is answered with who withholds them, and its tools stay what they are', async () => {
  await start()
  const routes = [{ method: 'GET', path: '/today' }]
  const tools = [{ name: 'today', description: 'What came in today', route: 'GET /today', input: { type: 'object' } }]
  const stamps = await play('stamps', 'stamps-1', { hears: [], routes, tools })
  await stamps.serve(() => ({ status: 200, headers: {}, body: '' }))
  expect(await stamps.announce()).toMatchObject({ state: 'admitted', reasons: [] })
  expect((await fetch(`${kernel.url}/m/stamps/today`)).status).toBe(200)

  await send('DELETE', '/v1/modules/stamps/grants', { rights: ['routes'] })

  expect(await stamps.announce()).toMatchObject({ state: 'admitted', withheld: ['routes'] })
  expect((await get('/m/stamps/today')).json).toMatchObject({
    ...{ status: 503, code: 'module-unavailable' },
    detail: expect.stringContaining('an operator withholds its routes'),
  })
})

test('a module that is blocked is cut off at once and stays out; unblocked, it comes in with the same credentials', async () => {
  await start()
  const stamps = await play('stamps', 'stamps-1', STAMPS)
  const other = await play('other', 'other-1', { hears: [] })
  await Promise.all([stamps.announce(), other.announce()])

  await send('POST', '/v1/modules/stamps/block', { reason: 'it prints all night' })
  await until(() => stamps.connection.isClosed())
  expect(other.connection.isClosed()).toBe(false)
  expect((await send('PUT', '/v1/modules/stamps/account')).json.code).toBe('module-blocked')

  // A restart of both changes nothing: it is written down.
  await kernel.close()
  await server.restart()
  await start()
  const module = await server.addModule('nobody-else')
  await (await module.connect()).flush()
  await expect(playModule(await known('stamps'), 'stamps-2', manifestOf('stamps', STAMPS))).rejects.toThrow(
    /Authorization/,
  )

  await send('POST', '/v1/modules/stamps/unblock')
  const back = await playModule(await known('stamps'), 'stamps-3', manifestOf('stamps', STAMPS))
  expect((await back.announce()).state).toBe('admitted')
})

test('a module that is removed is cut off, its credentials open nothing for ever, and what comes under its name begins anew', async () => {
  await start()
  const stamps = await play('stamps', 'stamps-1', STAMPS)
  await stamps.announce()
  const before = await known('stamps')

  expect((await send('DELETE', '/v1/modules/stamps/account')).json).toEqual({ name: 'stamps', onTheBus: false })
  await until(() => stamps.connection.isClosed())
  expect(await rightsOf('stamps')).not.toHaveProperty('tells:stamps.printed', 'granted')

  await send('PUT', '/v1/modules/stamps/account')
  await expect(before.connect('stamps-2')).rejects.toThrow(/Authorization/)
  const back = await playModule(await known('stamps'), 'stamps-3', manifestOf('stamps', STAMPS))
  expect((await back.announce()).state).toBe('admitted')
  expect((await rightsOf('stamps'))['tells:stamps.printed']).toBe('granted')
})

test('a slip of the pen is not kept, and a module that nobody knows is named', async () => {
  await start()
  await (await play('stamps', 'stamps-1', STAMPS)).announce()

  expect((await send('PUT', '/v1/modules/stamps/grants', { rights: ['tells:stamps.pinted'] })).json).toMatchObject({
    ...{ status: 422, code: 'right-not-asked' },
    detail: "The module 'stamps' does not ask for 'tells:stamps.pinted'. It asks for: tells:stamps.printed.",
  })
  expect((await send('PUT', '/v1/modules/ghost/grants', { all: true })).json.code).toBe('module-unknown')
  expect((await get('/v1/modules/ghost/permissions')).json.code).toBe('module-unknown')
  expect((await send('PUT', '/v1/modules/later/grants', { rights: ['routes'] })).status).toBe(200)
  expect(await rightsOf('later')).toEqual({ routes: 'granted' })
})

/** Its credentials as they are now; its account is left as it is. */
const known = (name: string) => server.module(name)
