import { type Manifest, MOST_TOLD_BYTES, type Tells } from '@recyclique/contracts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startTestServer, type TestModule, type TestServer } from '../support/nats.ts'
import { until } from '../support/wait.ts'
import { type Facts, type KernelSide, openFacts, startKernelSide } from './kernel-side.ts'
import { manifestOf, playModule } from './module-on-wire.ts'

let server: TestServer
let facts: Facts
let kernel: KernelSide

beforeEach(async () => {
  server = await startTestServer()
  facts = await openFacts()
  kernel = await startKernelSide(server, facts)
})
afterEach(async () => {
  await kernel.stop()
  await facts.close()
  await server.stop()
})

const PRINTED: Tells = {
  name: 'labels.printed',
  version: 2,
  data: {
    type: 'object',
    properties: { code: { type: 'string' }, copies: { type: 'integer', minimum: 1 }, more: {} },
    required: ['code'],
    additionalProperties: false,
  },
}
const TELLS: Partial<Manifest> = { hears: [], tells: [PRINTED] }

const play = async (name: string, more: Partial<Manifest> = TELLS, module?: TestModule) =>
  playModule(module ?? (await server.addModule(name)), `${name}-1`, manifestOf(name, more))
const admitted = async (name: string, more?: Partial<Manifest>) => {
  const module = await play(name, more)
  expect(await module.announce()).toMatchObject({ state: 'admitted' })
  return module
}
const kept = async () => (await facts.ledger.rows(1, 1_000)).filter(({ journal }) => journal.includes('module-'))

test('what a module tells is kept in its own journal, numbered without a gap, under its name', async () => {
  const labels = await admitted('labels')

  const first = await labels.tell('labels.printed', { data: { code: 'A1', copies: 2 } })
  const second = await labels.tell('labels.printed', { data: { code: 'A2' } })

  expect([first, second]).toMatchObject([{ seq: 1 }, { seq: 2 }])
  expect(await kept()).toMatchObject([
    {
      ...{ ...first, journal: 'module-labels', mode: 'live', name: 'labels.printed', version: 2 },
      ...{ actor: 'module.labels', data: '{"code":"A1","copies":2}' },
    },
    { ...second, journal: 'module-labels', data: '{"code":"A2"}' },
  ])
})

test('training has its own journal and numbers, however long the module’s name, and both are told', async () => {
  const name = 'a-module-of-24-characters'.slice(0, 24)
  const module = await admitted(name, { hears: [], tells: [{ ...PRINTED, name: `${name}.printed` }] })

  await module.tell(`${name}.printed`, { data: { code: 'live' } })
  const training = await module.tell(`${name}.printed`, { mode: 'training', data: { code: 'training' } })

  expect(training).toMatchObject({ seq: 1 })
  expect((await kept()).map(({ journal, mode }) => [journal, mode])).toEqual([
    [`module-${name}`, 'live'],
    [`training-module-${name}`, 'training'],
  ])
  await until(() => kernel.relay.state.state === 'idle' && kernel.relay.state.behind === 0)
})

test('the same key is the same fact and the same answer; another module’s key is another', async () => {
  const labels = await admitted('labels')
  const stamps = await admitted('stamps', { hears: [], tells: [{ ...PRINTED, name: 'stamps.printed' }] })
  const said = { key: 'sale-7', data: { code: 'A1' } }

  const answers = await Promise.all([labels.tell('labels.printed', said), labels.tell('labels.printed', said)])
  const again = await labels.tell('labels.printed', said)
  await stamps.tell('stamps.printed', said)

  expect(new Set([...answers, again].map((one) => JSON.stringify(one))).size).toBe(1)
  expect((await kept()).map(({ journal }) => journal)).toEqual(['module-labels', 'module-stamps'])
})

test('an answer that was lost with the kernel is the same from the next one', async () => {
  const labels = await admitted('labels')
  const first = await labels.tell('labels.printed', { key: 'once', data: { code: 'A1' } })
  await kernel.stop()
  kernel = await startKernelSide(server, facts)
  await labels.announce()

  expect(await labels.tell('labels.printed', { key: 'once', data: { code: 'A1' } })).toEqual(first)
})

test.each([
  ['labels.burnt', { data: {} }, 'tells-undeclared', undefined, /does not list 'labels.burnt' under 'tells'/],
  ['labels.printed', { data: { code: 7 } }, 'data-invalid', '/code', /must be a string/],
  ['labels.printed', { data: { code: 'A', colour: 'red' } }, 'data-invalid', '/colour', /not known here/],
  ['labels.printed', {}, 'tell-malformed', '/data', /is missing/],
  ['labels.printed', { data: { code: '\ud800' } }, 'data-invalid', '/code', /half a character/],
  ['labels.printed', { data: { code: 'A', more: { '\udfff': 1 } } }, 'data-invalid', '/more', /half a character/],
  ['labels.printed', { data: { code: 'A' }, key: 'a b' }, 'tell-malformed', '/key', /1 to 96 of/],
  ['labels.printed', { data: { code: 'A' }, mode: 'deferred' as 'live' }, 'tell-malformed', '/mode', /live, training/],
  ['labels.printed', 'no JSON', 'tell-malformed', '', /is not JSON/],
  ['labels.printed', '{"instance":"labels-1","data":{"code":"A","more":1e999}}', 'data-invalid', '/more', /finite/],
])('%s %j is refused: %s at %s', async (name, said, code, field, words) => {
  const labels = await admitted('labels')

  expect(await labels.tell(name, said)).toEqual({
    error: {
      code,
      words: expect.stringMatching(words),
      isPassing: false,
      ...(field === undefined ? {} : { field }),
    },
  })
  expect(await kept()).toEqual([])
})

