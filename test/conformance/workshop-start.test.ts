import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { isAlive } from '../../cli/up/process-group.ts'
import { makeCatalogue } from '../../cli/workshop/catalogue.ts'
import { type FoundModule, isStartable, type StartableModule } from '../../cli/workshop/manifests.ts'
import { type StartInOrder, startInOrder } from '../../cli/workshop/start-in-order.ts'
import { until } from '../support/wait.ts'
import { openWorkshop, type Workshop } from './workshop-folders.ts'

let shop: Workshop
beforeEach(async () => {
  shop = await openWorkshop()
})
afterEach(() => shop.close())

const ADMITTED = 'console.log(JSON.stringify({ msg: "admitted" })); setInterval(() => {}, 1000);'
const FAILS = 'process.stderr.write("no price list\\n"); process.exit(1)'

const found = async (): Promise<readonly StartableModule[]> => {
  const catalogue = makeCatalogue({ folders: [shop.modules] })
  await catalogue.discover()
  return catalogue.modules().filter((one: FoundModule) => isStartable(one))
}
const startAll = async (more: Partial<StartInOrder<StartableModule, void>> = {}) =>
  startInOrder({ crew: shop.crew, modules: await found(), start: shop.start, ...more })
const active = (launches: Awaited<ReturnType<typeof startAll>>) =>
  launches.filter(({ state }) => state === 'active').map(({ module }) => module.name)

test('O65 of four modules the two good ones are active, and each got its configuration', async () => {
  for (const name of ['good', 'other-good']) shop.module(name)
  shop.module('no-init', { main: FAILS })
  shop.module('no-start', { main: 'this is no program' })
  const modules = (await found()).map((module) => ({ ...module, config: { for: module.name } }))

  expect(active(await startAll({ modules }))).toEqual(['good', 'other-good'])
  expect(
    shop
      .journal()
      .filter((line) => line.includes('got'))
      .sort(),
  ).toEqual(['good got {"for":"good"}', 'other-good got {"for":"other-good"}'])
})

test('O76 who runs can be inspected and refused, and is stopped then; an unwanted manifest is never started', async () => {
  for (const name of ['good', 'refused']) shop.module(name)
  shop.module('unwanted', { manifest: { labels: { kind: 'other' } } })
  const pids = new Map<string, number>()
  const launches = await startAll({
    start: (module) => {
      const started = shop.start(module)
      pids.set(module.name, started.pid ?? 0)
      return started
    },
    isWanted: ({ labels }) => labels?.kind !== 'other',
    // It sees a process that runs, not only what is written of it.
    inspect: async ({ name }) => (isAlive(pids.get(name) ?? 0) && name === 'refused' ? 'it will not do' : undefined),
  })

  expect(launches.map(({ module, state }) => [module.name, state])).toEqual([
    ['good', 'active'],
    ['refused', 'refused'],
    ['unwanted', 'unwanted'],
  ])
  expect(isAlive(pids.get('refused')!)).toBe(false)
  expect(shop.crew.names()).toEqual(['good'])
  expect(shop.journal().filter((line) => line.startsWith('unwanted'))).toEqual([])
})

test('O84 a failure is told once for each module that failed, with who, why and the crew; the others are active', async () => {
  for (const name of ['good', 'other-good']) shop.module(name)
  shop.module('no-init', { main: FAILS })
  shop.module('no-start', { main: 'this is no program' })
  const onFailure = vi.fn()
  const launches = await startAll({ onFailure })

  expect(onFailure.mock.calls.map(([{ module }]) => module.name).sort()).toEqual(['no-init', 'no-start'])
  for (const [failure] of onFailure.mock.calls)
    expect(failure).toMatchObject({ crew: shop.crew, error: { message: 'ended with code 1' } })
  expect(active(launches)).toEqual(['good', 'other-good'])
})

