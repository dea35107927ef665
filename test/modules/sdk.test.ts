import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connect } from '@nats-io/transport-node'
import { type Manifest, SaleRecorded, SaleVoided } from '@recyclique/contracts'
import {
  DeadLetter,
  defineModule,
  json,
  type Module,
  openOnceStore,
  Refusal,
  type RunningModule,
  startModule,
} from '@recyclique/sdk'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findNatsServer, startNatsServer } from '../../cli/nats-server.ts'
import { type FakeKernel, fakeKernel } from '../support/fake-kernel.ts'
import { startTestServer, type TestServer } from '../support/nats.ts'
import { moduleEnv, startChild } from './child.ts'
import { collector } from './collector.ts'
import { factMaker } from './facts.ts'

let server: TestServer
let kernel: FakeKernel
let running: RunningModule[]
let logs: ReturnType<typeof collector<{ msg: string; reason?: string; position?: number }>>

beforeEach(async () => {
  running = []
  logs = collector()
  server = await startTestServer()
  kernel = await fakeKernel(await server.connectKernel())
})
afterEach(async () => {
  await Promise.all(running.map((one) => one.stop()))
  await server.stop()
})

const manifestOf = (more: Partial<Manifest> = {}): Manifest => ({
  name: 'stock',
  version: '1.0.0',
  description: 'A module of the tests.',
  kernel: '^0.1.0',
  protocol: { min: 1, max: 1 },
  hears: ['sale.recorded'],
  hearsFrom: 'start',
  ...more,
})

const log = () => pino({ level: 'debug' }, { write: (line: string) => logs.add(JSON.parse(line)) })

/** Far more tries than a test wants to see. */
const PATIENT = Array.from({ length: 50 }, () => 20)

const run = async (module: Module, retryMs = PATIENT): Promise<RunningModule> => {
  const { creds } = await server.addModule(module.manifest.name)
  const settings = { servers: [server.url], site: 'essai', instance: 'i1', creds }
  const one = startModule({ module, settings, log: log(), retryMs })
  running.push(one)
  return one
}

/** A module that only notes which positions it hears. */
const listener = () => {
  const heard = collector<number>()
  return { heard, module: defineModule(manifestOf()).hear(SaleRecorded, ({ position }) => heard.add(position)) }
}

const dealtWith = (position: number) => kernel.next('heartbeat', (beat) => beat.position === position)

// Hearing

test('an admitted module hears its facts in order, and they are acknowledged', async () => {
  const facts = factMaker()
  const { heard, module } = listener()
  await kernel.tell(facts.sale(), facts.sale())
  await run(module)
  await heard.upTo(2)
  await kernel.tell(facts.sale())

  expect(await heard.upTo(3)).toEqual([1, 2, 3])
  await dealtWith(3)
  expect(await kernel.ackedUpTo('stock')).toBe(3)
})

test('a fact that could not be taken comes again, and those behind it wait', async () => {
  const facts = factMaker()
  const tried = collector<number>()
  const module = defineModule(manifestOf()).hear(SaleRecorded, ({ position }) => {
    tried.add(position)
    if (position === 2 && tried.got.length < 4) throw new Error('the shelf is full')
  })
  await kernel.tell(facts.sale(), facts.sale(), facts.sale())
  await run(module)

  expect(await tried.upTo(5)).toEqual([1, 2, 2, 2, 3])
  expect(logs.got).toContainEqual(
    expect.objectContaining({
      msg: 'a fact could not be taken; those behind it wait',
      position: 2,
      attempt: 2,
      err: expect.objectContaining({ message: 'the shelf is full' }),
    }),
  )
})

