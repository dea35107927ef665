import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type Announced,
  type ConfigTaken,
  KeptConfig,
  type Manifest,
  parseJson,
  subjectsOf,
} from '@recyclique/contracts'
import { defineModule, json, openConfig, type RunningModule, startModule } from '@recyclique/sdk'
import { Type } from '@sinclair/typebox'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Kernel, openKernel } from '../../kernel/kernel.ts'
import { readSettings } from '../../kernel/settings.ts'
import { manifestOf, playModule } from '../registry/module-on-wire.ts'
import { startTestServer, type TestServer } from '../support/nats.ts'
import { until } from '../support/wait.ts'

let server: TestServer
let folder: string
let kernel: Kernel
let running: RunningModule[]
const silent = pino({ level: 'silent' })

const startKernel = async (nats = server.url) => {
  const settings = readSettings({
    ...{ RECYCLIQUE_DATA: folder, RECYCLIQUE_PORT: '0', RECYCLIQUE_SITE: 'essai', NATS_URL: nats },
    RECYCLIQUE_KEYS: join(server.folder, 'keys'),
  })
  kernel = await openKernel(settings, silent, (error) => {
    throw error
  })
  if (nats !== '') await until(() => kernel.busState() === 'connected')
}
let round = 0
let name: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recyclique-config-'))
  server = await startTestServer()
  await startKernel()
})
beforeEach(() => {
  running = []
  round += 1
  name = `paheko-${round}`
})
afterEach(async () => {
  delete process.env.LIVE_TEST_TOKEN
  await Promise.all(running.map((one) => one.stop()))
})
afterAll(async () => {
  await kernel.close()
  await server.stop()
  await rm(folder, { recursive: true, force: true })
})

const schema = Type.Object({
  url: Type.String(),
  retries: Type.Integer({ minimum: 1, default: 5 }),
  token: Type.Optional(Type.String({ secret: true })),
})
const routes: Manifest['routes'] = [{ method: 'GET', path: '/set' }]
const manifest = (more: Partial<Manifest> = {}): Manifest =>
  manifestOf(name, { hears: [], routes, config: JSON.parse(JSON.stringify(schema)), ...more })

/** Answers with what is set for it; takes no url that bears the word. */
const run = async (given: Record<string, unknown> = {}) => {
  const config = openConfig(schema).onChange(({ url }) => {
    if (url.includes('gone')) throw new Error(`${url} does not answer`)
  }) as ReturnType<typeof openConfig<typeof schema>>
  const module = defineModule(manifest())
    .configure(config)
    .route('GET', '/set', () => json({ ...config.current, tokenLength: config.current.token?.length ?? 0 }))
  const { creds } = await server.addModule(name)
  const instance = `${name}-${running.length}`
  const settings = { servers: [server.url], site: 'essai', instance, creds, config: given, configOrigin: 'the test' }
  const one = startModule({ module, settings, log: silent })
  running.push(one)
  return one
}

