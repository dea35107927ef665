import type { Manifest } from '@recyclique/contracts'
import { defineModule, type ModuleBuilder, startModule } from '@recyclique/sdk'
import { rehearse } from '@recyclique/sdk/testing'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { openFacts, startKernelSide } from '../registry/kernel-side.ts'
import { startTestServer } from '../support/nats.ts'
import { until } from '../support/wait.ts'

const manifest: Manifest = {
  ...{ name: 'shelf', version: '1.0.0', description: 'A module of the tests.', kernel: '^0.1.0' },
  ...{ protocol: { min: 1, max: 1 }, keeps: true, routes: [{ method: 'GET', path: '/' }] },
}

/** A module at work; the kernel's clock stands ahead by as much as the test says. */
const open = async () => {
  const server = await startTestServer()
  onTestFinished(server.stop)
  const facts = await openFacts()
  onTestFinished(facts.close)
  const clock = { aheadMs: 0 }
  const startKernel = () => startKernelSide(server, facts, { now: () => new Date(Date.now() + clock.aheadMs) })
  let kernel = await startKernel()
  onTestFinished(() => kernel.stop())
  const isActive = () => kernel.registry.states().some(({ name, state }) => name === 'shelf' && state === 'active')
  return {
    ...{ clock, facts },
    rows: () => facts.store.read.all<{ key: string }>('SELECT key FROM module_kv ORDER BY key'),
    async run(module: ModuleBuilder) {
      const { creds } = await server.addModule('shelf')
      const settings = { servers: [server.url], site: 'essai', instance: 'shelf-1', creds }
      const running = startModule({ module, settings, log: pino({ level: 'silent' }) })
      onTestFinished(async () => void (await running.stop()))
      await until(isActive)
    },
    /** Nobody is there for so long. */
    async restart(awayMs: number) {
      await kernel.stop()
      clock.aheadMs += awayMs
      kernel = await startKernel()
      await until(isActive)
    },
  }
}

const module = () => defineModule(manifest).route('GET', '/', () => ({}))

test('what is kept for a while is gone on time, also where the kernel was away then, and no row of it stays', async () => {
  const shelf = module()
  const { clock, rows, run, restart } = await open()
  await run(shelf)
  await shelf.kv.put('stays', 1)
  const revision = await shelf.kv.put('minute', 1, { ttlSeconds: 60 })
  await shelf.kv.put('hour', 1, { ttlSeconds: 3_600 })
  expect(await shelf.kv.get('minute')).toEqual({ value: 1, revision, expiresAt: expect.stringMatching(/^20.*Z$/) })
  clock.aheadMs += 61_000
  expect(await shelf.kv.get('minute')).toBeUndefined()
  await until(async () => (await rows()).length === 2)
  await restart(3_600_000)
  expect(await shelf.kv.get('hour')).toBeUndefined()
  const keys: string[] = []
  for await (const key of shelf.kv.keys()) keys.push(key)
  expect(keys).toEqual(['stays'])
  await until(async () => (await rows()).length === 1)
})

test('what has expired counts as not there: it may be made anew, and no earlier revision changes it', async () => {
  const shelf = module()
  const { clock, run } = await open()
  await run(shelf)
  const revision = await shelf.kv.put('lock', 'anne', { revision: 0, ttlSeconds: 30 })
  await expect(shelf.kv.put('lock', 'bob', { revision: 0, ttlSeconds: 30 })).rejects.toMatchObject({ code: 'conflict' })
  clock.aheadMs += 30_000
  await expect(shelf.kv.put('lock', 'anne', { revision })).rejects.toMatchObject({ code: 'conflict' })
  await shelf.kv.put('lock', 'bob', { revision: 0, ttlSeconds: 30 })
  expect(await shelf.kv.get('lock')).toMatchObject({ value: 'bob' })
})

test('written again it lasts anew, or for ever where nothing is said', async () => {
  const shelf = module()
  const { clock, run } = await open()
  await run(shelf)
  for (const key of ['again', 'for-ever']) await shelf.kv.put(key, 1, { ttlSeconds: 30 })
  clock.aheadMs += 20_000
  await shelf.kv.put('again', 2, { ttlSeconds: 30 })
  await shelf.kv.put('for-ever', 2)
  clock.aheadMs += 20_000
  expect([await shelf.kv.get('again'), await shelf.kv.get('for-ever')]).toMatchObject([{ value: 2 }, { value: 2 }])
  expect(await shelf.kv.get('for-ever')).not.toHaveProperty('expiresAt')
  await expect(shelf.kv.put('again', 1, { ttlSeconds: 0 })).rejects.toMatchObject({ field: '/ttlSeconds' })
})

test('a rehearsal forgets by the test’s own clock', async () => {
  let now = Date.parse('2026-03-02T09:00:00Z')
  const shelf = defineModule(manifest).route('GET', '/', async () => ({
    body: JSON.stringify((await shelf.kv.get('a')) ?? null),
  }))
  const room = rehearse(shelf, { now: () => new Date(now) })
  await shelf.kv.put('a', 1, { ttlSeconds: 60 })
  expect((await room.request('GET', '/')).json()).toMatchObject({ value: 1, expiresAt: '2026-03-02T09:01:00.000Z' })
  now += 60_000
  expect((await room.request('GET', '/')).json()).toBeNull()
})