test('the waits between tries grow; after the last the fact goes to the dead letters, and the next one comes', async () => {
  const facts = factMaker()
  const heard = collector<number>()
  const module = defineModule(manifestOf()).hear(SaleRecorded, ({ position }) => {
    heard.add(position)
    if (position === 1) throw new Error('no such shelf')
  })
  await kernel.tell(facts.sale(), facts.sale())
  await run(module, [1, 2, 3])

  const { body } = await kernel.next('dead', undefined, 0)
  expect(body).toMatchObject({ instance: 'i1', position: 1, attempts: 4, error: 'no such shelf' })
  expect(body.stack).toContain('sdk.test.ts')
  expect(await heard.upTo(5)).toEqual([1, 1, 1, 1, 2])
  expect(logs.got.flatMap((line) => ('againInMs' in line ? [line.againInMs] : []))).toEqual([1, 2, 3])
  await dealtWith(2)
  expect(await kernel.ackedUpTo('stock')).toBe(2)
})

test('a handler that knows that it never can says so, and the fact is not tried again', async () => {
  const facts = factMaker()
  const heard = collector<number>()
  const module = defineModule(manifestOf()).hear(SaleRecorded, ({ position }) => {
    heard.add(position)
    if (position === 1) throw new DeadLetter('the year is closed')
  })
  await kernel.tell(facts.sale(), facts.sale())
  await run(module)

  expect((await kernel.next('dead', undefined, 0)).body).toMatchObject({
    position: 1,
    attempts: 1,
    error: 'the year is closed',
  })
  expect(await heard.upTo(2)).toEqual([1, 2])
})

test('a fact is given up only once a kernel knows of it', async () => {
  const facts = factMaker()
  const heard = collector<number>()
  const module = defineModule(manifestOf()).hear(SaleRecorded, ({ position }) => {
    heard.add(position)
    if (position === 1) throw new DeadLetter('never')
  })
  await run(module)
  await kernel.next('heartbeat')
  await kernel.close()
  await kernel.tell(facts.sale(), facts.sale())
  await heard.upTo(2)
  expect(heard.got).not.toContain(2)
  await kernel.open()

  expect((await kernel.next('dead', undefined, 0)).body).toMatchObject({ position: 1, error: 'never' })
  expect(await heard.first((position) => position === 2)).toBe(2)
})

test('a store passes a fact that was given up, and takes its effect when it is given out again, once', async () => {
  const facts = factMaker()
  const store = openOnceStore(
    join(server.folder, 'given-up.sqlite'),
    'CREATE TABLE IF NOT EXISTS sold (position INTEGER)',
  )
  let isMended = false
  const retried: boolean[] = []
  const module = defineModule(manifestOf())
    .hear(SaleRecorded, ({ position }, { once, isRetry }) => {
      if (position === 1 && !isMended) throw new DeadLetter('no such shelf')
      retried.push(isRetry)
      once((db) => db.prepare('INSERT INTO sold VALUES (?)').run(position))
    })
    .keepIn(store)
  const sold = () =>
    store.db
      .prepare('SELECT position FROM sold')
      .all()
      .map(({ position }) => position)
  const [first, second] = [facts.sale(), facts.sale()]
  await kernel.tell(first, second)
  await run(module)
  await dealtWith(2)
  expect([store.position, sold()]).toEqual([2, [2]])

  expect(await kernel.retry('stock', 'i1', first)).toMatchObject({ ok: false, error: 'no such shelf' })
  isMended = true
  expect(await kernel.retry('stock', 'i1', first)).toEqual({ ok: true })
  expect(await kernel.retry('stock', 'i1', first)).toEqual({ ok: true })
  expect(await kernel.retry('stock', 'i1', second)).toEqual({ ok: true })

  expect(sold()).toEqual([2, 1])
  expect(retried).toEqual([false, true, true, true])
  expect(store.position).toBe(2)
})

