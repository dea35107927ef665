import type { Manifest } from '@recyclique/contracts'
import { defineModule, type ModuleBuilder, type Running, startModule } from '@recyclique/sdk'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Facts, type KernelSide, openFacts, startKernelSide } from '../registry/kernel-side.ts'
import { startTestServer, type TestServer } from '../support/nats.ts'
import { until } from '../support/wait.ts'
import { collector } from './collector.ts'

let server: TestServer
let facts: Facts
let kernel: KernelSide
let running: { stop(): Promise<unknown> }[]
/** The kernel's clock stands ahead by so much: nothing is waited for. */
let aheadMs: number

beforeEach(async () => {
  running = []
  aheadMs = 0
  server = await startTestServer()
  facts = await openFacts()
  kernel = await startKernel()
})
afterEach(async () => {
  await Promise.all(running.map((one) => one.stop()))
  await kernel.stop()
  await facts.close()
  await server.stop()
})

const startKernel = () => startKernelSide(server, facts, { now: () => new Date(Date.now() + aheadMs) })

const manifestOf = (more: Partial<Manifest>): Manifest => ({
  name: 'shelf',
  version: '1.0.0',
  description: 'A module of the tests.',
  kernel: '^0.1.0',
  protocol: { min: 1, max: 1 },
  ...more,
})

const run = async (module: ModuleBuilder, instance = `${module.manifest.name}-1`) => {
  const { name } = module.manifest
  const { creds } = await server.addModule(name)
  const settings = { servers: [server.url], site: 'essai', instance, creds }
  const one = startModule({ module, settings, log: pino({ level: 'silent' }) })
  running.push(one)
  await until(() => kernel.registry.states().some((state) => state.name === name && state.state === 'active'))
  return one
}

test('a value is kept under its key, over a restart of the kernel, and each change has a revision of its own', async () => {
  const module = defineModule(manifestOf({ keeps: true }))
  await run(module)
  expect(await module.kv.get('a')).toBeUndefined()
  const first = await module.kv.put('a', { n: 1 })
  const second = await module.kv.put('a', { n: 2 })
  expect(second).toBeGreaterThan(first)
  await kernel.stop()
  kernel = await startKernel()
  await until(() => kernel.registry.states().some(({ state }) => state === 'active'))
  expect(await module.kv.get('a')).toEqual({ value: { n: 2 }, revision: second })
  await module.kv.remove('a')
  expect(await module.kv.get('a')).toBeUndefined()
})

