import { headers } from '@nats-io/transport-node'
import { CashVarianceFlagged, type Manifest, MOST_TOLD_BYTES, moduleFact, type Tells } from '@recyclique/contracts'
import { defineModule, json, type Module, ModuleError, NotTold, startModule } from '@recyclique/sdk'
import { Type } from '@sinclair/typebox'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Facts, type KernelSide, openFacts, startKernelSide } from '../registry/kernel-side.ts'
import { startTestServer, type TestServer } from '../support/nats.ts'
import { until } from '../support/wait.ts'
import { collector } from './collector.ts'

let server: TestServer
let facts: Facts
let kernel: KernelSide
let creds: Map<string, string>
let running: { stop(): Promise<unknown> }[]
let logs: ReturnType<typeof collector<{ msg: string; reason?: string }>>

beforeEach(async () => {
  running = []
  logs = collector()
  server = await startTestServer()
  facts = await openFacts()
  kernel = await startKernelSide(server, facts)
  // Before anybody hears: a new account cuts off what the others wait for at that moment.
  creds = new Map()
  for (const name of ['watch', 'board', 'stamps']) creds.set(name, (await server.addModule(name)).creds)
})
afterEach(async () => {
  await Promise.all(running.map((one) => one.stop()))
  await kernel.stop()
  await facts.close()
  await server.stop()
})

const FLAGGED: Tells = {
  name: 'watch.flagged',
  version: 1,
  data: {
    type: 'object',
    properties: { cause: { type: 'integer' } },
    required: ['cause'],
    additionalProperties: false,
  },
}
const Flagged = moduleFact({ name: 'watch.flagged', version: 1, data: Type.Object({ cause: Type.Integer() }) })

const manifestOf = (more: Partial<Manifest> = {}): Manifest => ({
  name: 'watch',
  version: '1.0.0',
  description: 'A module of the tests.',
  kernel: '^0.1.0',
  protocol: { min: 1, max: 1 },
  tells: [FLAGGED],
  ...more,
})

const log = () => pino({ level: 'debug' }, { write: (line: string) => logs.add(JSON.parse(line)) })

const run = async (module: Module, instance = 'i1') => {
  const settings = { servers: [server.url], site: 'essai', instance, creds: creds.get(module.manifest.name) ?? '' }
  const one = startModule({ module, settings, log: log(), retryMs: [20, 20, 20] })
  running.push(one)
  return one
}
const kept = async () =>
  (await facts.ledger.rows(1, 1_000))
    .filter(({ journal }) => journal.includes('module-'))
    .map(({ journal, data }) => [journal, JSON.parse(data)])

test('what a module tells while it hears a fact is heard by another module, with its type', async () => {
  const heard = collector<{ cause: number; journal: string }>()
  await run(
    defineModule(manifestOf({ name: 'board', tells: [], hears: ['watch.flagged'] })).hear(
      Flagged,
      ({ data: { cause }, journal }) => heard.add({ cause, journal }),
    ),
    'b1',
  )
  await run(
    defineModule(manifestOf({ hears: ['cash.variance.flagged'], hearsFrom: 'start' })).hear(
      CashVarianceFlagged,
      ({ position }, { tell }) => tell('watch.flagged', { cause: position }, { key: `fact-${position}` }),
    ),
  )
  await facts.keep(2)

  const causes = (await facts.ledger.rows(1, 1_000)).filter(({ name }) => name === CashVarianceFlagged.name)
  expect(await heard.upTo(2)).toEqual(causes.map(({ position }) => ({ cause: position, journal: 'module-watch' })))
})

test('a fact that comes twice tells once under a key that is made from it', async () => {
  const tried = collector<number>()
  await run(
    defineModule(manifestOf({ hears: ['cash.variance.flagged'] })).hear(
      CashVarianceFlagged,
      async ({ position }, { tell }) => {
        await tell('watch.flagged', { cause: position }, { key: `fact-${position}` })
        tried.add(position)
        if (tried.got.length < 3) throw new Error('the shelf is full')
      },
    ),
  )
  await facts.keep(1)
  const [cause] = await tried.upTo(3)

  expect(await kept()).toEqual([['module-watch', { cause }]])
})

test('without a key each call tells anew', async () => {
  const module = defineModule(manifestOf())
  await run(module)
  const first = await module.tell('watch.flagged', { cause: 1 })
  const second = await module.tell('watch.flagged', { cause: 1 })

  expect([first.seq, second.seq]).toEqual([1, 2])
})

