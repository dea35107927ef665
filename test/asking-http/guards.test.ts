import { Failure } from '@recyclique/contracts'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openRealKernel, type RealKernel, setUp } from '../http/real-kernel.ts'
import { failing, nobody, on, silent } from './on.ts'

let kernel: RealKernel

beforeAll(async () => {
  kernel = await openRealKernel()
  await setUp(kernel)
})
afterEach(() => nobody(kernel, 'http.request', 'auth.authenticate'))
afterAll(() => kernel.close())

const REGISTERS = '/v1/registers'

test('a guard sees a request without its credentials, with the path and query as the kernel understood them', async () => {
  const asked = await on(kernel, 'http.request', 'guard', () => null)
  const { status, headers } = await kernel.get('/%76%31/registers/caisse%2D1?limit=2&a=1&b=1&b=2', {
    ...{ authorization: 'Digest secret', cookie: 'a=b', 'recyclique-pin': '', 'x-tablet': 'blue' },
    'idempotency-key': 'key-12345678',
  })
  expect(status).toBe(200)
  expect(asked).toEqual([
    {
      ...{ method: 'GET', path: '/v1/registers/caisse-1', query: { limit: '2', a: '1' } },
      requestId: headers['x-request-id'],
      headers: expect.objectContaining({ 'x-tablet': 'blue', 'idempotency-key': 'key-12345678' }),
    },
  ])
  expect(JSON.stringify(asked)).not.toMatch(/secret|cookie|authorization|recyclique-pin/)
})

test('a guard that refuses is 403 in its words, and nothing is done', async () => {
  const before = await kernel.head()
  await on(kernel, 'http.request', 'closing-time', ({ args }) => {
    if (args.method === 'PUT') throw new Failure('denied', 'closed', 'Le centre est fermé.')
  })
  const { status, json } = await kernel.put(`${REGISTERS}/caisse-9`, { name: 'Caisse 9' })
  expect(status).toBe(403)
  expect(json).toMatchObject({ code: 'request-refused', module: 'closing-time', moduleCode: 'closed' })
  expect(json.detail).toContain('Le centre est fermé.')
  expect((await kernel.get(REGISTERS)).status).toBe(200)
  expect(await kernel.head()).toEqual(before)
})

test('an error that a guard throws lets nothing through either', async () => {
  await on(kernel, 'http.request', 'broken', failing)
  expect((await kernel.get(REGISTERS)).json).toMatchObject({ status: 403, code: 'request-refused', module: 'broken' })
})

test('a guard that is silent, or whose answer does not fit, is 503: what it could not look at is not served', async () => {
  await on(kernel, 'http.request', 'sleepy', silent, { timeoutMs: 50 })
  expect((await kernel.get(REGISTERS)).json).toMatchObject({ status: 503, code: 'module-required', module: 'sleepy' })
  await nobody(kernel)
  await on(kernel, 'http.request', 'babbling', () => ({ patch: { query: 5 } }))
  expect((await kernel.get(REGISTERS)).json).toMatchObject({ status: 503, code: 'module-required', module: 'babbling' })
})

test('X10: a required guard that is down leaves every request of the API and of modules unserved, and health served', async () => {
  kernel.hooks.book.mark('http.request', { required: ['auth'] })
  for (const path of [REGISTERS, '/%76%31/registers', '/m/any/page', '/v1/sales'])
    expect((await kernel.get(path)).json, path).toMatchObject({ status: 503, code: 'module-required', module: 'auth' })
  expect((await kernel.post('/v1/sales', {})).status).toBe(503)
  for (const path of ['/healthz', '/readyz', '/metrics', '/openapi.json', '/errors', '/docs/'])
    expect((await kernel.get(path)).status, path).toBe(200)
  await on(kernel, 'http.request', 'auth', () => null)
  expect((await kernel.get(REGISTERS)).status).toBe(200)
})

