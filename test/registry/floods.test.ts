import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseJson, subjectsOf, WishReply } from '@recyclique/contracts'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Kernel, openKernel } from '../../kernel/kernel.ts'
import { readSettings } from '../../kernel/settings.ts'
import { startTestServer, type TestServer } from '../support/nats.ts'
import { until } from '../support/wait.ts'
import { manifestOf, type PlayedModule, playModule } from './module-on-wire.ts'

/** One kernel, a module that answers `price.suggest` as it should, and others that do what nobody should. */

const subjects = subjectsOf('essai')
const ASKED = { registerId: 'till', categoryId: 'books', qty: 1 }

let server: TestServer
let kernel: Kernel
let dataDir: string
let prices: PlayedModule
let beating: NodeJS.Timeout
const log: string[] = []

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'recyclique-floods-'))
  server = await startTestServer()
  const settings = readSettings({
    ...{ RECYCLIQUE_DATA: dataDir, RECYCLIQUE_PORT: '0', RECYCLIQUE_SITE: 'essai' },
    ...{ RECYCLIQUE_KEYS: join(server.folder, 'keys'), NATS_URL: server.url },
  })
  kernel = await openKernel(settings, pino({ level: 'warn' }, { write: (line) => void log.push(line) }), (error) => {
    throw error
  })
  await until(() => kernel.busState() === 'connected')
  prices = await play('prices', { answers: [{ hook: 'price.suggest', args: ['qty'] }] })
  await prices.answer(() => ({ v: { unitCents: 150 } }))
  expect((await prices.announce()).state).toBe('admitted')
  beating = setInterval(() => prices.beat(), 500)
})
afterAll(async () => {
  clearInterval(beating)
  await kernel.close()
  await server.stop()
  await rm(dataDir, { recursive: true, force: true })
})

const play = async (name: string, more: object = {}) =>
  playModule(await server.addModule(name, []), `${name}-1`, manifestOf(name, { hears: [], ...more }))

// biome-ignore lint/suspicious/noExplicitAny: a test reads of it what it wants
const viewOf = async (name: string): Promise<any> => (await fetch(`${kernel.url}/v1/modules/${name}`)).json()
const reasonsOf = async (name: string): Promise<string> => (await viewOf(name)).reasons.join(' ')
const linesOn = (name: string) => log.filter((line) => (JSON.parse(line) as { module?: string }).module === name)

/** Others are served: asked over and over while the work goes on, and answered before the question's deadline. */
const servedDuring = async (work: Promise<unknown>) => {
  let isOver = false
  void work.finally(() => {
    isOver = true
  })
  const answers: unknown[] = []
  do {
    answers.push(await kernel.hooks.askByName('price.suggest', ASKED, {}))
    // Where nobody is asked the answer comes at once: the rest of the world must go on.
    await new Promise((resolve) => setTimeout(resolve, 5))
  } while (!isOver)
  await work
  // Who sends shares this process with the kernel, and holds it up itself now and then.
  const late = answers.filter((answer) => JSON.stringify(answer) !== '{"unitCents":150}')
  expect(late.length).toBeLessThanOrEqual(answers.length / 10 + 1)
  return answers.length
}

/** Says something `perSecond` times a second for a while, as fast as a timer can. */
const flood = (perSecond: number, forMs: number, say: (nth: number) => void) =>
  new Promise<void>((resolve) => {
    const began = performance.now()
    let said = 0
    const timer = setInterval(() => {
      const passed = performance.now() - began
      for (; said < (Math.min(passed, forMs) / 1_000) * perSecond; said += 1) say(said)
      if (passed < forMs) return
      clearInterval(timer)
      resolve()
    }, 5)
  })

test('a thousand announces a second: the kernel looks at some, says who it is, and others are served', async () => {
  const noisy = await play('noisy')
  await noisy.announce()
  const { manifest } = { manifest: manifestOf('noisy', { hears: [] }) }
  const said = JSON.stringify({
    manifest,
    manifestHash: 'a'.repeat(64),
    instance: 'noisy-1',
    startedAt: new Date().toISOString(),
  })

  const served = await servedDuring(
    flood(1_000, 1_500, () => noisy.connection.publish(subjects.toKernel('noisy', 'announce'), said)),
  )

  // How many fit into the flood is a matter of the machine; that they are answered while it lasts is not.
  expect(served).toBeGreaterThan(2)
  expect(await viewOf('noisy')).toMatchObject({
    state: 'degraded',
    reasons: ["It sends 'announce' more than 20 times a second: what is over that is not looked at."],
  })
  expect((await viewOf('prices')).state).toBe('active')
  expect(linesOn('noisy').filter((line) => line.includes('20 times a second'))).toHaveLength(1)
  const answer = await noisy.announce()
  expect(answer.state === 'admitted' || answer.reasons.join().includes('20 times a second')).toBe(true)
})