test('what is told about training is training', async () => {
  await run(
    defineModule(manifestOf({ hears: ['cash.variance.flagged'], hearsTraining: true })).hear(
      CashVarianceFlagged,
      ({ position }, { tell }) => tell('watch.flagged', { cause: position }),
    ),
  )
  await facts.keep(1, 'training')
  const [one] = await until(async () => ((await kept()).length > 0 ? kept() : undefined))

  expect(one?.[0]).toBe('training-module-watch')
})

test('a route tells within its time', async () => {
  const routes = [{ method: 'POST' as const, path: '/flags' }]
  await run(
    defineModule(manifestOf({ routes })).route('POST', '/flags', async (_, { tell }) =>
      json(await tell('watch.flagged', { cause: 7 })),
    ),
  )
  await until(() => kernel.registry.states().some(({ state }) => state === 'active'))
  const call = { method: 'POST', path: '/flags', query: {}, headers: {} }
  const { body } = await kernel.registry.callHttp('watch', call)

  expect(JSON.parse(Buffer.from(body, 'base64').toString())).toMatchObject({ seq: 1 })
})

test('what is told before the start, and while no kernel is there, is told as soon as one is, once', async () => {
  await kernel.stop()
  const module = defineModule(manifestOf())
  const telling = module.tell('watch.flagged', { cause: 1 }, { key: 'early' })
  await run(module)
  await logs.first(({ msg, reason }) => msg.startsWith('a fact cannot be told yet') && reason === 'no kernel is there')
  expect(await kept()).toEqual([])
  kernel = await startKernelSide(server, facts)

  expect(await telling).toMatchObject({ seq: 1 })
  expect(await kept()).toHaveLength(1)
})

test('a module that must wait tells once it is let in', async () => {
  const module = defineModule(manifestOf({ requires: { stamps: '^1.0.0' } }))
  const telling = module.tell('watch.flagged', { cause: 1 })
  await run(module)
  await logs.first(({ msg, reason = '' }) => msg.startsWith('a fact cannot be told') && reason.includes('stamps'))
  await run(defineModule(manifestOf({ name: 'stamps', tells: [] })), 's1')

  expect(await telling).toMatchObject({ seq: 1 })
})

test('the bus goes and comes back while a module tells: each fact is there once, in order', async () => {
  const module = defineModule(manifestOf())
  await run(module)
  const wanted = Array.from({ length: 60 }, (_, n) => ({ cause: n }))
  const all = (async () => {
    for (const data of wanted) await module.tell('watch.flagged', data)
  })()
  await until(async () => (await kept()).length > 10)
  await server.restart()
  await all

  expect((await kept()).map(([, data]) => data)).toEqual(wanted)
}, 30_000)

test('a name that the manifest does not list is refused at once, without a kernel', async () => {
  const module = defineModule(manifestOf())
  const told = module.tell('watch.dreamt', {})

  await expect(told).rejects.toThrow("module.ts tells 'watch.dreamt', but manifest.json does not list it")
  await expect(told).rejects.toBeInstanceOf(ModuleError)
})

test('data that the manifest’s schema refuses, and too many of them, are the caller’s error', async () => {
  const module = defineModule(manifestOf())
  await run(module)
  const refused = await module.tell('watch.flagged', { cause: 'who knows' }).catch((error: unknown) => error)
  const large = await module.tell('watch.flagged', { x: 'é'.repeat(MOST_TOLD_BYTES / 2) }).catch((error) => error)

  expect(refused).toBeInstanceOf(NotTold)
  expect(refused).toMatchObject({ code: 'data-invalid', field: '/cause', message: expect.stringMatching(/integer/) })
  expect(large).toMatchObject({ code: 'tell-too-large', field: undefined })
  expect(await kept()).toEqual([])
})

test('who waits no longer gives up, and says so', async () => {
  const routes = [{ method: 'GET' as const, path: '/flag' }]
  const given = Promise.withResolvers<unknown>()
  await run(
    defineModule(manifestOf({ routes })).route('GET', '/flag', async (_, { tell }) => {
      given.resolve(await tell('watch.flagged', { cause: 1 }).catch((error: unknown) => error))
      return json({})
    }),
  )
  await until(() => kernel.registry.states().some(({ state }) => state === 'active'))
  const calling = await server.connectKernel()
  await kernel.stop()
  const soon = headers()
  soon.set('rq-deadline', String(Date.now() + 500))
  const call = JSON.stringify({ method: 'GET', path: '/flag', query: {}, headers: {} })
  calling.publish('rq.essai.mod.watch.i1.http', call, { headers: soon })

  expect(await given.promise).toMatchObject({ code: 'given-up' })
  kernel = await startKernelSide(server, facts)
})
