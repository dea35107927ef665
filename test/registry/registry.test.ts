import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { jetstreamManager } from '@nats-io/jetstream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startTestServer, type TestModule, type TestServer } from '../support/nats.ts'
import { until } from '../support/wait.ts'
import { type Facts, type KernelSide, openFacts, startKernelSide } from './kernel-side.ts'
import { manifestOf, ok, type PlayedModule, playModule } from './module-on-wire.ts'

const CALL = { method: 'GET', path: '/', query: {}, headers: {} }

let server: TestServer
let facts: Facts
let kernel: KernelSide
let figures: TestModule
let beating: NodeJS.Timeout | undefined

beforeEach(async () => {
  server = await startTestServer()
  facts = await openFacts()
  kernel = await startKernelSide(server, facts)
  figures = await server.addModule('figures')
})
afterEach(async () => {
  clearInterval(beating)
  await kernel.stop()
  await facts.close()
  await server.stop()
})

const restartKernel = async (options: Parameters<typeof startKernelSide>[2] = {}) => {
  await kernel.stop()
  kernel = await startKernelSide(server, facts, options)
}
const play = (instance: string, more = {}) => playModule(figures, instance, manifestOf('figures', more))
const durable = async () => {
  const manager = await jetstreamManager(await server.connectKernel(), { checkAPI: false })
  return manager.consumers.info('RQ_ESSAI', 'm-figures')
}
const listed = async () => (await kernel.registry.list())[0]!
const instance = async (id: string) => (await listed()).instances.find((one) => one.id === id)
/** Where the ledger has the facts that figures hears: the registry's own facts stand between them. */
const kept = async (name = 'cash.variance.flagged') =>
  (await facts.ledger.rows(1, 1_000))
    .filter((row) => row.name === name && row.mode === 'live')
    .map(({ position }) => position)
const positionsOf = async (module: PlayedModule, count: number) => {
  const positions: number[] = []
  while (positions.length < count) {
    const message = await module.next()
    if (!message) break
    positions.push(message.seq)
    await message.ackAck()
  }
  return positions
}

test('a module is admitted, and hears its facts from the first one on', async () => {
  await facts.keep(2)
  await facts.keepOther()
  await facts.keep(1, 'training')
  await facts.keep(1)
  const module = await play('figures-1')

  expect(await module.announce()).toEqual({
    state: 'admitted',
    reasons: [],
    kernel: 'recyclique 0.1.0',
    hearing: { stream: 'RQ_ESSAI', durable: 'm-figures' },
    heartbeatMs: 2_000,
  })

  expect(await positionsOf(module, 3)).toEqual([1, 2, 5])
  expect(await listed()).toMatchObject({ name: 'figures', state: 'active', reasons: [], lag: 0 })
})

test('the durable bears the manifest’s filters, one fact at a time, for ever', async () => {
  await (await play('figures-1', { hears: ['cash.variance.flagged', 'post.changed'], hearsTraining: true })).announce()

  expect((await durable()).config).toMatchObject({
    filter_subjects: [
      'rq.essai.evt.live.*.cash.variance.flagged',
      'rq.essai.evt.training.*.cash.variance.flagged',
      'rq.essai.evt.live.*.post.changed',
      'rq.essai.evt.training.*.post.changed',
    ],
    ack_policy: 'explicit',
    max_ack_pending: 1,
    max_deliver: -1,
    ack_wait: 30_000_000_000,
  })
})

test('a newer version that hears more gets other filters and keeps its place', async () => {
  await facts.keep(3)
  const old = await play('figures-1')
  await old.announce()
  await positionsOf(old, 3)
  old.bye('gone')
  await until(async () => (await listed()).state === 'stopped')

  const next = await play('figures-2', {
    version: '1.1.0',
    order: 'none',
    hears: ['cash.variance.flagged', 'post.changed'],
  })
  await next.announce()
  await facts.keepOther()

  expect((await durable()).config.max_ack_pending).toBe(64)
  expect(await positionsOf(next, 1)).toEqual(await kept('post.changed'))
})