test.each([
  ['kv', 'get', 500],
  ['job', 'list', 200],
  ['api', undefined, 200],
] as const)(
  'more wishes of kind %s than a module needs: it is told to wait and named, without a flood of lines',
  async (verb, op, perSecond) => {
    const name = `wisher-${verb}`
    const jobs = [{ name: 'sweep', description: 'sweeps' }]
    const wisher = await play(name, { keeps: true, jobs, permissions: { api: ['GET /v1/registers'] } })
    await wisher.announce()
    const subject = subjects.toKernel(name, verb, op)
    const wish = async () => parseJson(WishReply, (await wisher.connection.request(subject, '{')).string())
    expect(await wish()).toMatchObject({ error: { code: 'malformed', isPassing: false } })

    const words = `It sends '${verb}' more than ${perSecond} times a second: what is over that is not looked at.`
    await until(async () => {
      for (let nth = 0; nth < 500; nth += 1) wisher.connection.publish(subject, '{')
      await wisher.connection.flush()
      return (await reasonsOf(name)).includes(words)
    })
    for (let nth = 0; nth < 500; nth += 1) wisher.connection.publish(subject, '{')
    expect(await wish()).toMatchObject({ error: { code: 'unavailable', words, isPassing: true } })

    expect(linesOn(name)).toHaveLength(2)
    expect(linesOn(name)[0]).toContain(`Its wish '${[verb, op].filter(Boolean).join('.')}' was not granted`)
    expect((await viewOf('prices')).state).toBe('active')
    await until(async () => JSON.stringify(await wish()).includes('malformed'))
  },
)

test('two processes that announce themselves at once under one instance’s name: the later one stands, and nobody falls', async () => {
  const twins = await play('twins')
  const answers = await Promise.all([
    twins.announce({ startedAt: '2030-01-01T10:00:00.000Z' }),
    twins.announce({ startedAt: '2030-01-01T10:00:01.000Z' }),
    twins.announce({ startedAt: '2030-01-01T10:00:01.000Z' }),
  ])

  expect(answers.map(({ state }) => state)).toEqual(['admitted', 'admitted', 'admitted'])
  expect((await viewOf('twins')).instances).toMatchObject([{ id: 'twins-1', startedAt: '2030-01-01T10:00:01.000Z' }])
})

const GARBAGE = [
  '',
  '{',
  'null',
  '[]',
  '"text"',
  '{"instance":5}',
  '\u0000\ud800',
  `{"instance":"${'x'.repeat(3_000)}"}`,
]

test.each(['announce', 'heartbeat', 'bye', 'dead'] as const)(
  'a module that sends garbage as %s is named with what it sends, and the kernel stays up',
  async (verb) => {
    const name = `garbage-${verb}`
    const module = await play(name)
    const subject = subjects.toKernel(name, verb)

    await servedDuring(
      flood(200, 200, (nth) => module.connection.publish(subject, GARBAGE[nth % GARBAGE.length] ?? '')),
    )

    // A bad announce is answered flaw by flaw: the module is rejected.
    const says = verb === 'announce' ? /The announce|\/manifest/ : new RegExp(`'${verb}' in a form that cannot be read`)
    await until(async () => says.test(await reasonsOf(name)))
    expect(linesOn(name).length).toBeGreaterThan(0)
  },
)

test('garbage on what a module tells, asks and goes on with is answered with what is wrong', async () => {
  const tells = [{ name: 'mumbler.said', version: 1, data: { type: 'object' } }]
  const wraps = [{ hook: 'sale.validate', isWrapper: true }]
  const mumbler = await play('mumbler', { tells, asks: ['price.suggest'], answers: wraps })
  await mumbler.announce()
  const ask = async (subject: string, text: string) => (await mumbler.connection.request(subject, text)).string()

  for (const text of GARBAGE) {
    expect(await ask(subjects.toKernel('mumbler', 'tell', 'mumbler.said'), text)).toContain('tell-malformed')
    expect(await ask(subjects.toKernel('mumbler', 'ask', 'price.suggest'), text)).toMatch(/question-malformed|invalid/)
  }
  expect((await viewOf('mumbler')).state).toBe('active')
})

test('messages of a megabyte are not read, and whoever sends them is named', async () => {
  const fat = await play('fat')
  await fat.announce()
  const megabyte = `{"instance":"${'x'.repeat(1_000_000)}"}`

  await servedDuring(
    flood(40, 500, (nth) => {
      const verb = (['announce', 'heartbeat', 'bye', 'dead'] as const)[nth % 4] ?? 'bye'
      fat.connection.publish(subjects.toKernel('fat', verb), megabyte)
    }),
  )

  for (const verb of ['announce', 'heartbeat', 'bye', 'dead'])
    await until(async () => (await reasonsOf('fat')).includes(`It sends '${verb}' with more than`))
  expect(await viewOf('fat')).toMatchObject({ state: 'degraded', instances: [{ id: 'fat-1', state: 'active' }] })
})

test('heartbeats of nobody and goodbyes of another’s process change nothing for anybody', async () => {
  const stranger = await play('stranger')
  await stranger.announce()
  const say = (verb: 'heartbeat' | 'bye', body: object) =>
    stranger.connection.publish(subjects.toKernel('stranger', verb), JSON.stringify(body))

  await servedDuring(
    flood(1_000, 500, (nth) => {
      say('heartbeat', { instance: `ghost-${nth % 50}`, inFlight: 0, position: 0 })
      if (nth % 50 === 0) say('bye', { instance: 'prices-1', phase: 'gone' })
    }),
  )

  expect((await viewOf('prices')).instances).toMatchObject([{ id: 'prices-1', state: 'active' }])
  expect((await viewOf('stranger')).instances).toMatchObject([{ id: 'stranger-1', state: 'active' }])
})