test('a fact that is given out again waits for the one in hand', async () => {
  const facts = factMaker()
  const [began, mayEnd] = [collector<string>(), Promise.withResolvers<void>()]
  const module = defineModule(manifestOf()).hear(SaleRecorded, async ({ position }, { isRetry }) => {
    began.add(isRetry ? 'again' : String(position))
    if (position === 2) await mayEnd.promise
    began.add(`end of ${position}`)
  })
  const [first, second] = [facts.sale(), facts.sale()]
  await kernel.tell(first, second)
  await run(module)
  await began.upTo(3)
  const answer = kernel.retry('stock', 'i1', first)
  await kernel.next('heartbeat')
  mayEnd.resolve()

  expect(await answer).toEqual({ ok: true })
  expect(began.got).toEqual(['1', 'end of 1', '2', 'end of 2', 'again', 'end of 1'])
})

test('a fact that this module does not hear is not taken', async () => {
  const { module } = listener()
  await run(module)
  await kernel.next('heartbeat')

  expect(await kernel.retry('stock', 'i1', factMaker().void([{}]))).toEqual({
    ok: false,
    error: 'This module does not hear sale.voided.',
  })
})

test('a message that no kernel wrote is told to the kernel as dead, and the journal goes on', async () => {
  const facts = factMaker()
  const { heard, module } = listener()
  await kernel.tell(facts.sale())
  await kernel.tellNonsense('register-1', 'sale.recorded', 'I am a sale, honestly')
  await run(module)

  const { body } = await kernel.next('dead', undefined, 0)
  expect(body).toMatchObject({ instance: 'i1', position: 2, attempts: 1, error: expect.stringContaining('envelope') })
  facts.sale() // its position was taken by the nonsense
  await kernel.tell(facts.sale())
  expect(await heard.upTo(2)).toEqual([1, 3])
})

test('a message that no kernel wrote waits until a kernel knows of it', async () => {
  const { module } = listener()
  await run(module)
  await kernel.next('heartbeat')
  await kernel.close()
  await kernel.tellNonsense('register-1', 'sale.recorded', '{}')
  await logs.first(({ msg }) => msg.startsWith('a fact could not be taken'))
  await kernel.open()

  expect((await kernel.next('dead', undefined, 0)).body.position).toBe(1)
})

test('a fact from a newer kernel than this module waits for the upgrade', async () => {
  const facts = factMaker()
  const { heard, module } = listener()
  await kernel.tell({ ...facts.sale(), version: 2 }, facts.sale())
  await run(module)

  await logs.first((line) => (line as { attempt?: number }).attempt === 3)
  expect(heard.got).toEqual([])
  expect(kernel.said.some(({ verb }) => verb === 'dead')).toBe(false)
})

test('a slow handler keeps its fact, however long it takes', async () => {
  await kernel.close()
  kernel = await fakeKernel(await server.connectKernel(), { ackWaitMs: 300 })
  const facts = factMaker()
  const heard = collector<number>()
  // Six times a third of the server's patience: it would have come again by then.
  const slow = () => logs.first((line) => logs.got.filter(({ msg }) => msg === 'a fact takes long').indexOf(line) === 5)
  const module = defineModule(manifestOf()).hear(SaleRecorded, async ({ position }) => {
    heard.add(position)
    if (position === 1) await slow()
  })
  await kernel.tell(facts.sale(), facts.sale())
  await run(module)

  expect(await heard.upTo(2)).toEqual([1, 2])
})

test('a module without order takes several facts at once', async () => {
  const facts = factMaker()
  const heard = collector<number>()
  const module = defineModule(manifestOf({ order: 'none' })).hear(SaleRecorded, async ({ position }) => {
    heard.add(position)
    await heard.upTo(3)
  })
  await kernel.tell(facts.sale(), facts.sale(), facts.sale())
  await run(module)

  expect(await heard.upTo(3)).toEqual([1, 2, 3])
})

// Admission

test('a module that comes before the kernel waits for it, and says so once', async () => {
  await kernel.close()
  const { module } = listener()
  await run(module)
  await logs.first(({ msg }) => msg === 'no kernel is there yet; asking on')
  await kernel.open()

  await kernel.next('announce')
  expect((await logs.first(({ msg }) => msg === 'admitted')).msg).toBe('admitted')
  expect(logs.got.filter(({ msg }) => msg.startsWith('no kernel'))).toHaveLength(1)
})

