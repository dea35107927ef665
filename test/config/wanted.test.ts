import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { WantedModule } from '@recyclique/contracts'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Kernel, openKernel } from '../../kernel/kernel.ts'
import { readSettings } from '../../kernel/settings.ts'
import { manifestOf, playModule } from '../registry/module-on-wire.ts'
import { startTestServer, type TestServer } from '../support/nats.ts'
import { until } from '../support/wait.ts'

let server: TestServer
let folder: string
let kernel: Kernel

const startKernel = async (nats: string) => {
  const settings = readSettings({
    ...{ RECYCLIQUE_DATA: folder, RECYCLIQUE_PORT: '0', RECYCLIQUE_SITE: 'essai', NATS_URL: nats },
    RECYCLIQUE_KEYS: join(server.folder, 'keys'),
  })
  kernel = await openKernel(settings, pino({ level: 'silent' }), (error) => {
    throw error
  })
  if (nats !== '') await until(() => kernel.busState() === 'connected')
}
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recyclique-wanted-'))
  server = await startTestServer()
  await startKernel(server.url)
})
afterAll(async () => {
  await kernel.close()
  await server.stop()
  await rm(folder, { recursive: true, force: true })
})

// biome-ignore lint/suspicious/noExplicitAny: answers of every shape
const send = async (method: string, path: string, body?: object): Promise<any> => {
  const answer = await fetch(`${kernel.url}${path}`, {
    method,
    headers: { 'recyclique-actor': 'manager', ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  return answer.json()
}
const hand = async (...items: Omit<WantedModule, 'origin'>[]) =>
  (await send('PUT', '/v1/wanted-modules', { items: items.map((one) => ({ ...one, origin: 'recyclique.yaml' })) }))
    .items
const wouldBe = async (...items: Omit<WantedModule, 'origin'>[]) =>
  (
    await send('PUT', '/v1/wanted-modules', {
      items: items.map((one) => ({ ...one, origin: 'recyclique.yaml' })),
      dryRun: true,
    })
  ).items
const view = (name: string) => send('GET', `/v1/modules/${name}`)
const settings = async (name: string) =>
  Object.fromEntries(
    // biome-ignore lint/suspicious/noExplicitAny: answers of every shape
    (await send('GET', `/v1/modules/${name}/config`)).items.map(({ key, value, origin }: any) => [
      key,
      [value, origin],
    ]),
  )

const HEARS_NOTHING = { hears: [], answers: [{ hook: 'sale.validate', handler: 'check', args: ['totalCents'] }] }
const SCHEMA = {
  type: 'object',
  properties: {
    cents: { type: 'integer', default: 1 },
    label: { type: 'string' },
    token: { type: 'string', secret: true },
  },
} as const
const play = async (name: string, more: object = {}) =>
  playModule(await server.addModule(name), `${name}-1`, manifestOf(name, { ...HEARS_NOTHING, ...more }))

test('of modules that are new at the same time the list’s order decides who is asked first, not who came first; a rank stays', async () => {
  const handed = await hand({ name: 'alpha' }, { name: 'beta' }, { name: 'gamma' })
  expect(handed.map(({ module, rank }: WantedModule & { module: string; rank: number }) => [module, rank])).toEqual([
    ['alpha', 1],
    ['beta', 2],
    ['gamma', 3],
  ])
  expect(await view('beta')).toMatchObject({
    state: 'discovered',
    rank: 2,
    reasons: ['It has not announced itself yet.'],
  })
  for (const name of ['gamma', 'alpha', 'beta']) await (await play(name)).announce()
  await (await play('unlisted')).announce()

  const order = async () =>
    (await send('GET', '/v1/hooks/sale.validate/plan')).steps.map(({ module }: { module: string }) => module)
  expect(await order()).toEqual(['unlisted', 'gamma', 'beta', 'alpha'])
  await hand({ name: 'gamma' }, { name: 'unlisted' }, { name: 'beta' }, { name: 'alpha' })
  expect(await order()).toEqual(['unlisted', 'gamma', 'beta', 'alpha'])
  expect((await view('alpha')).transitions.at(-1)).toMatchObject({
    reason: 'Its place follows the list of the installation.',
  })
})

test('what was set by hand stands over the list until it is unset, or the list changes that very setting', async () => {
  const module = await play('tariff', { config: SCHEMA })
  await module.announce()
  await hand({ name: 'tariff', config: { cents: 5, label: 'blue' } })
  await send('PATCH', '/v1/modules/tariff/config', { config: { cents: 9, label: 'pink' }, origin: 'by hand' })
  const { items } = await send('GET', '/v1/modules/tariff/config')
  expect(items[0]).toMatchObject({
    ...{ key: 'cents', value: 9, origin: 'by hand', by: 'manager' },
    over: { value: 5, origin: 'recyclique.yaml' },
  })

  expect(await hand({ name: 'tariff', config: { cents: 5, label: 'blue' } })).toEqual([
    { module: 'tariff', settings: [] },
  ])
  const [changed] = await hand({ name: 'tariff', config: { cents: 6, label: 'blue' } })
  expect(changed.settings).toEqual([{ key: 'cents', secret: false, isGone: false, was: 5, is: 6, lifts: 'by hand' }])
  expect(await settings('tariff')).toMatchObject({ cents: [6, 'recyclique.yaml'], label: ['pink', 'by hand'] })
  await send('PATCH', '/v1/modules/tariff/config', { config: { label: null } })
  expect(await settings('tariff')).toMatchObject({ cents: [6, 'recyclique.yaml'], label: ['blue', 'recyclique.yaml'] })

  // Whatever its process was given when it started counts no more.
  expect((await module.announce()).config).toEqual({
    values: { cents: 6, label: 'blue' },
    origins: { cents: 'recyclique.yaml', label: 'recyclique.yaml' },
    isWhole: true,
  })
})

test('what does not fit is refused for that module alone, field by field, and the last good word holds; a secret is never shown', async () => {
  await hand({ name: 'tariff', config: { cents: 6, token: 'env:TARIFF_TOKEN' } })
  const wrong = { name: 'tariff', config: { cents: 'many', token: 'plain-s3cret' } }
  expect(await wouldBe(wrong)).toEqual(await hand(wrong))
  const [refused, other] = await hand(wrong, { name: 'beta', config: { 'not a name': 1 } })
  expect(refused.refused).toMatch(/cents must be .*token is a secret/)
  expect(other.refused).toMatch(/^not a name: the name of a setting must be/)
  expect(JSON.stringify(refused)).not.toContain('s3cret')
  expect(await settings('tariff')).toMatchObject({ cents: [6, 'recyclique.yaml'] })
})

test('whoever is to rest by the list rests; what an operator ordered stands until the list says something else', async () => {
  expect(await wouldBe({ name: 'alpha', enabled: false })).toEqual([
    { module: 'alpha', settings: [], desired: 'disabled' },
  ])
  expect((await view('alpha')).desired).toBe('enabled')
  expect((await hand({ name: 'alpha', enabled: false }))[0]).toMatchObject({ desired: 'disabled' })
  expect(await view('alpha')).toMatchObject({
    state: 'disabled',
    reasons: ['An operator disabled it: recyclique.yaml.'],
  })
  await send('PUT', '/v1/modules/alpha/desired-state', { state: 'enabled' })
  await hand({ name: 'alpha', enabled: false })
  expect((await view('alpha')).desired).toBe('enabled')
  await hand({ name: 'alpha', enabled: true })
  await hand({ name: 'alpha', enabled: false })
  expect((await view('alpha')).desired).toBe('disabled')
  // Whoever only starts and stops modules says nothing of it.
  await hand({ name: 'alpha' })
  expect((await view('alpha')).desired).toBe('disabled')
})

test('it is kept over a restart, and without a bus', async () => {
  await hand({ name: 'tariff', config: { cents: 7 } })
  await kernel.close()
  await startKernel('')
  expect(await hand({ name: 'tariff', config: { cents: 7 } }, { name: 'delta', config: { a: 1 } })).toEqual([
    { module: 'tariff', settings: [] },
    { module: 'delta', rank: 6, settings: [{ key: 'a', secret: true, isGone: false }], taken: [] },
  ])
})