test('too much at once, or too deep, is refused and ends nobody', async () => {
  const labels = await admitted('labels')
  const nested = (depth: number) => `{"code":"A","more":${'['.repeat(depth)}${']'.repeat(depth)}}`
  const deep = (depth: number) => labels.tell('labels.printed', `{"instance":"labels-1","data":${nested(depth)}}`)

  expect(await labels.tell('labels.printed', { data: { code: 'x'.repeat(MOST_TOLD_BYTES) } })).toMatchObject({
    error: { code: 'tell-too-large' },
  })
  for (const depth of [32, 1_000, 30_000])
    expect(await deep(depth)).toMatchObject({ error: { code: 'data-invalid', words: expect.stringMatching(/deeper/) } })
  expect(await deep(31)).toMatchObject({ seq: 1 })
})

test('a key that was used for other data is refused, and the first stands', async () => {
  const labels = await admitted('labels')
  await labels.tell('labels.printed', { key: 'k', data: { code: 'A1' } })

  expect(await labels.tell('labels.printed', { key: 'k', data: { code: 'A2' } })).toMatchObject({
    error: { code: 'key-reused', isPassing: false },
  })
  expect(await labels.tell('labels.printed', { key: 'k', data: { code: 'A1' } })).toMatchObject({ seq: 1 })
  expect(await kept()).toHaveLength(1)
})

test('who is not at work tells nothing yet, and hears that it will pass', async () => {
  const labels = await play('labels', { ...TELLS, requires: { stamps: '^1.0.0' } })
  const passing = { code: 'module-not-at-work', isPassing: true }

  expect(await labels.tell('labels.printed', { data: { code: 'A' } })).toMatchObject({ error: passing })
  expect(await labels.announce()).toMatchObject({ state: 'waiting' })
  expect(await labels.tell('labels.printed', { data: { code: 'A' } })).toMatchObject({
    error: { ...passing, words: expect.stringMatching(/^labels waits: .*stamps/) },
  })
})

test('who finishes what it has in hand still tells', async () => {
  const labels = await admitted('labels')
  labels.bye('draining')
  await until(async () => (await kernel.registry.list())[0]?.instances[0]?.state === 'draining')

  expect(await labels.tell('labels.printed', { data: { code: 'A' } })).toMatchObject({ seq: 1 })
})

test('no module speaks for another', async () => {
  await admitted('labels')
  const stranger = await admitted('stamps', { hears: [] })

  expect(await stranger.tell('labels.printed', { instance: 'labels-1', data: { code: 'A' } })).toMatchObject({
    error: { code: 'module-not-at-work' },
  })
})

test('a module that bears a word of the kernel’s facts is not let in with facts of its own', async () => {
  const sale = await play('sale', { hears: [], tells: [{ ...PRINTED, name: 'sale.recorded' }] })

  expect(await sale.announce()).toMatchObject({
    state: 'rejected',
    reasons: ["It tells 'sale.recorded': what begins with 'sale.' is told by the kernel alone."],
  })
})

test('another module hears what is told, whoever came first, and from the first one on', async () => {
  const early = await admitted('early', { hears: ['labels.printed'] })
  const labels = await admitted('labels')
  const told = [
    await labels.tell('labels.printed', { data: { code: 'A1' } }),
    await labels.tell('labels.printed', { mode: 'training', data: { code: 'practice' } }),
    await labels.tell('labels.printed', { data: { code: 'A2' } }),
  ]
  const late = await admitted('late', { hears: ['labels.printed'] })

  for (const module of [early, late])
    for (const nth of [0, 2]) {
      const message = await module.next()
      expect(message?.headers?.get('ce-type')).toBe('labels.printed')
      expect(message?.headers?.get('ce-source')).toBe('/recyclique/essai')
      expect(message?.headers?.get('rq-version')).toBe('2')
      expect(message).toMatchObject({ seq: (told[nth] as { position: number }).position })
      await message?.ackAck()
    }
})

test('a name that begins with a word of the kernel’s, or with the module’s own, must be there', async () => {
  const module = await play('labels', { ...TELLS, hears: ['sale.dreamt', 'labels.burnt', 'labels.printed'] })

  expect(await module.announce()).toMatchObject({
    state: 'rejected',
    reasons: ["It hears 'sale.dreamt': there is no such fact.", "It hears 'labels.burnt': there is no such fact."],
  })
})
