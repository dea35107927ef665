import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Facts, type KernelSide, openFacts, startKernelSide } from '../registry/kernel-side.ts'
import { IS_LONG } from '../support/check.ts'
import { startTestServer, type TestServer } from '../support/nats.ts'
import { until } from '../support/wait.ts'
import { type Child, moduleEnv, startChild } from './child.ts'

// Several processes of one module, each a process of its own, that share a store: who dies, and what becomes of the fact that it held.

vi.setConfig({ testTimeout: 60_000 })

let server: TestServer
let facts: Facts
let kernel: KernelSide
let environment: Record<string, string>
let children: Child[]

beforeEach(async () => {
  children = []
  server = await startTestServer()
  facts = await openFacts()
  environment = await moduleEnv(server, 'stock', '')
  kernel = await startKernelSide(server, facts)
})
afterEach(async () => {
  for (const { process } of children) process.kill('SIGKILL')
  await Promise.all(children.map(({ ended }) => ended))
  await kernel.stop()
  await facts.close()
  await server.stop()
})

/** Started and at work. */
const start = async (instance: string, more: Record<string, string> = {}): Promise<Child> => {
  const child = startChild('test/modules/replica-module.ts', { ...environment, RECYCLIQUE_INSTANCE: instance, ...more })
  children.push(child)
  await child.lines.first((line) => line.includes('"admitted"'))
  return child
}
const kill = async (child: Child) => {
  child.process.kill('SIGKILL')
  expect(await child.ended).toBe('SIGKILL')
}

/** What stands in the replicas' store, in the order in which it was done. */
const effects = (): { position: number; by: string }[] => {
  const db = new DatabaseSync(join(environment.RECYCLIQUE_MODULE_DATA ?? '', 'effects.sqlite'), { readOnly: true })
  try {
    return db.prepare('SELECT position, by FROM effect ORDER BY nr').all() as never
  } finally {
    db.close()
  }
}
const done = () => effects().map(({ position }) => position)
/** Where the facts that it hears stand in the ledger. */
const told = async () =>
  (await facts.ledger.rows(1, 5_000))
    .filter(({ name, mode }) => name === 'cash.variance.flagged' && mode === 'live')
    .map(({ position }) => position)
const allDone = async (withinMs = 20_000) => {
  const wanted = await told()
  await until(() => done().length >= wanted.length, withinMs).catch(() => expect(done()).toEqual(wanted))
  return wanted
}
const bothTook = async () => until(() => new Set(effects().map(({ by }) => by)).size > 1)

test('two replicas share the facts of a module, one at a time, in order, and each is done once', async () => {
  await start('stock-1')
  await start('stock-2')
  for (let n = 0; n < 40; n += 1) await facts.keep(5)

  expect(await allDone().then(done)).toEqual(await told())
  await bothTook()
})

test.each(['before', 'behind'] as const)(
  'a replica that is killed in the middle of a fact, %s its effect, leaves order and effects whole, and nobody waits long',
  async (place) => {
    const victim = await start('stock-1', { HOLD_AT: '3', HOLD: place })
    await facts.keep(20)
    await victim.lines.first((line) => line.startsWith('held'))
    await start('stock-2')
    await facts.keep(20)
    const killedAt = performance.now()
    await kill(victim)

    expect(await allDone().then(done)).toEqual(await told())
    // The server alone would wait 30 s before it gives the fact out again.
    expect(performance.now() - killedAt).toBeLessThan(10_000)
  },
)

test('replicas that come and are killed while facts are told: each is done once, in order', async () => {
  let victim = await start('stock-0')
  for (let round = 1; round <= 5; round += 1) {
    const next = await start(`stock-${round}`)
    const telling = (async () => {
      for (let n = 0; n < 20; n += 1) await facts.keep(3)
    })()
    await victim.lines.first((line) => line.startsWith('took'), victim.lines.got.length)
    await kill(victim)
    await telling
    victim = next
  }

  expect(await allDone(40_000).then(done)).toEqual(await told())
})

test('without order several are in hand at once, over the replicas, and what a dead one held is done by the others', async () => {
  await facts.keep(30)
  const victim = await start('stock-1', { ORDER: 'none', HOLD_AT: '1', HOLD: 'before' })
  await until(() => done().length > 0)
  await start('stock-2', { ORDER: 'none' })
  await facts.keep(30)
  await until(async () => done().length >= (await told()).length - 1)
  const held = (await told()).filter((position) => !done().includes(position))
  expect(held).toHaveLength(1)
  await kill(victim)
  // Nobody waits behind it, so that the server's own patience decides: half a minute.
  if (!IS_LONG) return

  expect(await allDone(45_000).then(() => done().sort((a, b) => a - b))).toEqual(await told())
})

test('who joins late hears the past from the first fact on, also what was told while the bus had no stream yet', async () => {
  await facts.keep(100)
  await start('stock-1')
  await facts.keep(10)

  expect(await allDone().then(done)).toEqual(await told())
})

test('who joins with what comes from now on hears nothing of the past, and after a restart goes on where it was', async () => {
  await facts.keep(20)
  const past = await told()
  const first = await start('stock-1', { FROM: 'now' })
  await facts.keep(3)
  await until(() => done().length === 3)
  await kill(first)
  await facts.keep(4)
  await start('stock-2', { FROM: 'now' })
  await until(() => done().length >= 7)

  expect(done()).toEqual((await told()).slice(past.length))
})
