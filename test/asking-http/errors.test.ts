import { Failure } from '@recyclique/contracts'
import Fastify from 'fastify'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { answerHandled } from '../../kernel/http/handled-error.ts'
import { openMetrics } from '../../kernel/metrics.ts'
import { openRealKernel, type RealKernel, setUp } from '../http/real-kernel.ts'
import { failing, nobody, on, silent } from './on.ts'

let kernel: RealKernel

beforeAll(async () => {
  kernel = await openRealKernel()
  await setUp(kernel)
})
afterEach(() => nobody(kernel, 'error.handle', 'http.request'))
afterAll(() => kernel.close())

const REGISTERS = '/v1/registers'
const denying = () => {
  throw new Failure('denied', 'blocked', 'not for you')
}

test('X16: the catch-all stands last, whenever it came: a blocked admin gets 403, an unexpected error 500', async () => {
  await on(kernel, 'error.handle', 'forbidden', ({ args }) =>
    args.kind === 'denied' ? { status: 403, words: 'Accès refusé.' } : null,
  )
  await on(kernel, 'error.handle', 'catch-all', () => ({ status: 500, words: 'Erreur.' }), { place: 'trylast' })

  await on(kernel, 'http.request', 'admins', denying)
  expect((await kernel.get(REGISTERS)).json).toMatchObject({
    ...{ status: 403, detail: 'Accès refusé.', code: 'request-refused', module: 'admins' },
  })
  await kernel.hooks.unregister('admins')
  await on(kernel, 'http.request', 'crashing', failing)
  const unexpected = await kernel.get(REGISTERS)
  expect(unexpected.status).toBe(500)
  expect(unexpected.headers['content-type']).toContain('application/problem+json')
  expect(unexpected.json).toMatchObject({ status: 500, detail: 'Erreur.', code: 'request-refused', module: 'crashing' })
})

test('a handler is shown kind, code, module and hook of the error', async () => {
  const asked = await on(kernel, 'error.handle', 'watcher', () => null)
  await on(kernel, 'http.request', 'admins', denying)
  const { status, headers } = await kernel.get(REGISTERS)
  expect(status).toBe(403)
  expect(asked).toEqual([
    {
      ...{ kind: 'denied', code: 'blocked', message: 'not for you', module: 'admins', hook: 'http.request' },
      requestId: headers['x-request-id'],
    },
  ])
})

test('a module that is called and is away is an error for handlers; the code stays', async () => {
  kernel.hooks.book.mark('http.request', { required: ['auth'] })
  const asked = await on(kernel, 'error.handle', 'words', () => ({ status: 502, words: 'Revenez plus tard.' }))
  const { status, json } = await kernel.get(REGISTERS)
  expect(status).toBe(502)
  expect(json).toMatchObject({ status: 502, detail: 'Revenez plus tard.', code: 'module-required', module: 'auth' })
  expect(asked[0]).toMatchObject({ kind: 'unavailable', code: 'required-missing', hook: 'http.request' })
})

test("what is the asker's own error is shown to no handler", async () => {
  const asked = await on(kernel, 'error.handle', 'catch-all', () => ({ status: 500, words: 'Erreur.' }))
  expect((await kernel.post('/v1/sales', { wrong: true })).json.code).toBe('body-invalid')
  expect((await kernel.send({ method: 'POST', path: '/v1/sales', raw: '{' })).json.code).toBe('json-broken')
  expect((await kernel.get('/v1/sales/none')).status).toBe(400)
  expect((await kernel.get('/v1/registers/none')).json.code).toBe('not-found')
  expect((await kernel.get('/v1/nowhere')).json.code).toBe('method-unknown')
  expect((await kernel.post('/v1/cash-sessions', {}, { 'recyclique-actor': undefined })).status).toBe(400)
  expect(asked).toEqual([])
})

test('a handler that fails, babbles or is silent hides nothing and is asked about no error of its own', async () => {
  await on(kernel, 'http.request', 'admins', denying)
  for (const [bad, kind] of [
    [failing, 'thrown'],
    [() => ({ status: 200, words: 'all is well' }), 'invalid'],
    [silent, 'timeout'],
  ] as const) {
    const asked = await on(kernel, 'error.handle', 'handler', bad)
    const { status, json, headers } = await kernel.get(REGISTERS)
    expect([status, json.code]).toEqual([403, 'request-refused'])
    expect(headers['recyclique-skipped']).toBe(`handler (${kind})`)
    expect(new Set(asked.map(({ module }) => module))).toEqual(new Set(['admins']))
    await kernel.hooks.unregister('handler')
  }
})

test('a handler that must be there and is not hides nothing either', async () => {
  kernel.hooks.book.mark('error.handle', { required: ['words'] })
  await on(kernel, 'http.request', 'admins', denying)
  expect((await kernel.get(REGISTERS)).json).toMatchObject({ status: 403, code: 'request-refused' })
})

test('an error that nobody foresaw is shown, and answered in the words of a handler', async () => {
  const app = Fastify({ genReqId: () => 'request-1' })
  const metrics = openMetrics(() => ({ position: 0, told: 0, behind: 0, busUp: false }))
  const world = { hooks: kernel.hooks, metrics, log: pino({ level: 'silent' }) }
  app.setErrorHandler(answerHandled(world))
  app.get('/', () => {
    throw Object.assign(new Error('the insides'), { code: 'EIO' })
  })
  expect((await app.inject('/')).json()).toMatchObject({ status: 500, code: 'internal' })
  const asked = await on(kernel, 'error.handle', 'words', () => ({ status: 503, words: 'Appelez Marc.' }))
  const answer = await app.inject('/')
  expect(answer.statusCode).toBe(503)
  expect(answer.json()).toMatchObject({ status: 503, detail: 'Appelez Marc.', code: 'internal' })
  expect(asked).toEqual([{ kind: 'thrown', code: 'EIO', message: 'the insides', requestId: 'request-1' }])
  await app.close()
})
