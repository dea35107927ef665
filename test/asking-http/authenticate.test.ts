import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { Failure } from '@recyclique/contracts'
import Fastify from 'fastify'
import { pino } from 'pino'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { guardRequests } from '../../kernel/http/guard-request.ts'
import { openMetrics } from '../../kernel/metrics.ts'
import { openRealKernel, type RealKernel, setUp } from '../http/real-kernel.ts'
import { failing, nobody, on, silent } from './on.ts'

let kernel: RealKernel

beforeAll(async () => {
  kernel = await openRealKernel()
  await setUp(kernel)
  await kernel.put('/v1/users/amina', { roles: ['cashier'] })
})
afterEach(() => nobody(kernel, 'auth.authenticate'))
afterAll(() => kernel.close())

const amina = () => ({ actor: 'amina', roles: ['cashier', 'weigher'] })
const anonymous = { 'recyclique-actor': undefined }

let acts = 0

/** Writes something, so that the ledger says who acted. */
const acting = async (headers: Record<string, string | undefined>) => {
  acts += 1
  const answer = await kernel.put('/v1/posts/quai', { name: `Quai ${acts}` }, headers)
  const { items } = (await kernel.get('/v1/ledger?from=1&limit=500')).json
  return { ...answer, actor: items.at(-1).actor }
}

test('with nobody on the hook the header says who acts, whatever the credentials', async () => {
  const { status, actor } = await acting({ authorization: 'Bearer abc', 'recyclique-pin': '1234' })
  expect([status, actor]).toEqual([200, 'manager'])
})

test('who signs in is who acts, by each kind of credentials', async () => {
  const asked = await on(kernel, 'auth.authenticate', 'people', amina)
  for (const headers of [
    { authorization: 'Bearer abc.def' },
    { authorization: 'basic eDp5' },
    { 'recyclique-badge': '04:A2' },
    { 'recyclique-pin': '1234' },
  ]) {
    const { status, actor } = await acting({ ...anonymous, ...headers })
    expect([status, actor]).toEqual([200, 'amina'])
  }
  expect(asked).toEqual([
    { scheme: 'bearer', credential: 'abc.def' },
    { scheme: 'basic', credential: 'eDp5' },
    { scheme: 'badge', credential: '04:A2' },
    { scheme: 'pin', credential: '1234' },
  ])
})

test('without credentials, or with those of another scheme, nobody is asked and the header says who acts', async () => {
  const asked = await on(kernel, 'auth.authenticate', 'people', amina)
  expect((await acting({})).actor).toBe('manager')
  expect((await acting({ authorization: 'Digest abc' })).actor).toBe('manager')
  expect(asked).toEqual([])
})

test('the header may name who signed in, and nobody else', async () => {
  await on(kernel, 'auth.authenticate', 'people', amina)
  const same = await acting({ 'recyclique-actor': 'amina', 'recyclique-pin': '1234' })
  expect([same.status, same.actor]).toEqual([200, 'amina'])
  const other = await kernel.get('/v1/registers', { 'recyclique-actor': 'manager', 'recyclique-pin': '1234' })
  expect(other.json).toMatchObject({ status: 401, code: 'actor-differs' })
})

test('credentials that nobody knows, that are empty or too long are 401, on reading as well', async () => {
  const asked = await on(kernel, 'auth.authenticate', 'people', () => null)
  for (const authorization of ['Bearer abc', 'Bearer', `Bearer ${'a'.repeat(5000)}`])
    expect((await kernel.get('/v1/registers', { authorization })).json).toMatchObject({
      ...{ status: 401, code: 'credentials-unknown' },
    })
  expect(asked).toHaveLength(1)
})

test('credentials of two kinds at once are refused: it would be open which of them counts', async () => {
  const asked = await on(kernel, 'auth.authenticate', 'people', amina)
  const both = { authorization: 'Bearer abc', 'recyclique-pin': '1234' }
  expect((await kernel.get('/v1/registers', both)).json).toMatchObject({ status: 400, code: 'request-invalid' })
  expect(asked).toEqual([])
})

test('who signed in must still be a user of this centre', async () => {
  await on(kernel, 'auth.authenticate', 'people', () => ({ actor: 'parti', roles: [] }))
  const { json } = await kernel.put('/v1/posts/quai', { name: 'Q' }, { ...anonymous, 'recyclique-pin': '1234' })
  expect(json).toMatchObject({ status: 401, code: 'actor-unknown' })
})

test('a module that could not look is not passed over for one that trusts more easily', async () => {
  const trusting = await on(kernel, 'auth.authenticate', 'trusting', amina, { place: 'trylast' })
  for (const broken of [failing, silent]) {
    await on(kernel, 'auth.authenticate', 'careful', broken, { timeoutMs: 50 })
    const { json } = await kernel.get('/v1/registers', { ...anonymous, 'recyclique-pin': '1234' })
    expect(json).toMatchObject({ status: 503, code: 'module-required', module: 'careful' })
    await kernel.hooks.unregister('careful')
  }
  expect(trusting).toEqual([])
})

test('a module that denies is 403 in its words', async () => {
  await on(kernel, 'auth.authenticate', 'people', () => {
    throw new Failure('denied', 'locked', 'Trop d’essais : attendez cinq minutes.')
  })
  const { json } = await kernel.get('/v1/registers', { ...anonymous, 'recyclique-pin': '1234' })
  expect(json).toMatchObject({ status: 403, code: 'request-refused', module: 'people', moduleCode: 'locked' })
})

test('a required module that is away: who shows credentials is not served as somebody else', async () => {
  kernel.hooks.book.mark('auth.authenticate', { required: ['people'] })
  const { json } = await kernel.get('/v1/registers', { 'recyclique-pin': '1234' })
  expect(json).toMatchObject({ status: 503, code: 'module-required', module: 'people' })
})

test('a guard knows who signed in, and sees no credentials', async () => {
  await on(kernel, 'auth.authenticate', 'people', amina)
  const asked = await on(kernel, 'http.request', 'guard', () => ({
    patch: { headers: { 'recyclique-actor': 'manager' } },
  }))
  const { actor } = await acting({ ...anonymous, 'recyclique-pin': '1234' })
  expect(actor).toBe('amina')
  expect(asked[0]).toMatchObject({
    headers: { 'recyclique-actor': 'amina' },
    notes: { actor: 'amina', roles: 'cashier weigher' },
  })
  expect(JSON.stringify(asked)).not.toContain('1234')
})

test('credentials that were understood go no further: the module whose page is opened sees who it is, and no secret', async () => {
  const app = Fastify({ loggerInstance: pino({ level: 'silent' }) }).withTypeProvider<TypeBoxTypeProvider>()
  const metrics = openMetrics(() => ({ position: 0, told: 0, behind: 0, busUp: false }))
  guardRequests(app, { hooks: kernel.hooks, metrics })
  app.get('/m/:module/*', ({ headers }) => headers)
  const headers = { authorization: 'Bearer abc', cookie: 'a=b', 'x-other': '1' }
  expect((await app.inject({ url: '/m/any/page', headers })).json()).toMatchObject(headers)
  await on(kernel, 'auth.authenticate', 'people', amina)
  const seen = (await app.inject({ url: '/m/any/page', headers })).json()
  expect(seen).toMatchObject({ 'recyclique-actor': 'amina', 'x-other': '1', cookie: 'a=b' })
  expect(Object.keys(seen)).not.toContain('authorization')
  await app.close()
})
