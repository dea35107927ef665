import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Relay, type RelayParts, startRelay } from '../../kernel/bus/relay.ts'
import { until } from '../support/wait.ts'
import { type Facts, openFacts } from './facts.ts'
import { type Happening, scriptedBus } from './scripted-bus.ts'

const upTo = (last: number) => Array.from({ length: last }, (_, at) => at + 1)
const log = { info: () => {}, warn: () => {} }

let facts: Facts
let relay: Relay | undefined

beforeEach(async () => {
  facts = await openFacts()
})
afterEach(async () => {
  await relay?.close()
  relay = undefined
  await facts.close()
})

const start = (bus: RelayParts['bus'], lookEveryMs = 1000) => {
  relay = startRelay({ ledger: facts.ledger, bus, site: 'essai', log, lookEveryMs })
  return relay
}
const positions = (bus: ReturnType<typeof scriptedBus>) => bus.kept.map(({ position }) => position)
const idsOf = async () => (await facts.ledger.rows(1, 10_000)).map(({ id }) => id)

test('every fact is told once and in order: those before the start, and those after', async () => {
  const bus = scriptedBus()
  await facts.keep(3)
  const relay = start(bus)
  await facts.keep(3)

  expect(await relay.flush(5_000)).toBe(true)

  expect(bus.kept.map(({ id }) => id)).toEqual(await idsOf())
  expect(relay.state).toEqual({ state: 'idle', told: 6, behind: 0 })
})

test('a message carries the row’s own bytes, and the mode that the bus knows', async () => {
  const bus = scriptedBus()
  await facts.keep(1, 'training')
  await facts.keep(1, 'deferred')

  await start(bus).flush(5_000)

  const rows = await facts.ledger.rows(1, 2)
  expect(bus.kept.map(({ body }) => body)).toEqual(rows.map(({ data }) => data))
  expect(bus.kept.map(({ headers }) => headers['rq-hash'])).toEqual(rows.map(({ hash }) => hash))
  expect(bus.kept.map(({ subject }) => subject)).toEqual([
    'rq.essai.evt.training.training-drawer-caisse-1.cash.variance.flagged',
    'rq.essai.evt.live.drawer-caisse-1.cash.variance.flagged',
  ])
})

test('more facts than fit into the window are told without a gap', async () => {
  const bus = scriptedBus()
  await facts.keep(1_000)
  expect(await start(bus).flush(5_000)).toBe(true)
  expect(positions(bus)).toEqual(upTo(1_000))
})

test('a publish that is refused in the middle leaves no hole', async () => {
  const bus = scriptedBus(['keep', 'keep', 'keep', 'keep', 'refuse'])
  await facts.keep(10)
  await start(bus, 5).flush(5_000)
  expect(positions(bus)).toEqual(upTo(10))
})

test('another hand’s message in the middle lets nothing through behind it, and the relay stops', async () => {
  const bus = scriptedBus(['keep', 'keep', 'strange'])
  await facts.keep(10)
  const relay = start(bus, 5)
  await until(() => relay.state.state === 'stopped')
  expect(bus.kept.map(({ id }) => id)).toEqual([...(await idsOf()).slice(0, 2), 'strange'])
})

test('an acknowledgement that is lost makes no fact come twice', async () => {
  const bus = scriptedBus(['keep', 'lose-ack', 'keep', 'again', 'lose-ack'])
  await facts.keep(5)
  await start(bus, 5).flush(5_000)
  expect(positions(bus)).toEqual(upTo(5))
})

test('while the bus is away the till sells, and everything is told when it is back', async () => {
  const bus = scriptedBus()
  bus.goAway()
  const relay = start(bus)
  await facts.keep(5)
  expect(relay.state).toEqual({ state: 'away', told: 0, behind: 5, reason: 'the cable is out' })

  bus.comeBack()

  expect(await relay.flush(5_000)).toBe(true)
  expect(positions(bus)).toEqual(upTo(5))
})

test('a flush that takes too long says so, and holds up nothing', async () => {
  const bus = scriptedBus()
  bus.goAway()
  await facts.keep(1)
  expect(await start(bus).flush(10)).toBe(false)
})

test('a stream that is deleted while nothing happens is noticed and filled again', async () => {
  const bus = scriptedBus()
  await facts.keep(5)
  await start(bus, 5).flush(5_000)

  bus.wipe()

  await until(() => bus.kept.length === 5)
  expect(positions(bus)).toEqual(upTo(5))
})

test('a stream that its server rolled back is told the rest', async () => {
  const bus = scriptedBus()
  await facts.keep(6)
  await start(bus, 5).flush(5_000)

  bus.put(bus.kept.slice(0, 4))

  await until(() => bus.kept.length === 6)
  expect(positions(bus)).toEqual(upTo(6))
})

test('a stream that is ahead of the ledger stops the relay with a reason, and the till goes on', async () => {
  const bus = scriptedBus()
  await facts.keep(4)
  await start(bus).flush(5_000)
  await relay?.close()
  await facts.close()
  facts = await openFacts()

  await facts.keep(2)
  const restored = start(bus, 5)
  await until(() => restored.state.state === 'stopped')
  await facts.keep(1)

  expect(restored.state.reason).toMatch(
    /knows facts up to 4, the ledger ends before: an older backup.*delete the stream/,
  )
  expect(facts.ledger.head.position).toBe(3)
  expect(bus.kept.length).toBe(4)
})

test('a stream with another past stays as it is, even when the ledger has overtaken it', async () => {
  const bus = scriptedBus()
  await facts.keep(2)
  await start(bus).flush(5_000)
  await relay?.close()
  await facts.close()
  facts = await openFacts()

  await facts.keep(3)
  const restored = start(bus, 5)
  await until(() => restored.state.state === 'stopped')
  expect(restored.state.reason).toMatch(/At position 2 the bus knows another fact/)
  expect(bus.kept.length).toBe(2)

  // What the reason advises helps without a restart.
  bus.wipe()
  await until(() => restored.state.state === 'idle')
  expect(bus.kept.map(({ id }) => id)).toEqual(await idsOf())
})

test('trouble of any kind in any order ends with every fact told once, in order and without a hole', async () => {
  const happening = fc.constantFrom<Happening>(
    'keep',
    'keep',
    'keep',
    'lose-ack',
    'lose',
    'refuse',
    'again',
    'cut',
    'wipe',
  )
  await facts.keep(30)
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 60 }), fc.integer({ min: 0, max: 3 }), async (script, more) => {
      const bus = scriptedBus([...script])
      const one = startRelay({ ledger: facts.ledger, bus, site: 'essai', log, lookEveryMs: 1 })
      if (more > 0) await facts.keep(more)
      const isTold = await one.flush(10_000)
      await until(() => one.state.state === 'idle' && bus.kept.length === facts.ledger.head.position)
      await one.close()
      expect(isTold).toBe(true)
      expect(bus.kept.map(({ id }) => id)).toEqual(await idsOf())
    }),
    { numRuns: 100 },
  )
})
