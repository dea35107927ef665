import type { NatsConnection } from '@nats-io/transport-node'
import { type Manifest, PriceSuggest, subjectsOf } from '@recyclique/contracts'
import { defineModule, HookFailure, json, type ModuleBuilder, startModule } from '@recyclique/sdk'
import { type Logger, pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { moduleUser } from '../../kernel/keys/accounts.ts'
import { signClaims, type UserClaim } from '../../kernel/keys/jwt.ts'
import { moduleKeys } from '../../kernel/keys/module-keys.ts'
import { type Facts, type KernelSide, openFacts, startKernelSide } from '../registry/kernel-side.ts'
import { startTestServer, type TestServer } from '../support/nats.ts'
import { until } from '../support/wait.ts'

/** Modules as NATS services, seen from the operator's account, as the tools of NATS see them. */

const subjects = subjectsOf('essai')

let server: TestServer
let facts: Facts
let kernel: KernelSide
let onlooker: NatsConnection
let running: { stop(): Promise<unknown> }[]

beforeEach(async () => {
  running = []
  server = await startTestServer()
  facts = await openFacts()
  kernel = await startKernelSide(server, facts)
  onlooker = await server.connectOnlooker()
})
afterEach(async () => {
  await Promise.all(running.map((one) => one.stop()))
  await kernel.stop()
  await facts.close()
  await server.stop()
})

const manifestOf = (name: string, more: Partial<Manifest> = {}): Manifest => ({
  ...{ name, version: '1.2.0', description: `The module ${name}.`, kernel: '^0.1.0' },
  protocol: { min: 1, max: 1 },
  ...more,
})

type How = { instance?: string; creds?: string; log?: Logger }

const run = async (module: ModuleBuilder, { instance = `${module.manifest.name}-1`, ...how }: How = {}) => {
  const { name } = module.manifest
  const { creds } = await server.addModule(name)
  const settings = { servers: [server.url], site: 'essai', instance, creds: how.creds ?? creds }
  const one = startModule({ module, settings, log: how.log ?? pino({ level: 'silent' }) })
  running.push(one)
  const isThere = async () => {
    const { instances = [] } = (await kernel.registry.view(name)) ?? {}
    return instances.some(({ id, state }) => id === instance && state === 'active')
  }
  await until(isThere)
  return one
}

// biome-ignore lint/suspicious/noExplicitAny: a test reads of an answer what it expects
type Said = any

/** The first so many answers, by instance. */
const ask = async (subject: string, count: number): Promise<Said[]> => {
  const answers: Said[] = []
  const wanted = { strategy: 'count', maxMessages: count, maxWait: 10_000 } as const
  for await (const answer of await onlooker.requestMany(subject, '', wanted)) answers.push(answer.json())
  return answers.sort((a, b) => a.id.localeCompare(b.id))
}

const pricing = () =>
  defineModule(
    manifestOf('prices', {
      answers: [{ hook: 'price.suggest', args: ['qty'] }],
      routes: [{ method: 'GET', path: '/labels/:id' }],
      commands: [{ name: 'resync', description: 'reads all prices again' }],
      tools: [{ name: 'price', description: 'a price', input: { type: 'object' } }],
      jobs: [{ name: 'nightly', description: 'reads all prices again' }],
    }),
  )
    .answer(PriceSuggest, ({ qty }) => {
      if (qty > 10) throw new HookFailure('denied', 'too-many', 'there are not so many')
      return { unitCents: 100 }
    })
    .route('GET', '/labels/:id', ({ params }) => {
      if (params.id === 'none') throw new Error('the printer is out of labels')
      return json(params)
    })
    .command('resync', () => 'done')
    .tool('price', () => ({ unitCents: 100 }))
    .job('nightly', () => {})

test('one question reaches every process of every module, and each says who it is', async () => {
  await run(defineModule(manifestOf('shelf')))
  await run(pricing())
  await run(pricing(), { instance: 'prices-2' })

  const answers = await ask('$SRV.PING', 3)

  expect(answers).toMatchObject([
    { type: 'io.nats.micro.v1.ping_response', name: 'prices', id: 'prices-1', version: '1.2.0' },
    { type: 'io.nats.micro.v1.ping_response', name: 'prices', id: 'prices-2', version: '1.2.0' },
    { type: 'io.nats.micro.v1.ping_response', name: 'shelf', id: 'shelf-1', version: '1.2.0' },
  ])
  expect(answers[0].metadata).toEqual({ protocol: '1', manifest: expect.stringMatching(/^[0-9a-f]{64}$/) })
  expect((await ask('$SRV.PING.prices', 2)).map(({ id }) => id)).toEqual(['prices-1', 'prices-2'])
  expect((await ask('$SRV.PING.prices.prices-2', 1)).map(({ id }) => id)).toEqual(['prices-2'])
})

test('it says what it answers, and how often, how long and with which errors it did', async () => {
  await run(pricing())
  const hook = subjects.toModule('prices', 'prices-1', 'hook', 'price.suggest')
  const [info] = await ask('$SRV.INFO.prices', 1)
  expect(info).toMatchObject({ type: 'io.nats.micro.v1.info_response', description: 'The module prices.' })
  expect(info.endpoints).toEqual([
    {
      ...{ name: 'hook_price_suggest', subject: hook, queue_group: '' },
      metadata: { answers: 'price.suggest', handler: 'price.suggest' },
    },
    {
      ...{ name: 'route_GET_labels_id', subject: subjects.toModule('prices', 'prices-1', 'http'), queue_group: '' },
      metadata: { route: 'GET /labels/:id' },
    },
    ...['command_resync', 'tool_price', 'job_nightly'].map((name) => expect.objectContaining({ name })),
  ])

  const asked = { registerId: 'till', categoryId: 'books' }
  await kernel.hooks.askByName('price.suggest', { ...asked, qty: 1 })
  await kernel.hooks.askByName('price.suggest', { ...asked, qty: 2 })
  await kernel.hooks.askByName('price.suggest', { ...asked, qty: 11 }).catch(() => {})
  for (const path of ['/labels/7', '/labels/none', '/nothing'])
    await kernel.registry.callHttp('prices', { method: 'GET', path, query: {}, headers: {} })
  const errand = {
    module: 'prices',
    verb: 'command',
    name: 'resync',
    args: {},
    actor: 'manager',
    withinMs: 5_000,
  } as const
  await kernel.registry.errand(errand)

  const [stats] = await ask('$SRV.STATS.prices.prices-1', 1)
  expect(stats).toMatchObject({ type: 'io.nats.micro.v1.stats_response', name: 'prices', id: 'prices-1' })
  expect(Date.parse(stats.started)).toBeLessThanOrEqual(Date.now())
  const of = (name: string) => stats.endpoints.find((one: Said) => one.name === name)
  expect(of('hook_price_suggest')).toMatchObject({
    ...{ subject: hook, num_requests: 3, num_errors: 1, last_error: 'too-many: there are not so many' },
  })
  expect(of('route_GET_labels_id')).toMatchObject({
    ...{ num_requests: 2, num_errors: 1, last_error: expect.stringMatching(/^500: .*module-failed/) },
  })
  expect(of('command_resync')).toMatchObject({ num_requests: 1, num_errors: 0, last_error: '' })
  expect(of('tool_price')).toMatchObject({ num_requests: 0, processing_time: 0, average_processing_time: 0 })
  const { processing_time: all, average_processing_time: one } = of('hook_price_suggest')
  expect(all).toBeGreaterThan(0)
  expect(one).toBe(Math.round(all / 3))
})

test('modules come and go, and whoever looks on and whoever works keep their connections', async () => {
  await run(defineModule(manifestOf('shelf')))
  const changes: string[] = []
  void (async () => {
    for await (const { type } of onlooker.status()) changes.push(type)
  })()
  const prices = await run(pricing())
  expect(await ask('$SRV.PING', 2)).toHaveLength(2)

  await prices.stop()
  await until(async () => (await ask('$SRV.PING', 1)).map(({ name }) => name).join() === 'shelf')
  await run(defineModule(manifestOf('later')))
  expect((await ask('$SRV.PING', 2)).map(({ name }) => name)).toEqual(['later', 'shelf'])
  expect(changes).toEqual([])
})

test('who answers as another, or in no form at all, is not shown, and named', async () => {
  await run(defineModule(manifestOf('shelf')))
  await run(defineModule(manifestOf('forger')))
  const forger = await (await server.module('forger')).connect('forger-1')
  const forged = (more: object) =>
    JSON.stringify({
      type: 'io.nats.micro.v1.ping_response',
      name: 'forger',
      id: 'forger-1',
      version: '1.2.0',
      metadata: {},
      ...more,
    })
  const answersInTurn = [
    forged({ name: 'shelf' }),
    forged({ id: 'shelf-1' }),
    forged({ version: '9.9.9' }),
    'nonsense',
    '{}',
  ]
  // In the place of its own process, which answered as it should.
  await running.pop()?.stop()
  let given = 0
  forger.subscribe('$SRV.PING.forger.forger-1', {
    callback(_, message) {
      message.respond(answersInTurn[given])
      given += 1
    },
  })
  const manifest = manifestOf('forger')
  const said = { manifest, manifestHash: 'a'.repeat(64), instance: 'forger-1', startedAt: new Date().toISOString() }
  const announce = () =>
    forger.request(subjects.toKernel('forger', 'announce'), JSON.stringify(said), { timeout: 5_000 })
  await until(async () => (await announce()).json<{ state: string }>().state === 'admitted')

  const shown: string[] = []
  onlooker.subscribe('_INBOX.shown', { callback: (_, message) => void shown.push(message.json<Said>().name) })
  for (const nth of answersInTurn.keys()) {
    onlooker.publish('$SRV.PING', '', { reply: '_INBOX.shown' })
    await until(() => given > nth)
    // What the kernel makes of an answer is done when it answers what came behind it.
    await announce()
    await onlooker.flush()
  }
  await until(() => shown.length >= answersInTurn.length)
  expect(shown).toEqual(answersInTurn.map(() => 'shelf'))
  const reasons = (await kernel.registry.view('forger'))?.reasons.join(' ')
  expect(reasons).toContain('It answers $SRV.PING as somebody else: that is not shown.')
  expect(reasons).toContain('It answers $SRV.PING in a form that cannot be read: that is not shown.')
  expect((await kernel.registry.view('shelf'))?.state).toBe('active')
})

test('a module with credentials of before works, says once that nobody sees it, and is not in the list', async () => {
  await run(defineModule(manifestOf('shelf')))
  const { creds } = await server.addModule('older')
  const { account, user } = await moduleKeys(server.keyring, 'older')
  const who = { name: 'older', publicKey: account.publicKey, userKey: user.publicKey }
  const claims = moduleUser('essai', server.keyring.kernel, who)
  const { sub } = claims.nats as UserClaim
  const before = { ...claims.nats, sub: { allow: sub.allow.filter((one) => !one.startsWith('$SRV')) } } as UserClaim
  const jwt = signClaims(account, { ...claims, nats: before }, Date.now())
  const lines: string[] = []
  await run(defineModule(manifestOf('older')), {
    creds: creds.replace(/^ey.*$/m, jwt),
    log: pino({ level: 'warn' }, { write: (line) => void lines.push(line) }),
  })

  await until(() => lines.length > 0)
  expect((await ask('$SRV.PING', 1)).map(({ name }) => name)).toEqual(['shelf'])
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatch(/credentials are older.*`recyclique keys creds older` makes new ones/)
})