test('a module that must wait asks again until it is admitted', async () => {
  kernel.letWaitFor('paheko is not there yet')
  const { heard, module } = listener()
  await kernel.tell(factMaker().sale())
  await run(module)
  await logs.first(({ reason }) => reason === 'paheko is not there yet')
  expect(heard.got).toEqual([])
  kernel.letWaitFor()

  expect(await heard.upTo(1)).toEqual([1])
})

test('a kernel that was restarted asks who beats there, and the module announces itself again', async () => {
  const facts = factMaker()
  const { heard, module } = listener()
  await run(module)
  await kernel.next('heartbeat')
  await kernel.close()
  await kernel.open()
  await kernel.next('heartbeat')
  const before = kernel.said.length
  await kernel.askToAnnounce('stock', 'i1')

  await kernel.next('announce', undefined, before)
  await kernel.tell(facts.sale())
  expect(await heard.upTo(1)).toEqual([1])
})

test('facts that arrive while it announces itself again are not held back', { timeout: 20_000 }, async () => {
  const facts = factMaker()
  const { heard, module } = listener()
  await run(module)
  await kernel.next('heartbeat')
  for (let n = 0; n < 100; n += 1) {
    void kernel.askToAnnounce('stock', 'i1')
    await kernel.tell(facts.sale(), facts.sale(), facts.sale())
  }

  // One that went to an ear that was just closed would come back only after the server's patience, 30 s.
  await heard.first((position) => position === 300)
})

test('facts are heard on while the kernel is away', async () => {
  const facts = factMaker()
  const { heard, module } = listener()
  await run(module)
  await kernel.next('heartbeat')
  await kernel.close()
  await kernel.tell(facts.sale())

  expect(await heard.upTo(1)).toEqual([1])
})

test('a server that was restarted finds the module announced again and hearing', async () => {
  const facts = factMaker()
  const { heard, module } = listener()
  await run(module)
  await kernel.tell(facts.sale())
  await dealtWith(1)
  const before = kernel.said.length
  await server.restart()

  await kernel.next('announce', undefined, before)
  await kernel.tell(facts.sale())
  expect(await heard.upTo(2)).toEqual([1, 2])
})

test('a fact in hand while the server is restarted is acknowledged afterwards, and not heard twice', async () => {
  const facts = factMaker()
  const heard = collector<number>()
  const release = Promise.withResolvers<void>()
  const module = defineModule(manifestOf()).hear(SaleRecorded, async ({ position }) => {
    heard.add(position)
    if (position === 1) await release.promise
  })
  await kernel.tell(facts.sale(), facts.sale())
  await run(module)
  await heard.upTo(1)
  const isRestarted = server.restart()
  await logs.first(({ msg }) => msg.startsWith('the bus is away'))
  release.resolve()
  await isRestarted

  expect(await heard.upTo(2)).toEqual([1, 2])
})

test.each([
  ['gone', async () => kernel.dropDurable('stock')],
  [
    'made anew',
    async () => {
      const before = kernel.said.length
      await kernel.dropDurable('stock')
      await kernel.askToAnnounce('stock', 'i1')
      await kernel.next('announce', undefined, before)
    },
  ],
])('a fact in hand whose durable is %s comes again rather than be lost', async (_, act) => {
  const facts = factMaker()
  const heard = collector<number>()
  const release = Promise.withResolvers<void>()
  const module = defineModule(manifestOf()).hear(SaleRecorded, async ({ position }) => {
    heard.add(position)
    await release.promise
  })
  await kernel.tell(facts.sale(), facts.sale())
  await run(module)
  await heard.upTo(1)
  await act()
  release.resolve()

  expect(await heard.upTo(3)).toEqual([1, 1, 2])
})