test('a module that cannot be let in reads every reason at once', async () => {
  const module = await play('figures-1')
  const manifest = manifestOf('stock', { kernel: '^9.0.0', protocol: { min: 2, max: 3 }, hears: ['sale.dreamt'] })

  const answer = await module.announce({ manifest, resumeAfter: 7 })

  expect(answer.state).toBe('rejected')
  expect(answer.reasons).toEqual([
    "The manifest says 'stock', but the credentials are those of 'figures'.",
    'It needs kernel ^9.0.0; this one is 0.1.0.',
    'It speaks the protocol in versions 2 to 3; this kernel speaks 1.',
    "It hears 'sale.dreamt': there is no such fact.",
    expect.stringMatching(/^It has dealt with position 7, and the ledger ends at 0: an older backup/),
  ])
  expect(await listed()).toMatchObject({ name: 'figures', state: 'rejected', reasons: answer.reasons, instances: [] })
})

test('a manifest that cannot be read is rejected with each of its flaws', async () => {
  const module = await play('figures-1')
  const answer = await module.announce({
    manifest: { ...manifestOf('figures'), version: 'soon', hears: ['Nonsense'], typo: 1 } as never,
  })
  expect(answer.state).toBe('rejected')
  expect(answer.reasons.join(' ')).toMatch(/manifest\/version/)
  expect(answer.reasons.join(' ')).toMatch(/manifest\/hears\/0/)
  expect(answer.reasons.join(' ')).toMatch(/manifest\/typo/)
})

test('a replica with another manifest, or an older version, is rejected while the other is there', async () => {
  const first = await play('figures-1')
  await first.announce()
  const second = await play('figures-2')
  const older = await play('figures-3', { version: '0.9.0' })

  expect(await second.announce({ manifestHash: 'b'.repeat(64) })).toMatchObject({
    state: 'rejected',
    reasons: [expect.stringMatching(/another manifest \(aaaaaaaa, here bbbbbbbb\)/)],
  })
  expect(await older.announce()).toMatchObject({
    state: 'rejected',
    reasons: [expect.stringMatching(/^Version 1.0.0 is at work, and this one is older/)],
  })
  expect((await listed()).state).toBe('active')

  first.bye('gone')
  await until(async () => (await second.announce({ manifestHash: 'b'.repeat(64) })).state === 'admitted')
})

test('facts go on behind the position that the module’s own store has', async () => {
  await facts.keep(10)
  const module = await play('figures-1')
  await module.announce({ resumeAfter: 7 })
  expect(await positionsOf(module, 3)).toEqual([8, 9, 10])
})

test('a module that joins from now on hears nothing of the past, told or not', async () => {
  await kernel.relay.close()
  await facts.keep(5)
  const module = await play('figures-1', { hearsFrom: 'now' })
  await module.announce()
  await restartKernel()
  await facts.keep(1)
  expect(await positionsOf(module, 1)).toEqual((await kept()).slice(-1))
})

test('a module that lost its store is told everything again', async () => {
  await facts.keep(4)
  const before = await play('figures-1')
  await before.announce({ resumeAfter: 0 })
  await positionsOf(before, 4)
  await before.connection.close()
  await until(async () => (await listed()).state === 'stopped')

  const after = await play('figures-2')
  await after.announce({ resumeAfter: 0 })

  expect(await positionsOf(after, 4)).toEqual([1, 2, 3, 4])
})

test('a second instance with an empty store rewinds nothing while the first lives', async () => {
  await facts.keep(4)
  const first = await play('figures-1')
  await first.announce({ resumeAfter: 0 })
  await positionsOf(first, 4)

  const second = await play('figures-2')
  await second.announce({ resumeAfter: 0 })

  expect((await durable()).ack_floor.stream_seq).toBe(4)
})

test('the fact that a killed process held comes to the next one at once, and not after 30 seconds', async () => {
  await facts.keep(2)
  const first = await play('figures-1')
  await first.announce({ resumeAfter: 0 })
  expect((await first.next())?.seq).toBe(1)
  await first.connection.close()
  await until(async () => (await listed()).state === 'stopped')

  const second = await play('figures-2')
  await second.announce({ resumeAfter: 0 })

  expect(await positionsOf(second, 2)).toEqual([1, 2])
})