// biome-ignore lint/suspicious/noExplicitAny: answers of every shape
type Answer = { status: number; json: any; text: string }
const send = async (method: string, path: string, body?: object): Promise<Answer> => {
  const answer = await fetch(`${kernel.url}${path}`, {
    method,
    headers: { 'recyclique-actor': 'manager', ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  const text = await answer.text()
  return { status: answer.status, text, json: JSON.parse(text) }
}
const pathOf = () => `/v1/modules/${name}/config`
const put = (config: object, origin?: string) => send('PUT', pathOf(), { config, ...(origin ? { origin } : {}) })
const patch = (config: object) => send('PATCH', pathOf(), { config, origin: 'by hand' })
const view = async () => (await send('GET', `/v1/modules/${name}`)).json
const isIn = (state: string) => until(async () => (await view()).state === state)
const set = async () => {
  const { status, json, text } = await send('GET', `/m/${name}/set`)
  expect(status, text).toBe(200)
  return json
}

test('what is set before the module ever came is there in its first answer, and lies over what its process was given', async () => {
  expect((await put({ url: 'https://kept' }, 'recyclique.yaml')).json).toMatchObject({ isKnown: false, taken: [] })
  await run({ url: 'https://given', retries: 2 })
  await isIn('active')

  expect(await set()).toEqual({ url: 'https://kept', retries: 2, tokenLength: 0 })
  expect((await view()).config).toEqual([
    { key: 'url', value: 'https://kept', origin: 'recyclique.yaml', secret: false },
    { key: 'retries', value: 2, origin: 'the test', secret: false },
    { key: 'token', value: '***', origin: 'not set', secret: true },
  ])
  expect((await send('GET', pathOf())).json.items).toEqual([
    {
      ...{ key: 'url', value: 'https://kept', origin: 'recyclique.yaml', secret: false },
      by: 'manager',
      at: expect.any(String),
    },
    { key: 'retries', value: 2, origin: 'the test', secret: false },
    { key: 'token', origin: 'not set', secret: true },
  ])
})

test('a change reaches every living process at once, and outlives module and kernel', async () => {
  await run({ url: 'https://given' })
  await isIn('active')
  await run({ url: 'https://given' })
  await until(
    async () => (await view()).instances.filter((one: { state: string }) => one.state === 'active').length === 2,
  )
  const { json: answer } = await patch({ url: 'https://new', retries: 3 })

  expect(answer.taken).toEqual([
    { instance: `${name}-0`, ok: true },
    { instance: `${name}-1`, ok: true },
  ])
  expect(await set()).toMatchObject({ url: 'https://new', retries: 3 })
  expect((await patch({ retries: null })).json.taken.map(({ ok }: { ok: boolean }) => ok)).toEqual([true, true])
  expect(await set()).toMatchObject({ url: 'https://new', retries: 5 })
  await Promise.all(running.map((one) => one.stop()))
  await kernel.close()
  await startKernel()
  await run({ url: 'https://given' })
  await isIn('active')
  expect(await set()).toMatchObject({ url: 'https://new', retries: 5 })
})

test('what does not fit is refused field by field, and nothing of it is kept or repeated', async () => {
  await run({ url: 'https://given' })
  await isIn('active')
  const { status, json: problem, text } = await put({ retries: 'many', token: 'plain-s3cret', ulr: 'x' })

  expect([status, problem.code, problem.field]).toEqual([422, 'config-invalid', '/config/retries'])
  expect(problem.errors.map(({ field }: { field: string }) => field)).toEqual([
    '/config/retries',
    '/config/token',
    '/config/ulr',
  ])
  expect(problem.detail).toContain('token is a secret: put it into a variable or a file of the module’s own process')
  expect(text).not.toContain('s3cret')
  expect(await set()).toMatchObject({ url: 'https://given', retries: 5 })
  expect((await send('GET', pathOf())).json.items.every(({ by }: { by?: string }) => by === undefined)).toBe(true)
  expect((await put({ Ünfit: 1 })).status).toBe(400)
  expect((await put({ url: 'x'.repeat(70_000) })).json.detail).toContain('is over 64 kB')
})

test('a change that the module cannot take keeps the old, is told back in words, and stands in its reasons until it can', async () => {
  await run({ url: 'https://given' })
  await isIn('active')
  expect((await patch({ url: 'https://gone' })).json.taken).toEqual([
    { instance: `${name}-0`, ok: false, words: 'could not be taken: https://gone does not answer' },
  ])
  expect(await set()).toMatchObject({ url: 'https://given' })
  expect(await view()).toMatchObject({
    state: 'degraded',
    reasons: [
      `${name}-0 goes on with the configuration from before: could not be taken: https://gone does not answer.`,
    ],
  })
  await patch({ url: 'https://back' })
  await isIn('active')
  expect(await set()).toMatchObject({ url: 'https://back' })
})

test('without what it needs a module waits and says for what; it works as soon as that is set', async () => {
  await put({ retries: 0, token: 'env:LIVE_TEST_TOKEN' })
  await run()
  // The kernel knows the first at once, and the others when the process has been told what is kept for it.
  await until(async () => (await view()).reasons.length === 3)

  expect(await view()).toMatchObject({
    state: 'pending',
    reasons: [
      expect.stringMatching(/^Its configuration does not fit: retries must be .* greater or equal to 1\.$/),
      'Its configuration does not fit: url is not set.',
      expect.stringMatching(/token names the variable LIVE_TEST_TOKEN, which is not set in the module’s process/),
    ],
  })
  await put({ url: 'https://new', token: 'env:LIVE_TEST_TOKEN' })
  await until(async () =>
    /token names the variable LIVE_TEST_TOKEN, which is not set in the module’s process/.test(
      (await view()).reasons.join(),
    ),
  )
  process.env.LIVE_TEST_TOKEN = 's3cret'
  await isIn('active')
  expect(await set()).toEqual({ url: 'https://new', retries: 5, tokenLength: 6 })
  const shown = [await send('GET', pathOf()), await send('GET', `/v1/modules/${name}`)].map(({ text }) => text).join()
  expect(shown).toContain('env:LIVE_TEST_TOKEN')
  expect(shown).not.toContain('s3cret')
})

test('a first configuration that the module cannot take lets it wait, with its words', async () => {
  await put({ url: 'https://gone' })
  await run()
  await until(async () =>
    (await view()).reasons.includes('Its configuration could not be taken: https://gone does not answer.'),
  )
  await put({ url: 'https://back' })
  await isIn('active')
})

test('a secret that was written out for a module that was not known stays hidden, and lets the module wait', async () => {
  await put({ url: 'x', token: 'plain-s3cret' })
  expect((await send('GET', pathOf())).text).not.toContain('s3cret')
  await run()
  await isIn('pending')

  expect((await send('GET', pathOf())).text).not.toContain('s3cret')
  expect((await view()).reasons.join()).toContain('token is a secret: put it into a variable')
})

test('a module without our SDK: in the answer to its announce, and by a request while it lives', async () => {
  const { connection, announce, hearControl } = await playModule(await server.addModule(name), 'raw-1', manifest())
  const hear = (answer: ConfigTaken | undefined) => {
    const heard: KeptConfig[] = []
    const subscription = connection.subscribe(subjectsOf('essai').toModule(name, 'raw-1', 'control', 'config'), {
      callback: (_, message) => {
        heard.push(parseJson(KeptConfig, message.string()))
        if (answer) message.respond(JSON.stringify(answer))
      },
    })
    return { heard, stop: () => subscription.unsubscribe() }
  }
  expect((await announce()).config).toBeUndefined()
  expect((await put({ url: 'a' })).json.taken).toEqual([
    { instance: 'raw-1', ok: false, isHeard: false, words: 'it does not listen for changes: start it again' },
  ])
  expect((await announce()).config).toEqual({
    values: { url: 'a' },
    origins: { url: 'the API' },
  } satisfies Announced['config'])
  const { heard, stop } = hear({ ok: true })
  await connection.flush()
  expect((await put({ url: 'b' })).json.taken).toEqual([{ instance: 'raw-1', ok: true }])
  expect(heard).toEqual([{ values: { url: 'b' }, origins: { url: 'the API' } }])
  stop()
  // It says that it cannot work: it waits, and is called when something was set.
  const flaw = { key: 'url', why: 'does not answer', kept: true }
  expect(await announce({ configFlaws: [flaw] })).toMatchObject({
    state: 'waiting',
    reasons: ['Its configuration does not fit: url does not answer.'],
    config: { values: { url: 'b' } },
  })
  const asked = await hearControl()
  await until(async () => (await view()).state === 'pending')
  const before = asked()
  await put({ url: 'c' })
  await until(() => asked() > before)
})

test('a schema that cannot be used is a reason for rejection that names the place', async () => {
  const bad = { type: 'object', properties: { port: { type: 'integer', secret: true } } } as const
  const { announce } = await playModule(await server.addModule(name), 'raw-1', manifest({ config: bad }))
  expect(await announce()).toMatchObject({
    state: 'rejected',
    reasons: [
      'Its configuration cannot be set: in the schema, /properties/port/type must be string: a secret is text.',
    ],
  })
})

test('without NATS it is kept for the day when the module comes', async () => {
  await kernel.close()
  await startKernel('')
  expect((await put({ url: 'kept' })).status).toBe(200)
  expect((await send('GET', pathOf())).json).toMatchObject({ isKnown: false, items: [{ key: 'url', by: 'manager' }] })
})
