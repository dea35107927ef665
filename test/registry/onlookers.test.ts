import { type Manifest, PriceSuggest, type SeenCall } from '@recyclique/contracts'
import { defineModule, type Module, startModule } from '@recyclique/sdk'
import { pino } from 'pino'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { type Centre, openCentre } from '../conformance/live/centre.ts'
import { until } from '../support/wait.ts'

let centre: Centre
beforeEach(async () => {
  centre = await openCentre()
})

const manifestOf = (name: string, more: Partial<Manifest>): Manifest => ({
  ...{ name, version: '1.0.0', description: 'A module of the tests.', kernel: '^0.1.0' },
  protocol: { min: 1, max: 1 },
  ...more,
})

const run = async (module: Module) => {
  const { name } = module.manifest
  const { creds } = await centre.server.addModule(name)
  const settings = { servers: [centre.server.url], site: 'essai', instance: `${name}-1`, creds }
  const running = startModule({ module, settings, log: pino({ level: 'silent' }) })
  onTestFinished(async () => void (await running.stop()))
  await centre.are('active', name)
}

const looker = (observes: string[], look?: () => void) => {
  const seen: { calls: SeenCall[]; missed: number } = { calls: [], missed: 0 }
  const module = defineModule(manifestOf('looker', { observes })).observe((calls, { missed }) => {
    seen.calls.push(...calls)
    seen.missed += missed
    look?.()
  })
  return { seen, module }
}

const prices = defineModule(
  manifestOf('prices', { answers: [{ hook: 'price.suggest', args: ['categoryId'] }] }),
).answer(PriceSuggest, ({ categoryId }) => {
  if (categoryId === 'broken') throw new Error('a secret of the people')
  return categoryId === 'books' ? { unitCents: 200 } : null
})
const ask = (categoryId: string) =>
  centre.hooks.ask(PriceSuggest, { categoryId, registerId: 'caisse-1', qty: 1 }).catch(() => 'failed')

test('a module that observes is shown each call when it is over: who was asked, how long, how it ended, and nothing of what was said', async () => {
  const { seen, module } = looker(['price.suggest'])
  await run(prices)
  await run(module)
  for (const category of ['books', 'chairs', 'broken']) await ask(category)
  await centre.hooks.askByName('code.resolve', { code: '123' })
  await until(() => seen.calls.length === 3)
  const asked = { module: 'prices', instance: 'prices-1', isWrapper: false, ms: expect.any(Number) }
  expect(seen.calls.map((call) => call.asked)).toMatchObject([
    [{ ...asked, is: 'answered' }],
    [{ ...asked, is: 'nothing' }],
    [{ ...asked, is: 'failed', error: { kind: 'thrown', code: expect.any(String) } }],
  ])
  expect(seen.calls[0]).toMatchObject({ hook: 'price.suggest', depth: 0, ms: expect.any(Number) })
  expect(JSON.stringify(seen.calls)).not.toMatch(/books|secret|200/)
})

test('an onlooker that is flooded or fails holds up nobody, and learns how much it missed', async () => {
  const { seen, module } = looker(['*'], () => {
    throw new Error('no room')
  })
  await run(prices)
  await run(module)
  await Promise.all(Array.from({ length: 450 }, () => ask('books')))
  await Promise.all(Array.from({ length: 450 }, () => ask('books')))
  await until(async () => {
    await ask('chairs')
    return seen.calls.length + seen.missed > 900
  })
  // The flood may have silenced the module for a moment: it is asked again, as always.
  await until(async () => (await ask('books')) !== null)
})

test('what an operator withholds it is not shown', async () => {
  const { seen, module } = looker(['price.suggest'])
  await run(prices)
  await run(module)
  await ask('books')
  await until(() => seen.calls.length === 1)
  expect((await centre.get('/v1/modules/looker/permissions')).rights).toMatchObject([
    { right: 'observes:price.suggest' },
  ])
  const { status } = await centre.api('DELETE', '/v1/modules/looker/grants', { rights: ['observes:price.suggest'] })
  expect(status).toBe(200)
  await ask('books')
  await centre.api('PUT', '/v1/modules/looker/grants', { all: true })
  await until(async () => {
    await ask('chairs')
    return seen.calls.some((call) => call.asked[0]?.is === 'nothing')
  })
  expect(seen.calls.filter((call) => call.asked[0]?.is === 'answered')).toHaveLength(1)
})
