import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fromWire, RETRY_HEADER, type Retried, subjectsOf } from '@recyclique/contracts'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Kernel, openKernel } from '../../kernel/kernel.ts'
import { readSettings } from '../../kernel/settings.ts'
import { startTestServer, type TestServer } from '../support/nats.ts'
import { until } from '../support/wait.ts'
import { manifestOf, type PlayedModule, playModule } from './module-on-wire.ts'

// The operator's side of dead letters, over HTTP; the module is played word by word.

let server: TestServer
let kernel: Kernel
let dataDir: string

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'recyclique-letters-'))
  server = await startTestServer()
  const settings = readSettings({
    ...{ RECYCLIQUE_DATA: dataDir, RECYCLIQUE_PORT: '0', RECYCLIQUE_SITE: 'essai', LOG_LEVEL: 'silent' },
    ...{ RECYCLIQUE_KEYS: server.keyring.folder, NATS_URL: server.url },
  })
  kernel = await openKernel(settings, pino({ level: 'silent' }), (error) => {
    throw error
  })
  await until(() => kernel.busState() === 'connected')
})
afterEach(async () => {
  await kernel.close()
  await server.stop()
  await rm(dataDir, { recursive: true, force: true })
})

// biome-ignore lint/suspicious/noExplicitAny: answers of every shape
type Got = { status: number; json: any }