test('O89 modules start after those that they need, and stop in the reverse order', async () => {
  shop.module('plugin3', { manifest: { requires: { plugin2: '^1.0.0' } } })
  shop.module('plugin2', { manifest: { requires: { plugin1: '^1.0.0' } } })
  shop.module('plugin1')
  // In the wrong order by name as well as by configuration.
  const modules = [...(await found())].toReversed()
  await startAll({ modules })
  await shop.crew.stopAll()

  expect(shop.journal()).toEqual([
    ...['plugin1 starts', 'plugin2 starts', 'plugin3 starts'],
    ...['plugin3 stops', 'plugin2 stops', 'plugin1 stops'],
  ])
})

test('whoever needs one that failed is not started, however far away; nobody else is touched', async () => {
  shop.module('base', { main: FAILS })
  shop.module('middle', { manifest: { requires: { base: '*' } } })
  shop.module('top', { manifest: { requires: { middle: '*' } } })
  shop.module('apart')
  const launches = await startAll()

  expect(active(launches)).toEqual(['apart'])
  expect(launches.flatMap((one) => ('why' in one ? one.why : []))).toEqual([
    'ended with code 1',
    'it needs base, which did not start',
    'it needs middle, which did not start',
  ])
  expect(shop.journal()).toEqual(['apart starts'])
})

test('whoever needs one that is not there is started, is said to wait, and holds nobody up', async () => {
  shop.module('analytics', { manifest: { requires: { auth: '^2.0.0' } }, main: 'setInterval(() => {}, 1000)' })
  shop.module('apart')
  const launches = await startAll()

  expect(launches).toMatchObject([
    { state: 'waiting', why: 'it waits for auth ^2.0.0, which is not among those that are started' },
    { state: 'active' },
  ])
  expect(shop.crew.names()).toEqual(['analytics', 'apart'])
})

test('O91 a program that does not do what its manifest says is not active, and the reason is its own', async () => {
  shop.module('silent', {
    manifest: { hears: ['sale.recorded'] },
    packageJson: { name: 'silent', version: '1.0.0', type: 'module' },
    main: `
      import { readFileSync } from 'node:fs'
      import { defineModule, runModule } from '@recyclique/sdk'
      await runModule(defineModule(JSON.parse(readFileSync(import.meta.dirname + '/manifest.json', 'utf8'))))
    `,
  })
  shop.module('good')
  const launches = await startAll()

  expect(active(launches)).toEqual(['good'])
  expect(launches[1]).toMatchObject({
    state: 'failed',
    why: "manifest.json lists 'sale.recorded' under 'hears', but module.ts has no handler for it",
  })
})

test('O101 one who does not stop, and one whose stop fails, keep nobody from being stopped', async () => {
  shop.module('a')
  shop.module('b', { main: `process.on('SIGTERM', () => {}); ${ADMITTED}` })
  const modules = await found()
  const [a, b] = modules.map((module) => shop.crew.add(module.name, shop.spawn(module, 100)))
  await Promise.all([a!.ready, b!.ready])
  shop.crew.add('c', { stop: () => Promise.reject(new Error('its disk is gone')) })
  await shop.crew.stopAll()

  expect([a, b].map((one) => isAlive(one!.pid ?? 0))).toEqual([false, false])
  expect(shop.crew.names()).toEqual([])
  expect(shop.said).toEqual(['c could not be stopped: its disk is gone'])
  expect(shop.journal()).toEqual(['a starts', 'a stops'])
})

test('nobody is started twice', async () => {
  shop.module('labels')
  const [labels] = await found()
  await shop.start(labels!).ready
  expect(() => shop.crew.add('labels', { stop: async () => {} })).toThrow('labels was started already')
  await until(() => shop.journal().length === 1)
})

test('the data of a module lies in a folder of its own', async () => {
  shop.module('labels', {
    main: `require('node:fs').writeFileSync(process.env.RECYCLIQUE_MODULE_DATA + '/x', ''); ${ADMITTED}`,
  })
  await startAll()
  expect(existsSync(join(shop.folder, 'data', 'labels', 'x'))).toBe(true)
})