test('a durable that is gone is asked for again', async () => {
  const facts = factMaker()
  const { heard, module } = listener()
  await run(module)
  await kernel.tell(facts.sale())
  await heard.upTo(1)
  await dealtWith(1)
  const before = kernel.said.length
  await kernel.dropDurable('stock')

  await kernel.next('announce', undefined, before)
  await kernel.tell(facts.sale())
  await heard.first((position) => position === 2)
})

// Calls

const routed = () =>
  defineModule(
    manifestOf({
      hears: [],
      routes: [
        { method: 'GET', path: '/labels/:id' },
        { method: 'POST', path: '/echo' },
        { method: 'GET', path: '/broken' },
        { method: 'GET', path: '/refused' },
        { method: 'GET', path: '/huge' },
        { method: 'GET', path: '/patient' },
      ],
    }),
  )
    .route('GET', '/labels/:id', ({ params, query }) => json({ ...params, ...query }))
    .route('POST', '/echo', ({ body }) => ({ status: 201, body }))
    .route('GET', '/broken', () => {
      throw new Error('the password is 1234')
    })
    .route('GET', '/refused', () => {
      throw new Refusal(409, 'shelf-full', 'There is no room left.')
    })
    .route('GET', '/huge', () => ({ body: 'x'.repeat(2_000_000) }))
    .route('GET', '/patient', async (_, { signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      logs.add({ msg: 'the route was told' })
      return json({})
    })

test('a route gets parameters, query and body, and its answer comes back as it gave it', async () => {
  await run(routed())
  await kernel.next('heartbeat')
  const body = Buffer.from([0, 255, 10]).toString('base64')

  expect(await kernel.call('stock', 'i1', { path: '/labels/a%20b', query: { size: '2' } })).toMatchObject({
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    text: '{"id":"a b","size":"2"}',
  })
  expect(await kernel.call('stock', 'i1', { method: 'POST', path: '/echo', body })).toMatchObject({ status: 201, body })
})

test.each([
  ['/nowhere', 404, 'not-found'],
  ['/labels/%', 404, 'not-found'],
  ['/refused', 409, 'shelf-full'],
  ['/broken', 500, 'module-failed'],
  ['/huge', 500, 'answer-too-large'],
])('GET %s is a problem, %i %s, without the insides', async (path, status, code) => {
  await run(routed())
  await kernel.next('heartbeat')

  const answer = await kernel.call('stock', 'i1', { path })

  expect(answer).toMatchObject({ status, headers: { 'content-type': 'application/problem+json' } })
  expect(JSON.parse(answer.text)).toMatchObject({ code, status, module: 'stock', requestId: expect.any(String) })
  expect(answer.text).not.toContain('1234')
})

test('a route is told when nobody waits for it any more', async () => {
  await run(routed())
  await kernel.next('heartbeat')

  void kernel.call('stock', 'i1', { path: '/patient' }, 50)

  await logs.first(({ msg }) => msg === 'the route was told')
})

// The process

test('SIGTERM: the fact in hand is finished and acknowledged, the kernel is told, and the code is 0', async () => {
  const facts = factMaker()
  await kernel.tell(facts.sale(), facts.sale())
  const child = startChild('test/modules/held-module.ts', await moduleEnv(server, 'stock', 'stock-1'))
  await child.lines.first((line) => line === 'took 1')
  child.process.kill('SIGTERM')
  await kernel.next('bye', ({ phase }) => phase === 'draining', 0)
  child.process.stdin?.end('go on\n')

  expect(await child.ended).toBe(0)
  expect(child.lines.got).toContain('done 1')
  expect(child.lines.got).not.toContain('took 2')
  await kernel.next('bye', ({ phase }) => phase === 'gone', 0)
  expect(await kernel.ackedUpTo('stock')).toBe(1)
})

test('SIGTERM while the bus was never there ends at once with 0', async () => {
  const env = { ...(await moduleEnv(server, 'stock', 'stock-1')), NATS_URL: 'nats://127.0.0.1:9' }
  const child = startChild('test/modules/held-module.ts', env)
  await child.lines.first((line) => line.includes('does not let us in yet'))
  child.process.kill('SIGTERM')

  expect(await child.ended).toBe(0)
})

test('SIGTERM with nobody left who reads the log ends with 0 as well', async () => {
  const env = { ...(await moduleEnv(server, 'stock', 'stock-1')), NATS_URL: 'nats://127.0.0.1:9' }
  const child = startChild('test/modules/held-module.ts', env)
  await child.lines.first((line) => line.includes('does not let us in yet'))
  child.process.stdout?.destroy()
  child.process.kill('SIGTERM')

  expect(await child.ended).toBe(0)
})

test('a rejected module prints every reason, and the code is 65', async () => {
  kernel.rejectFor('kernel ^0.1.0 does not fit 2.0.0', 'the name stock is taken')
  const child = startChild('test/modules/held-module.ts', await moduleEnv(server, 'stock', 'stock-1'))

  expect(await child.ended).toBe(65)
  expect(child.complaints()).toBe(
    'The kernel rejects stock:\n- kernel ^0.1.0 does not fit 2.0.0\n- the name stock is taken\n',
  )
})

test.each([
  ['is not set', {}],
  ['cannot be read (ENOENT)', { RECYCLIQUE_CREDS: '/nowhere/stock.creds' }],
])('without credentials (%s) three lines say how to get them, and the code is 78', async (why, creds) => {
  const child = startChild('test/modules/held-module.ts', { RECYCLIQUE_SITE: 'essai', ...creds } as Record<
    string,
    string
  >)

  expect(await child.ended).toBe(78)
  expect(child.complaints().trimEnd().split('\n')).toHaveLength(3)
  expect(child.complaints()).toContain(why)
  expect(child.complaints()).toContain('RECYCLIQUE_CREDS')
})

test('reduced mode works on a server without accounts', async () => {
  const configFile = join(server.folder, 'plain.conf')
  await writeFile(configFile, `listen: "127.0.0.1:-1"\njetstream { store_dir: "${server.folder}/plain" }\n`)
  const plain = await startNatsServer({
    path: (await findNatsServer({ env: process.env, say: () => {} })).path,
    configFile,
  })
  const connection = await connect({ servers: plain.url })
  const open = await fakeKernel(connection)
  await open.tell(factMaker().sale())
  const { heard, module } = listener()
  const one = startModule({ module, settings: { servers: [plain.url], site: 'essai', instance: 'i1' }, log: log() })

  expect(await heard.upTo(1)).toEqual([1])
  // Nobody is kept apart there: the tools of NATS ask the module itself.
  expect((await connection.request('$SRV.PING')).json()).toMatchObject({ name: 'stock', id: 'i1' })
  expect((await one.stop()).code).toBe(0)
  await connection.close()
  await plain.stop()
})

// Manifest and code

test('code that does what the manifest does not say is refused where it is written', () => {
  const module = defineModule(manifestOf())
  expect(() => module.hear(SaleVoided, () => {})).toThrow("module.ts hears 'sale.voided', but manifest.json does not")
  expect(() => module.route('GET', '/x', () => json(1))).toThrow('module.ts answers GET /x, but manifest.json does not')
  expect(() => module.hear(SaleRecorded, () => {}).hear(SaleRecorded, () => {})).toThrow("'sale.recorded' twice")
})

test('a manifest that promises what the code does not do is refused at the start', () => {
  const settings = { servers: [], site: 'essai', instance: 'i1' }
  const start = (module: Module) => () => startModule({ module, settings, log: log() })
  const routes = [{ method: 'GET' as const, path: '/x' }]

  expect(start(defineModule(manifestOf()))).toThrow("lists 'sale.recorded' under 'hears', but module.ts has no handler")
  expect(start(defineModule(manifestOf({ hears: [], routes })))).toThrow('lists GET /x under')
})