test('who changes what another has changed meanwhile is told so, and nothing is lost', async () => {
  const module = defineModule(manifestOf({ keeps: true }))
  await run(module)
  const revision = await module.kv.put('count', 1, { revision: 0 })
  await expect(module.kv.put('count', 9, { revision: 0 })).rejects.toMatchObject({ code: 'conflict' })
  const tried = await Promise.allSettled([2, 3, 4].map((value) => module.kv.put('count', value, { revision })))
  expect(tried.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  await expect(module.kv.remove('count', { revision })).rejects.toMatchObject({ code: 'conflict' })
  expect([2, 3, 4]).toContain((await module.kv.get('count'))?.value)
})

test('keys are listed in their order, page by page, those with a prefix', async () => {
  const module = defineModule(manifestOf({ keeps: true }))
  await run(module)
  const names = Array.from({ length: 230 }, (_, nth) => `lot/${String(nth).padStart(3, '0')}`)
  await Promise.all(['other', ...names].map((key) => module.kv.put(key, key)))
  expect(await all(module.kv.keys('lot/'))).toEqual(names)
})

test('a key that is none, a value that is too large, and a module that does not say that it keeps anything are refused', async () => {
  const module = defineModule(manifestOf({ keeps: true }))
  await run(module)
  await expect(module.kv.put('no spaces', 1)).rejects.toMatchObject({ code: 'malformed', field: '/key' })
  await expect(module.kv.put('big', 'x'.repeat(300_000))).rejects.toMatchObject({ code: 'too-large' })
  const silent = defineModule(manifestOf({ name: 'silent' }))
  await run(silent)
  await expect(silent.kv.get('a')).rejects.toMatchObject({
    code: 'not-declared',
    message: expect.stringMatching(/keeps/),
  })
})

test('what one module keeps another never reads', async () => {
  const mine = defineModule(manifestOf({ keeps: true }))
  const other = defineModule(manifestOf({ name: 'other', keeps: true }))
  await run(mine)
  await run(other)
  await mine.kv.put('a', 'mine')
  expect(await other.kv.get('a')).toBeUndefined()
  expect(await all(other.kv.keys())).toEqual([])
})

const all = async (keys: AsyncIterable<string>): Promise<string[]> => {
  const found: string[] = []
  for await (const key of keys) found.push(key)
  return found
}

const withJobs = (jobs: NonNullable<Manifest['jobs']>) => {
  const runs = collector<{ job: string; data: unknown } & Pick<Running, 'id' | 'attempt' | 'dueAt'>>()
  const fails = new Set<string>()
  const module = jobs.reduce(
    (built, { name }) =>
      built.job(name, (data: unknown, { id, attempt, dueAt }) => {
        runs.add({ job: name, data, id, attempt, dueAt })
        if (fails.has(name)) throw new Error('not now')
      }),
    defineModule(manifestOf({ jobs })),
  )
  return { module, runs, fails }
}
const HOUR_MS = 3_600_000

test('a job is called at its time, once, with what it was set with', async () => {
  const { module, runs } = withJobs([{ name: 'remind' }])
  await run(module)
  const at = new Date(Date.now() + HOUR_MS)
  await module.schedule.at('remind', at, { id: 'r1', data: { of: 'lot 7' } })
  await module.schedule.at('remind', at, { id: 'r2' })
  expect(await module.schedule.cancel('r2')).toBe(true)
  expect(await module.schedule.cancel('r2')).toBe(false)
  expect(await module.schedule.list()).toEqual([{ id: 'r1', job: 'remind', nextAt: at.toISOString(), attempts: 0 }])
  expect(runs.got).toEqual([])
  aheadMs = HOUR_MS + 1_000
  await until(async () => (await module.schedule.list()).length === 0)
  expect(runs.got).toEqual([{ job: 'remind', id: 'r1', data: { of: 'lot 7' }, attempt: 1, dueAt: at }])
})

test('a time table of the manifest is followed; of many times that passed while nobody was there, one run is made up', async () => {
  const { module, runs } = withJobs([{ name: 'nightly', cron: '30 2 * * *' }])
  const first = await run(module)
  await until(async () => (await kernel.registry.jobsOf('shelf')).length === 1)
  const [{ nextAt = '' } = {}] = await kernel.registry.jobsOf('shelf')
  const wall = new Intl.DateTimeFormat('fr-FR', { timeStyle: 'short', timeZone: 'Europe/Paris' }).format(
    new Date(nextAt),
  )
  expect(wall).toBe('02:30')
  await first.stop()
  running = []
  aheadMs = 5 * 24 * HOUR_MS
  await until(() => kernel.registry.states().every(({ state }) => state !== 'active'))
  await run(module, 'shelf-2')
  await until(async () => ((await kernel.registry.jobsOf('shelf'))[0]?.nextAt ?? '') > nextAt)
  expect(runs.got).toHaveLength(1)
})

test('a job that fails comes again, patiently, and says so; one that was set anew meanwhile is not undone by it', async () => {
  const { module, runs, fails } = withJobs([{ name: 'send' }])
  fails.add('send')
  await run(module)
  await module.schedule.at('send', new Date(), { id: 's1' })
  for (let tries = 1; tries <= 9; tries += 1) {
    await until(async () => {
      const [row] = await module.schedule.list()
      return row?.attempts === tries && row.lastError === 'not now'
    })
    aheadMs += HOUR_MS + 1_000
  }
  expect(runs.got.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
  expect((await module.schedule.list())[0]).not.toHaveProperty('nextAt')
  fails.clear()
  await module.schedule.at('send', new Date(), { id: 's1' })
  await until(async () => (await module.schedule.list()).length === 0)
  expect(runs.got.at(-1)?.attempt).toBe(1)
})

test('a job that nobody lists, two times at once, and a table that is none are refused with their field', async () => {
  const { module } = withJobs([{ name: 'send' }])
  await run(module)
  await expect(module.schedule.at('other', new Date(), { id: 'x' })).rejects.toMatchObject({ code: 'not-declared' })
  await expect(module.schedule.every('send', '61 * * * *', { id: 'x' })).rejects.toMatchObject({ field: '/cron' })
  await expect(module.schedule.every('send', '* * * * * *', { id: 'x' })).rejects.toMatchObject({ field: '/cron' })
  await expect(module.schedule.at('send', new Date(), { id: 'manifest:send' })).rejects.toMatchObject({ field: '/id' })
  expect(await module.schedule.list()).toEqual([])
})
