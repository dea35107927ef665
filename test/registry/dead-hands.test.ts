import { subjectsOf } from '@recyclique/contracts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startTestServer, type TestModule, type TestServer } from '../support/nats.ts'
import { until } from '../support/wait.ts'
import { type Facts, type KernelSide, openFacts, startKernelSide } from './kernel-side.ts'
import { manifestOf, type PlayedModule, playModule } from './module-on-wire.ts'

// What becomes of a fact whose process dies while sisters of it live.

let server: TestServer
let facts: Facts
let kernel: KernelSide
let figures: TestModule

beforeEach(async () => {
  server = await startTestServer()
  facts = await openFacts()
  kernel = await startKernelSide(server, facts)
  figures = await server.addModule('figures')
})
afterEach(async () => {
  await kernel.stop()
  await facts.close()
  await server.stop()
})

const play = async (instance: string, more = {}): Promise<PlayedModule> => {
  const module = await playModule(figures, instance, manifestOf('figures', more))
  expect(await module.announce()).toMatchObject({ state: 'admitted' })
  return module
}

/** Says what it holds whenever it is asked; gives the way to wait until it was. */
const answerHolding = async (
  { connection }: PlayedModule,
  instance: string,
  positions: readonly number[] | undefined,
) => {
  const asked = Promise.withResolvers<void>()
  connection.subscribe(subjectsOf('essai').toModule('figures', instance, 'control', 'holding'), {
    callback: (_, message) => {
      if (positions) message.respond(JSON.stringify({ positions }))
      asked.resolve()
    },
  })
  await connection.flush()
  return asked.promise
}
const die = async ({ connection }: PlayedModule) => connection.close()
const stateOf = async (id: string) =>
  (await kernel.registry.list())[0]?.instances.find((one) => one.id === id)?.state ?? 'forgotten'

test('is given out again as soon as the sister has said that she does not hold it', async () => {
  const victim = await play('figures-1')
  const sister = await play('figures-2')
  const asked = answerHolding(sister, 'figures-2', [])
  await facts.keep(2)
  const held = await victim.next()
  await die(victim)
  await asked
  const again = await sister.next(5_000)

  expect(again).toMatchObject({ seq: held?.seq, redelivered: true })
  await again?.ackAck()
  expect((await sister.next(5_000))?.seq).toBe((held?.seq ?? 0) + 1)
})

test('stays with the sister who says that she holds it', async () => {
  const victim = await play('figures-1')
  const [sister, third] = [await play('figures-2'), await play('figures-3')]
  await facts.keep(2)
  const held = await sister.next()
  const asked = answerHolding(sister, 'figures-2', [held?.seq ?? 0])
  void answerHolding(third, 'figures-3', [])
  await die(victim)
  await asked

  expect(await third.next(1_500)).toBeUndefined()
  await held?.ackAck()
  expect((await third.next(5_000))?.seq).toBe((held?.seq ?? 0) + 1)
})

test('is left to the server where a sister does not say what she holds', async () => {
  const victim = await play('figures-1')
  const [silent, third] = [await play('figures-2'), await play('figures-3')]
  const asked = answerHolding(silent, 'figures-2', undefined)
  void answerHolding(third, 'figures-3', [])
  await facts.keep(1)
  await victim.next()
  await die(victim)
  await asked

  expect(await third.next(2_500)).toBeUndefined()
})

test.each([
  ['stays with its process that was only cut off', '2026-11-21T10:00:00.000Z', false],
  ['is given out again where another process has come under the same id', '2026-11-21T10:00:00.001Z', true],
])('%s', async (_, startedAt, isGivenOut) => {
  const victim = await play('figures-1')
  await victim.announce({ startedAt: '2026-11-21T10:00:00.000Z' })
  const sister = await play('figures-2')
  void answerHolding(sister, 'figures-2', [])
  await facts.keep(1)
  const held = await victim.next()
  await die(victim)
  await until(async () => (await stateOf('figures-1')) === 'gone')
  const back = await playModule(figures, 'figures-1', manifestOf('figures'))
  void answerHolding(back, 'figures-1', [])
  await back.announce({ startedAt })

  expect((await sister.next(1_500))?.seq).toBe(isGivenOut ? held?.seq : undefined)
})
