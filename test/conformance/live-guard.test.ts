import { expect, test } from 'vitest'
import { until } from '../support/wait.ts'
import { openCentre } from './live/centre.ts'
import { part } from './live/part.ts'

test('X10 while a guard that is required is down no request is served, and when it is back they are', async () => {
  const { start, are, api } = await openCentre()
  const guard = part('guard', { 'http.request': { does: 'answer', value: null } })
  const first = await start(guard)
  await are('active', 'guard')
  const marked = await api('PUT', '/v1/hooks/http.request/marks/guard', { need: 'required' })
  expect(marked).toMatchObject({ status: 200, body: { items: [{ module: 'guard', need: 'required' }] } })
  expect((await api('GET', '/v1/users')).status).toBe(200)
  const asked = first.did.got.length
  expect(asked).toBeGreaterThan(0)

  await first.kill9()
  const refused = await api('GET', '/v1/users')
  expect(refused).toMatchObject({ status: 503, body: { code: 'module-required', module: 'guard' } })
  expect((await api('POST', '/v1/sales', {})).status).toBe(503)
  expect((await api('GET', '/healthz')).status).toBe(200)

  const second = await start(guard)
  await until(async () => (await api('GET', '/v1/users')).status === 200)
  expect(second.did.got.length).toBeGreaterThan(0)
})
