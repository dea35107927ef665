import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openBus } from '../../kernel/bus/nats.ts'
import type { Bus } from '../../kernel/bus/port.ts'
import { type Relay, startRelay } from '../../kernel/bus/relay.ts'
import { kernelCredentials } from '../../kernel/keys/credentials.ts'
import { startTestServer, type TestServer } from '../support/nats.ts'
import { until } from '../support/wait.ts'
import { type Facts, openFacts } from './facts.ts'

const STREAM = 'RQ_ESSAI'
const log = { info: () => {}, warn: () => {} }

let server: TestServer
let facts: Facts
let bus: Bus
let relay: Relay

beforeEach(async () => {
  server = await startTestServer()
  facts = await openFacts()
  bus = open()
  relay = startRelay({ ledger: facts.ledger, bus, site: 'essai', log })
})
afterEach(async () => {
  await relay.close()
  await bus.close()
  await facts.close()
  await server.stop()
})

const open = () => openBus({ url: server.url, creds: kernelCredentials(server.keyring).creds, site: 'essai', log })

/** Everything in the stream, as the server gives it: its sequence and the fact's id. */
const told = async () => {
  const manager = await jetstreamManager(await server.connectKernel(), { checkAPI: false })
  const { state } = await manager.streams.info(STREAM)
  const found: { sequence: number; id: string }[] = []
  for (let seq = 1; seq <= state.last_seq; seq += 1) {
    const message = await manager.streams.getMessage(STREAM, { seq })
    found.push({ sequence: seq, id: message?.header.get('ce-id') ?? 'missing' })
  }
  return found
}
const everything = async () =>
  (await facts.ledger.rows(1, 10_000)).map(({ position, id }) => ({ sequence: position, id }))

test('every fact is told once, and the stream’s sequence is its position', async () => {
  await facts.keep(50)
  await facts.keep(250)
  expect(await relay.flush(10_000)).toBe(true)
  expect(await told()).toEqual(await everything())
})

test('while the server is dead a thousand sales are kept; when it is back they are told in order', async () => {
  await facts.keep(10)
  await relay.flush(10_000)
  await server.kill()
  for (let at = 0; at < 100; at += 1) await facts.keep(10)
  await until(() => relay.state.state === 'away')
  expect(relay.state.behind).toBe(1_000)

  await server.restart()

  expect(await relay.flush(20_000)).toBe(true)
  expect(await told()).toEqual(await everything())
})

test('a server that is killed in the middle of it leaves neither hole nor double', async () => {
  await facts.keep(3_000)
  await until(() => relay.state.told > 0)
  await server.kill()
  await facts.keep(100)

  await server.restart()

  expect(await relay.flush(20_000)).toBe(true)
  expect(await told()).toEqual(await everything())
})

test('the whole JetStream store is deleted, and everything is told again', async () => {
  await facts.keep(300)
  await relay.flush(10_000)
  await server.kill()
  await rm(join(server.folder, 'nats', 'jetstream'), { recursive: true, force: true })

  await server.restart()

  await until(async () => (await told()).length === 300)
  expect(await told()).toEqual(await everything())
})

test('a stream that is deleted while nothing happens is there again within two seconds', async () => {
  await facts.keep(20)
  await relay.flush(10_000)
  const manager = await jetstreamManager(await server.connectKernel(), { checkAPI: false })

  await manager.streams.delete(STREAM)

  await until(async () => (await told()).length === 20, 2_500)
})

test('the server refuses a publish in the middle, and everything behind it: no hole', async () => {
  await facts.keep(5)
  await relay.flush(10_000)
  const { stream } = bus
  const message = (position: number) => ({
    ...{
      subject: 'rq.essai.evt.live.x.a.b',
      id: `x-${position}`,
      position,
      follows: undefined,
      headers: {},
      body: '{}',
    },
  })

  const acks = await Promise.allSettled([message(7), message(8), message(9)].map((one) => stream.publish(one)))

  expect(acks.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
  expect((await stream.end())?.sequence).toBe(5)
})

test('an older backup was restored: telling stops with a reason, and the till goes on', async () => {
  await facts.keep(20)
  await relay.flush(10_000)
  await relay.close()
  await facts.close()
  facts = await openFacts()
  await facts.keep(8)

  relay = startRelay({ ledger: facts.ledger, bus, site: 'essai', log })
  await until(() => relay.state.state === 'stopped')
  await facts.keep(1)

  expect(relay.state.reason).toMatch(/knows facts up to 20, the ledger ends before/)
  expect(facts.ledger.head.position).toBe(9)
})

test('a fact that somebody else put into the stream stops the relay, and is no stand-in for the one that was refused', async () => {
  await facts.keep(2)
  await relay.flush(10_000)
  await jetstream(await server.connectKernel()).publish('rq.essai.evt.live.caisse-1.sale.recorded', '{}')
  await facts.keep(200)

  await until(() => relay.state.state === 'stopped')
  expect((await bus.stream.end())?.sequence).toBe(3)
  expect(relay.state.reason).toMatch(/At position 3 the bus knows another fact/)
})

test('a stream that another hand has made differently is not trusted', async () => {
  await relay.close()
  const manager = await jetstreamManager(await server.connectKernel(), { checkAPI: false })
  await manager.streams.delete(STREAM).catch(() => {})
  await manager.streams.add({ name: STREAM, subjects: ['rq.essai.evt.>'], max_msgs: 10 })

  relay = startRelay({ ledger: facts.ledger, bus, site: 'essai', log })

  await until(() => relay.state.state === 'stopped')
  expect(relay.state.reason).toMatch(/max_msgs is 10 instead of -1/)
})