test('the JetStream store is deleted: the durable is there again where the module was, and not at the start', async () => {
  await restartKernel({ heartbeatMs: 100 })
  await facts.keep(300)
  const module = await play('figures-1')
  await module.announce({ resumeAfter: 290 })
  expect(await positionsOf(module, 5)).toEqual([291, 292, 293, 294, 295])
  beating = setInterval(() => module.beat({ position: 295 }), 50)
  await server.kill()
  await rm(join(server.folder, 'nats', 'jetstream'), { recursive: true, force: true })

  await server.restart()

  await until(async () => kernel.relay.state.state === 'idle' && ((await listed()).lag ?? 0) >= 5)
  // What was acknowledged since it was last looked may come again; nothing is left out.
  const [first = 0, ...others] = await positionsOf(module, (await listed()).lag ?? 0)
  expect(first).toBeGreaterThan(290)
  expect(first).toBeLessThanOrEqual(296)
  expect([first, ...others]).toEqual(Array.from({ length: 301 - first }, (_, at) => first + at))
})

test('of a module without a store the kernel remembers what it acknowledged, across its own restart', async () => {
  await restartKernel({ heartbeatMs: 100 })
  await facts.keep(6)
  const module = await play('figures-1')
  await module.announce()
  await positionsOf(module, 4)
  await until(async () => (await facts.store.read.one<{ position: number }>('SELECT * FROM durable'))?.position === 4)
  await kernel.stop()
  await server.kill()
  await rm(join(server.folder, 'nats', 'jetstream'), { recursive: true, force: true })
  await server.restart()
  kernel = await startKernelSide(server, facts)

  const again = await play('figures-2')
  await again.announce()

  expect(await positionsOf(again, 2)).toEqual([5, 6])
})

test('a kernel that was restarted asks whom it hears and does not know to announce itself', async () => {
  const module = await play('figures-1')
  await module.announce()
  const asked = await module.hearControl()
  await restartKernel()

  module.beat()

  await until(() => asked() === 1)
  await module.announce()
  module.beat({ position: 3 })
  await until(async () => (await instance('figures-1'))?.position === 3)
  expect(asked()).toBe(1)
})

test('a process that ends without a word is known within a fraction of a second', async () => {
  const module = await play('figures-1')
  await module.announce()
  await module.connection.close()
  await until(async () => (await instance('figures-1'))?.state === 'gone', 500)
  expect((await listed()).state).toBe('stopped')
})

test('a stranger’s connection that bears an instance’s name ends nobody', async () => {
  const module = await play('figures-1')
  await module.announce()
  const stranger = await server.addModule('stranger')
  await (await stranger.connect('figures-1')).close()
  // The stranger's end was told before the other's, which is known.
  const other = await play('figures-2')
  await other.announce()
  await other.connection.close()
  await until(async () => (await instance('figures-2'))?.state === 'gone')
  expect((await instance('figures-1'))?.state).toBe('active')
})

test('a process that hangs is suspected, then lost, and asked to announce itself when it beats', async () => {
  await restartKernel({ heartbeatMs: 100 })
  const module = await play('figures-1')
  await module.announce()
  await until(async () => (await instance('figures-1'))?.state === 'suspect')
  await until(async () => (await instance('figures-1'))?.state === 'lost')
  expect((await listed()).state).toBe('failed')
  const asked = await module.hearControl()
  module.beat()
  await until(() => asked() === 1)
  await module.announce()
  await until(async () => (await instance('figures-1'))?.state === 'active')
})

test('while the server is away nobody is suspected for the silence', async () => {
  await restartKernel({ heartbeatMs: 100 })
  const module = await play('figures-1')
  await module.announce()
  await server.kill()
  await until(() => !kernel.bus.isConnected)
  const seen = (await listed()).state
  const since = Date.now()
  await until(() => Date.now() - since > 1_000)
  expect([seen, (await listed()).state]).toEqual(['active', 'active'])
  expect((await listed()).lag).toBeUndefined()
  await server.restart()
})

test('a process that says goodbye gets no new work, and then it is gone', async () => {
  const module = await play('figures-1')
  await module.announce()
  await module.serve(() => ok('never'))
  module.bye('draining')
  await until(async () => (await listed()).state === 'draining')
  await expect(kernel.registry.callHttp('figures', CALL)).rejects.toMatchObject({
    code: 'module-unavailable',
    message: "The module 'figures' does not answer: it is stopping.",
  })
  module.bye('gone')
  await until(async () => (await listed()).state === 'stopped')
})

