import { subjectsOf } from '@recyclique/contracts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { MOST_DEATHS } from '../../kernel/registry/fatal-facts.ts'
import { startTestServer, type TestModule, type TestServer } from '../support/nats.ts'
import { until } from '../support/wait.ts'
import { type Facts, type KernelSide, openFacts, startKernelSide } from './kernel-side.ts'
import { manifestOf, type PlayedModule, playModule } from './module-on-wire.ts'

// Which fact is it that kills a module's processes? Processes are played word by word, and die by closing their connection.

let server: TestServer
let facts: Facts
let kernel: KernelSide
let stock: TestModule

beforeEach(async () => {
  server = await startTestServer()
  facts = await openFacts()
  stock = await server.addModule('stock')
})
afterEach(async () => {
  await kernel.stop()
  await facts.close()
  await server.stop()
})

const start = async (instance: string): Promise<PlayedModule> => {
  const one = await playModule(stock, instance, manifestOf('stock'))
  await one.announce()
  return one
}
const heard = async () =>
  (await facts.ledger.rows(1, 100))
    .filter(({ name }) => name === 'cash.variance.flagged')
    .map(({ position }) => position)
const letters = async () =>
  (await kernel.registry.deadLetters.list({ limit: 10 })).map(({ position, attempts }) => ({ position, attempts }))

/** Says what it has in hand whenever the kernel asks, and counts how often it does. */
const sayWhatIsHeld = async ({ connection }: PlayedModule, instance: string, positions: () => number[]) => {
  let asked = 0
  connection.subscribe(subjectsOf('essai').toModule('stock', instance, 'control', 'holding'), {
    callback: (_, message) => {
      asked += 1
      message.respond(JSON.stringify({ positions: positions() }))
    },
  })
  await connection.flush()
  return () => asked
}

test('a fact that a living process has in hand is left with it, however often others die beside it', async () => {
  kernel = await startKernelSide(server, facts)
  await facts.keep(2)
  const [first = 0, second] = await heard()
  const slow = await start('stock-slow')
  const held = await slow.next()
  expect(held?.seq).toBe(first)
  const asked = await sayWhatIsHeld(slow, 'stock-slow', () => [first])
  for (let nth = 0; nth <= MOST_DEATHS; nth += 1) {
    const before = asked()
    const one = await start(`stock-${nth}`)
    await one.connection.close()
    // For the count, and before the fact would be given out again.
    await until(() => asked() >= before + 2)
  }
  // Answered in turn: what a death had set going is done by then.
  await slow.announce()

  expect(await letters()).toEqual([])
  await held?.ackAck()
  expect((await slow.next())?.seq).toBe(second)
})

test('a server that tells of no death: whoever bears the id of the dead one brings the news', async () => {
  kernel = await startKernelSide(server, facts, { hasSys: false })
  await facts.keep(2)
  const [first = 0, second] = await heard()
  for (let nth = 0; nth < MOST_DEATHS; nth += 1) {
    const one = await start('stock-1')
    expect((await one.next())?.seq).toBe(first)
    await one.connection.close()
  }
  const last = await start('stock-1')

  expect(await letters()).toEqual([{ position: first, attempts: MOST_DEATHS }])
  expect((await last.next())?.seq).toBe(second)
})
