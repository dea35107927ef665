import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openRealKernel, type RealKernel } from '../http/real-kernel.ts'
import { until } from '../support/wait.ts'
import { failing, nobody, on, silent } from './on.ts'

let kernel: RealKernel
beforeAll(async () => {
  kernel = await openRealKernel()
})
afterAll(() => kernel.close())
beforeEach(() => nobody(kernel))

const get = (path: string) => kernel.send({ method: 'GET', path })

test('a module is told of each answer when it has gone: what was asked, what came of it, who asked', async () => {
  const told = await on(kernel, 'http.answered', 'figures', () => null)
  const { headers } = await get('/v1/registers?limit=1')
  await get('/v1/registers/none-of-that')
  await kernel.send({ method: 'PUT', path: '/v1/registers/caisse-9', body: { name: 'Caisse 9' } })
  await until(() => told.length === 3)
  expect(told[0]).toEqual({
    ...{ method: 'GET', path: '/v1/registers', status: 200, actor: 'manager' },
    ...{ ms: expect.any(Number), requestId: headers['x-request-id'] },
  })
  expect(told.slice(1)).toMatchObject([
    { method: 'GET', status: 404 },
    { method: 'PUT', path: '/v1/registers/caisse-9', status: expect.any(Number) },
  ])
})

test('health, figures and documentation are not told of', async () => {
  const told = await on(kernel, 'http.answered', 'figures', () => null)
  for (const path of ['/healthz', '/metrics', '/docs', '/v1/control/version', '/no/such/page']) await get(path)
  await get('/v1/registers')
  await until(() => told.length > 0)
  expect(told).toMatchObject([{ path: '/v1/registers' }])
})

test('a module that is silent, fails or is flooded delays no answer', async () => {
  // Nobody's time is ever over here: who is silent stays so.
  const stopped = await openRealKernel({ clock: { now: Date.now, after: () => () => {} } })
  const told = await on(stopped, 'http.answered', 'sleepy', silent)
  await on(stopped, 'http.answered', 'broken', failing)
  for (let round = 0; round < 15; round += 1) {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => stopped.send({ method: 'GET', path: '/v1/registers' })),
    )
    expect(answers.every(({ status }) => status === 200)).toBe(true)
  }
  const { text } = await stopped.send({ method: 'GET', path: '/metrics' })
  expect(told).toHaveLength(256)
  expect(text).toMatch(/hook="http\.answered".*left-out.* 44/)
  await stopped.close()
})