test('past a guard that is dead the operator at this computer finds the way out; nobody from elsewhere, and never past a no', async () => {
  kernel.hooks.book.mark('http.request', { required: ['auth'] })
  const path = '/v1/modules'
  expect((await kernel.get(path)).status).toBe(200)
  for (const name of ['x-forwarded-for', 'forwarded', 'via', 'x-real-ip']) {
    const { json } = await kernel.send({ method: 'GET', path, headers: { [name]: '203.0.113.7' } })
    expect(json, name).toMatchObject({ status: 503, code: 'module-required' })
  }
  const release = { method: 'PUT', path: '/v1/hooks/http.request/marks/auth', body: { need: 'policy' } }
  expect((await kernel.send(release)).status).toBe(200)

  await on(kernel, 'http.request', 'auth', () => {
    throw new Failure('denied', 'no', 'not you')
  })
  expect((await kernel.get(path)).json).toMatchObject({ status: 403, code: 'request-refused' })
})

test('a guard that the operator lets be away is passed over, and named in the header', async () => {
  kernel.hooks.book.mark('http.request', { optional: ['gone'] })
  await on(kernel, 'http.request', 'gone', () => {
    throw new Failure('unavailable', 'no-responders', 'nobody is there')
  })
  const { status, headers } = await kernel.get(REGISTERS)
  expect(status).toBe(200)
  expect(headers['recyclique-skipped']).toBe('gone (unavailable)')
})

test('guards change the query and add headers, one after the other; the next one sees it', async () => {
  const asked = await on(kernel, 'http.request', 'first', () => ({
    patch: { query: { limit: '1' }, headers: { 'x-from': 'first' }, notes: { seen: 'yes' } },
  }))
  const later = await on(kernel, 'http.request', 'second', () => null, { place: 'trylast' })
  const { json } = await kernel.get(`${REGISTERS}?limit=50`)
  expect(json.items).toHaveLength(1)
  expect(asked[0]).toMatchObject({ query: { limit: '50' } })
  expect(later[0]).toMatchObject({ query: { limit: '1' }, headers: { 'x-from': 'first' }, notes: { seen: 'yes' } })
})

test('what a guard makes of the query is checked as if the client had said it', async () => {
  await on(kernel, 'http.request', 'wrong', () => ({ patch: { query: { limit: 'many' } } }))
  expect((await kernel.get(REGISTERS)).json).toMatchObject({ status: 400, code: 'body-invalid', field: '/limit' })
})

test('a header that a guard adds is what the route reads; who acts and the key are not its to change', async () => {
  await on(kernel, 'http.request', 'helper', () => ({
    patch: {
      headers: { 'Last-Event-Id': 'nonsense', 'recyclique-actor': 'parti', 'idempotency-key': 'x' },
    },
  }))
  expect((await kernel.get('/v1/live')).json).toMatchObject({ status: 400, code: 'request-invalid' })
  expect((await kernel.put(`${REGISTERS}/caisse-8`, { name: 'Caisse 8' })).status).toBe(200)
})

test('a wrapper stands around the guards: it sees what they made of the request, and its own result counts', async () => {
  const heads: unknown[] = []
  await on(kernel, 'http.request', 'inner', () => ({ patch: { query: { limit: '2' } } }))
  await on(
    kernel,
    ...(['http.request', 'outer'] as const),
    async (_, proceed) => {
      const head = (await proceed()) as { query: object }
      heads.push(head.query)
      return { ...head, query: { limit: '1' } }
    },
    { isWrapper: true },
  )
  expect((await kernel.get(REGISTERS)).json.items).toHaveLength(1)
  expect(heads).toEqual([{ limit: '2' }])
})

test('a path that is too long for a guard is refused, not passed by it', async () => {
  const asked = await on(kernel, 'http.request', 'guard', () => null)
  expect((await kernel.get(`/m/any/${'a'.repeat(3000)}`)).json).toMatchObject({ status: 400, code: 'request-invalid' })
  expect(asked).toEqual([])
})