const send = async (method: string, path: string, body?: object, actor = 'manager'): Promise<Got> => {
  const answer = await fetch(`${kernel.url}${path}`, {
    method,
    headers: {
      ...(actor === '' ? {} : { 'recyclique-actor': actor }),
      ...{ 'idempotency-key': randomUUID() },
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  return { status: answer.status, json: await answer.json() }
}
const get = (path: string) => send('GET', path)
const items = async (query = '') =>
  (await get(`/v1/dead-letters${query}`)).json.items.map(
    ({ module, position }: { module: string; position: number }) => `${module} ${position}`,
  )

const play = async (name: string) => {
  const module = await playModule(
    await server.addModule(name),
    `${name}-1`,
    manifestOf(name, { hears: ['post.changed'] }),
  )
  await module.announce()
  return module
}

/** Answers each fact that is given out again, and gives those that came. */
const takeAgain = async ({ connection }: PlayedModule, name: string, answer: () => Retried) => {
  const came: { fact: string; position: number; mark: string; data: unknown }[] = []
  connection.subscribe(subjectsOf('essai').toModule(name, `${name}-1`, 'control', 'retry'), {
    callback: (_, message) => {
      const header = (one: string) => message.headers?.get(one) ?? ''
      const { name: fact, position, data } = fromWire(header, message.string())
      came.push({ fact, position, mark: header(RETRY_HEADER), data })
      message.respond(JSON.stringify(answer()))
    },
  })
  await connection.flush()
  return came
}

test('what a module could not take is listed with the fact, page by page, and counted until somebody decides', async () => {
  const [labels, stamps] = [await play('labels'), await play('stamps')]
  await labels.dead({ position: 2, error: 'no such price', stack: 'at price.ts:3', attempts: 9 })
  await labels.dead({ position: 1, error: 'no such shelf', attempts: 1 })
  await stamps.dead({ position: 1, error: 'no ink', attempts: 1 })

  expect(await items()).toEqual(['labels 1', 'labels 2', 'stamps 1'])
  expect(await items('?module=labels')).toEqual(['labels 1', 'labels 2'])
  const { json: page } = await get('/v1/dead-letters?limit=2')
  expect(await items(`?limit=2&after=${page.next}`)).toEqual(['stamps 1'])
  expect((await get('/v1/dead-letters?after=nonsense')).status).toBe(400)
  expect((await get('/v1/dead-letters/labels/2')).json).toMatchObject({
    ...{ module: 'labels', position: 2, state: 'dead', error: 'no such price', stack: 'at price.ts:3', attempts: 9 },
    fact: (await get('/v1/ledger?from=2&limit=1')).json.items.map(
      ({ name, journal, data }: Record<string, unknown>) => ({ name, journal, data }),
    )[0],
  })
  expect((await get('/v1/modules/labels')).json.deadLetters).toBe(2)
  expect((await get('/v1/dead-letters/labels/77')).status).toBe(404)
})

test('a fact is given to its module again as it was told, marked; what the module says is kept', async () => {
  const module = await play('labels')
  await module.dead({ position: 1, error: 'no such shelf', attempts: 9 })
  let answer: Retried = { ok: false, error: 'the shelf is full', stack: 'at shelf.ts:7' }
  const came = await takeAgain(module, 'labels', () => answer)

  const refused = await send('POST', '/v1/dead-letters/labels/1/retry')
  expect(refused.json).toMatchObject({
    taken: false,
    letter: { state: 'dead', attempts: 10, error: 'the shelf is full', stack: 'at shelf.ts:7' },
  })
  answer = { ok: true }
  const taken = await send('POST', '/v1/dead-letters/labels/1/retry')
  expect(taken.json).toMatchObject({
    taken: true,
    letter: { state: 'retried', attempts: 11, decided: { by: 'manager' } },
  })
  expect((await send('POST', '/v1/dead-letters/labels/1/retry')).json.taken).toBe(true)

  const [row] = (await get('/v1/ledger?from=1&limit=1')).json.items
  const told = { fact: row.name, position: 1, mark: '1', data: row.data }
  expect(came).toEqual([told, told])
  expect(await items()).toEqual([])
  expect((await get('/v1/modules/labels')).json.deadLetters).toBe(0)
})

test('what is discarded stays so, with who and why; what was taken cannot be discarded', async () => {
  const module = await play('labels')
  for (const position of [1, 2]) await module.dead({ position, error: 'no', attempts: 1 })
  await takeAgain(module, 'labels', () => ({ ok: true }))
  await send('POST', '/v1/dead-letters/labels/1/retry')

  expect((await send('POST', '/v1/dead-letters/labels/1/discard', { reason: 'old' })).json).toMatchObject({
    ...{ status: 409, code: 'dead-letter-closed' },
  })
  expect((await send('POST', '/v1/dead-letters/labels/2/discard', { reason: 'old' })).json).toMatchObject({
    ...{ state: 'discarded', decided: { by: 'manager', reason: 'old' } },
  })
  await module.dead({ position: 2, error: 'no, again', attempts: 1 })
  expect(await items('?state=discarded')).toEqual(['labels 2'])
  expect(await items('?state=all')).toEqual(['labels 1', 'labels 2'])
})

test('somebody must decide: without an actor nothing is done', async () => {
  await (await play('labels')).dead({ position: 1, error: 'no', attempts: 1 })

  expect((await send('POST', '/v1/dead-letters/labels/1/retry', undefined, '')).status).toBe(401)
  expect((await send('POST', '/v1/dead-letters/labels/1/discard', { reason: 'old' }, 'nobody')).status).toBe(401)
  expect((await send('POST', '/v1/dead-letters/labels/1/discard', {})).status).toBe(400)
})

test('a module that is away cannot take its fact; the letter stays as it is', async () => {
  const module = await play('labels')
  await module.dead({ position: 1, error: 'no', attempts: 1 })
  await module.connection.close()
  await until(async () => (await get('/v1/modules/labels')).json.state === 'stopped')

  const { status, json } = await send('POST', '/v1/dead-letters/labels/1/retry')
  expect([status, json.code]).toEqual([503, 'module-unavailable'])
  expect((await get('/v1/dead-letters/labels/1')).json).toMatchObject({ state: 'dead', attempts: 1 })
})

test('what is no fact of the ledger cannot be given out again, and can be discarded', async () => {
  const module = await play('labels')
  await module.dead({ position: 999, error: 'envelope: /id is missing', attempts: 1 })

  const { status, json } = await send('POST', '/v1/dead-letters/labels/999/retry')
  expect([status, json.code]).toEqual([409, 'dead-letter-closed'])
  expect((await send('POST', '/v1/dead-letters/labels/999/discard', { reason: 'noise' })).status).toBe(200)
})
