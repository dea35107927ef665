import type { Manifest } from '@recyclique/contracts'
import { defineModule, type Module, startModule } from '@recyclique/sdk'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { openCentre } from '../conformance/live/centre.ts'
import { until } from '../support/wait.ts'

const manifestOf = (more: Partial<Manifest> = {}): Manifest => ({
  ...{ name: 'door', version: '1.0.0', description: 'A module of the tests.', kernel: '^0.1.0' },
  ...{ protocol: { min: 1, max: 1 }, ...more },
})

const run = async (module: Module) => {
  const centre = await openCentre()
  const { creds } = await centre.server.addModule('door')
  const settings = { servers: [centre.server.url], site: 'essai', instance: 'door-1', creds }
  const running = startModule({ module, settings, log: pino({ level: 'silent' }) })
  onTestFinished(async () => void (await running.stop()))
  await centre.are('active', 'door')
  return { centre, running }
}

test('what a module opens is open while it is at work: not before, not while it is switched off, not after', async () => {
  const seen: string[] = []
  let tries = 0
  const module = defineModule(manifestOf()).whileAtWork(({ signal }) => {
    tries += 1
    if (tries === 1) throw new Error('the place is taken')
    seen.push('open')
    return () => seen.push(signal.aborted ? 'closed' : 'closed unasked')
  })
  const { centre, running } = await run(module)
  await until(() => seen.length === 1)
  expect(tries).toBe(2)

  await centre.api('PUT', '/v1/modules/door/desired-state', { state: 'disabled' })
  await until(() => seen.length === 2)
  await centre.api('PUT', '/v1/modules/door/desired-state', { state: 'enabled' })
  await until(() => seen.length === 3)
  await running.stop()
  expect(seen).toEqual(['open', 'closed', 'open', 'closed'])
  expect(() => module.whileAtWork(() => () => {})).toThrow(/says twice what is open/)
})

test('what is open is closed before the module has gone: it can still tell what it has to', async () => {
  const data = { type: 'object', properties: {} }
  const module = defineModule(manifestOf({ tells: [{ name: 'door.shut', version: 1, data }] }))
  const { centre, running } = await run(module.whileAtWork(() => async () => void (await module.tell('door.shut', {}))))
  await running.stop()
  expect(JSON.stringify(await centre.get('/v1/ledger?from=1'))).toContain('"door.shut"')
})

test('a module names for whom it acts: the author of the act is both', async () => {
  const api = ['PUT /v1/categories/*', 'GET /v1/ledger', 'GET /v1/categories']
  const module = defineModule(manifestOf({ permissions: { api } }))
  const { centre } = await run(module)
  const body = { shortName: 'Livres', officialName: 'Livres', eee: 'none', shownAtSale: true, shownAtReception: true }

  expect(await module.api('PUT', '/v1/categories/livres', { body, onBehalfOf: 'claude' })).toMatchObject({
    status: 200,
  })
  const authors = JSON.stringify(await centre.get('/v1/ledger?from=1'))
  expect(authors).toContain('"module.door/claude"')
  for (const onBehalfOf of ['a b', 'x/manager', '', 'a'.repeat(33)])
    await expect(module.api('GET', '/v1/categories', { onBehalfOf })).rejects.toMatchObject({ code: 'malformed' })
})

test('a star in a right stands for one name between two slashes, and for all that follows at the end', async () => {
  const api = ['GET /v1/modules/*/config', 'GET /v1/categories/*']
  const module = defineModule(manifestOf({ permissions: { api } }))
  await run(module)
  expect(await module.api('GET', '/v1/modules/door/config')).toMatchObject({ status: 200 })
  expect(await module.api('GET', '/v1/categories/a')).toMatchObject({ status: 404 })
  for (const path of ['/v1/modules/door', '/v1/modules/door/jobs', '/v1/modules/door/x/config', '/v1/categories'])
    await expect(module.api('GET', path)).rejects.toMatchObject({ code: 'not-declared' })
})

test('an answer that is too large for the bus is refused with what to do, and the kernel goes on', async () => {
  const data = { type: 'object', properties: { words: { type: 'string' } } }
  const tells = [{ name: 'door.opened', version: 1, data }]
  const module = defineModule(manifestOf({ tells, permissions: { api: ['GET /v1/ledger'] } }))
  await run(module)
  const words = 'x'.repeat(60_000)
  for (let n = 0; n < 18; n += 1) await module.tell('door.opened', { words })

  await expect(module.api('GET', '/v1/ledger?from=1&limit=500', { withinMs: 5_000 })).rejects.toMatchObject({
    ...{ code: 'too-large', message: expect.stringContaining('ask for less') },
  })
  expect(await module.api('GET', '/v1/ledger?from=1&limit=5', { withinMs: 5_000 })).toMatchObject({ status: 200 })
})