test('a dead letter is answered when it is on disk', async () => {
  const module = await play('figures-1')
  await module.announce()
  await module.dead({ position: 3, error: 'no such price', attempts: 5 })
  expect(await facts.store.read.one('SELECT * FROM dead_letter')).toMatchObject({
    ...{ module: 'figures', position: 3, instance: 'figures-1', error: 'no such price', attempts: 5 },
  })
})

test('a request goes to the instance with the fewest calls in hand', async () => {
  const busy = await play('figures-1')
  const idle = await play('figures-2')
  await busy.announce()
  let isAsked = false
  await busy.serve(() => {
    isAsked = true
    return undefined
  })
  await idle.serve(() => ok('from the second'))
  const waiting = kernel.registry.callHttp('figures', CALL)
  waiting.catch(() => {})
  await until(() => isAsked)
  await idle.announce()

  for (let turn = 0; turn < 3; turn += 1) {
    const { body } = await kernel.registry.callHttp('figures', CALL)
    expect(Buffer.from(body, 'base64').toString()).toBe('from the second')
  }

  // And the one who waits hears at once that the process ended.
  await busy.connection.close()
  await expect(waiting).rejects.toMatchObject({
    message: "The module 'figures' does not answer: it ended while it was asked.",
  })
})

test('requests go by turns to the instances that have as few in hand', async () => {
  for (const id of ['figures-1', 'figures-2']) {
    const module = await play(id)
    await module.announce()
    await module.serve(() => ok(id))
  }
  const bodies: string[] = []
  for (let turn = 0; turn < 4; turn += 1) {
    const { body } = await kernel.registry.callHttp('figures', CALL)
    bodies.push(Buffer.from(body, 'base64').toString())
  }
  expect(bodies.sort()).toEqual(['figures-1', 'figures-1', 'figures-2', 'figures-2'])
})

test('a request that nobody heard goes to the next instance, and to nobody when there is none', async () => {
  const deaf = await play('figures-1')
  await deaf.announce()
  await expect(kernel.registry.callHttp('figures', CALL)).rejects.toMatchObject({
    code: 'module-unavailable',
    message: expect.stringMatching(/not been heard of/),
  })

  deaf.beat()
  const hearing = await play('figures-2')
  await hearing.announce()
  await hearing.serve(() => ok('here'))
  await until(async () => (await instance('figures-1'))?.state === 'active')
  // By turns: one of the two comes to the deaf one first.
  for (let turn = 0; turn < 2; turn += 1) expect((await kernel.registry.callHttp('figures', CALL)).status).toBe(200)
  expect((await instance('figures-1'))?.state).toBe('suspect')
})

test('an answer that makes no sense is the module’s fault, and the words say why', async () => {
  const module = await play('figures-1')
  await module.announce()
  await module.serve(() => '{"status":99}')
  await expect(kernel.registry.callHttp('figures', CALL)).rejects.toMatchObject({
    code: 'module-unavailable',
    message: expect.stringMatching(/its answer: .*status/),
  })
})

test('a request to a module that was never there, or larger than the bus carries, is refused at once', async () => {
  await expect(kernel.registry.callHttp('nobody', CALL)).rejects.toMatchObject({ code: 'module-unknown' })
  await (await play('figures-1')).announce()
  const body = 'x'.repeat(1_100_000)
  await expect(kernel.registry.callHttp('figures', { ...CALL, body })).rejects.toMatchObject({
    code: 'module-call-too-large',
  })
})

test('the server is restarted: everybody is heard again without a new start of the kernel', async () => {
  const module = await play('figures-1')
  await module.announce()
  await server.kill()
  await until(() => !kernel.bus.isConnected)
  await server.restart()
  await until(() => kernel.bus.isConnected)
  await until(() => module.connection.info)
  await until(async () => (await module.announce()).state === 'admitted')
  module.beat({ position: 9 })
  await until(async () => (await instance('figures-1'))?.position === 9)
})
