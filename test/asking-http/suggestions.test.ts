import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openRealKernel, type RealKernel, setUp } from '../http/real-kernel.ts'
import { failing, nobody, on, silent } from './on.ts'

let kernel: RealKernel
let sessionId: string
let closedId: string

beforeAll(async () => {
  kernel = await openRealKernel()
  ;({ sessionId, closedId } = await setUp(kernel))
})
afterEach(() => nobody(kernel, 'price.suggest'))
afterAll(() => kernel.close())

const PRICE = '/v1/suggestions/price?registerId=caisse-1&categoryId=livres'
const NOTHING = { answer: null, from: null, skipped: [] }

test('with nobody on the hook a suggestion is null', async () => {
  const { status, json, headers } = await kernel.get(PRICE)
  expect(status).toBe(200)
  expect(json).toEqual(NOTHING)
  expect(headers).not.toHaveProperty('recyclique-skipped')
})

test('a price comes with the module that gave it; numbers of the address arrive as numbers', async () => {
  const asked = await on(kernel, 'price.suggest', 'prices', () => ({ unitCents: 150, words: '1,50 €/kg' }))
  const { json } = await kernel.get(`${PRICE}&qty=3&grams=1200&code=verte&unknown=1`)
  expect(json.answer).toEqual({ unitCents: 150, words: '1,50 €/kg' })
  expect(json.from).toEqual({ module: 'prices', version: '1.2.0', ms: expect.any(Number) })
  expect(asked).toEqual([{ registerId: 'caisse-1', categoryId: 'livres', qty: 3, grams: 1200, code: 'verte' }])
})

test('without a number of pieces one piece is meant', async () => {
  const asked = await on(kernel, 'price.suggest', 'prices', () => null)
  expect((await kernel.get(PRICE)).json).toEqual(NOTHING)
  expect(asked).toEqual([{ registerId: 'caisse-1', categoryId: 'livres', qty: 1 }])
})

test('a silent module is passed over within the deadline, named in the answer and the header, and counted', async () => {
  await on(kernel, 'price.suggest', 'prices', () => ({ unitCents: 200 }))
  await on(kernel, 'price.suggest', 'sleepy', silent, { place: 'tryfirst' })
  const { status, json, headers } = await kernel.get(PRICE)
  expect(status).toBe(200)
  expect(json).toMatchObject({ answer: { unitCents: 200 }, from: { module: 'prices' }, skipped: [{ kind: 'timeout' }] })
  expect(headers['recyclique-skipped']).toBe('sleepy (timeout)')

  await kernel.hooks.unregister('prices')
  const alone = await kernel.get(PRICE)
  expect(alone.json).toMatchObject({ answer: null, from: null, skipped: [{ module: 'sleepy', kind: 'timeout' }] })
  expect(alone.headers['recyclique-skipped']).toBe('sleepy (timeout)')
  expect((await kernel.get('/metrics')).text).toMatch(
    /recyclique_hook_skips_total\{hook="price.suggest",module="sleepy",kind="timeout"\} 2/,
  )
})

test('a module that fails is passed over in its own words, and so is a wrapper', async () => {
  await on(kernel, 'price.suggest', 'broken', failing)
  const { status, json } = await kernel.get(PRICE)
  expect(status).toBe(200)
  expect(json).toEqual({
    ...NOTHING,
    skipped: [{ module: 'broken', kind: 'thrown', words: 'the list is empty' }],
  })

  await nobody(kernel)
  await on(kernel, 'price.suggest', 'around', failing, { isWrapper: true })
  const wrapped = await kernel.get(PRICE)
  expect(wrapped.status).toBe(200)
  expect(wrapped.json).toMatchObject({ answer: null, skipped: [{ module: 'around', kind: 'thrown' }] })
})

test('a module that the operator marked as required and that is away is 503, by name', async () => {
  kernel.hooks.book.mark('price.suggest', { required: ['prices'] })
  const { status, json } = await kernel.get(PRICE)
  expect(status).toBe(503)
  expect(json).toMatchObject({ code: 'module-required', module: 'prices' })
})

test('a till or a category that is not there is 404, and nobody is asked', async () => {
  const asked = await on(kernel, 'price.suggest', 'prices', () => ({ unitCents: 1 }))
  const wrong = await kernel.get('/v1/suggestions/price?registerId=nowhere&categoryId=livres')
  expect(wrong.json).toMatchObject({ status: 404, code: 'not-found', detail: 'There is no register nowhere here.' })
  const strange = await kernel.get('/v1/suggestions/price?registerId=caisse-1&categoryId=strange')
  expect(strange.json).toMatchObject({ status: 404, detail: 'There is no category strange here.' })
  const none = await kernel.get('/v1/codes/123?registerId=nowhere')
  expect(none.status).toBe(404)
  expect(asked).toEqual([])
})

test('what is no whole number is refused as everywhere', async () => {
  for (const wrong of ['qty=1.5', 'qty=0', 'grams=-1', 'qty=1e2'])
    expect((await kernel.get(`${PRICE}&${wrong}`)).json, wrong).toMatchObject({ status: 400, code: 'body-invalid' })
})

test('a code that a module knows is a line for the ticket; one that nobody knows is null', async () => {
  expect((await kernel.get('/v1/codes/ABC?registerId=caisse-1')).json).toEqual(NOTHING)
  const asked = await on(kernel, 'code.resolve', 'labels', ({ args }) =>
    args.code === 'A/B 1' ? { categoryId: 'livres', unitCents: 200, qty: 1 } : null,
  )
  const found = await kernel.get('/v1/codes/A%2FB%201?registerId=caisse-1')
  expect(found.json.answer).toEqual({ categoryId: 'livres', unitCents: 200, qty: 1 })
  expect(found.json.from).toMatchObject({ module: 'labels' })
  expect((await kernel.get('/v1/codes/other?registerId=caisse-1')).json).toEqual(NOTHING)
  expect(asked).toEqual([
    { registerId: 'caisse-1', code: 'A/B 1' },
    { registerId: 'caisse-1', code: 'other' },
  ])
})

test('trouble with a code is said in words, and whoever knows the code goes before whoever explains it', async () => {
  const trouble = { trouble: 'damaged', words: 'Le dernier chiffre devrait être 7.' }
  await on(kernel, 'code.resolve', 'labels', () => trouble, { place: 'trylast' })
  expect((await kernel.get('/v1/codes/123?registerId=caisse-1')).json.answer).toEqual(trouble)
  await on(kernel, 'code.resolve', 'catalogue', () => ({ categoryId: 'livres', lotCents: 500, qty: 6 }))
  const { json } = await kernel.get('/v1/codes/123?registerId=caisse-1')
  expect(json).toMatchObject({ answer: { categoryId: 'livres', lotCents: 500 }, from: { module: 'catalogue' } })
  await nobody(kernel, 'code.resolve')
})

test('categories are suggested best first; an answer that does not fit is passed over', async () => {
  const path = '/v1/suggestions/category?words=petite%20lampe&where=sale'
  expect((await kernel.get(path)).json).toEqual(NOTHING)
  await on(kernel, 'category.suggest', 'sorter', () => [{ categoryId: 'livres', why: 'a word' }])
  expect((await kernel.get(path)).json.answer).toEqual([{ categoryId: 'livres', why: 'a word' }])
  await nobody(kernel)
  await on(kernel, 'category.suggest', 'sorter', () => [])
  const { json, headers } = await kernel.get(path)
  expect(json).toMatchObject({ answer: null, skipped: [{ module: 'sorter', kind: 'invalid' }] })
  expect(headers['recyclique-skipped']).toBe('sorter (invalid)')
})

test('the closing screen gets the steps of the modules, with the address of a page', async () => {
  const path = `/v1/cash-sessions/${sessionId}/close-steps`
  expect((await kernel.get(path)).json).toEqual({ items: [], skipped: [] })
  const coins = { key: 'coins', title: 'Compter les pièces', page: '/coins', isObligatory: true }
  const asked = await on(kernel, 'close.steps', 'drawer', () => coins)
  await on(kernel, 'close.steps', 'broken', failing)
  await on(kernel, 'close.steps', 'notes', () => ({ key: 'note', title: 'Cahier', isObligatory: false }))
  const { json, headers } = await kernel.get(path)
  expect(json.items).toEqual([
    { module: 'notes', key: 'note', title: 'Cahier', isObligatory: false },
    { module: 'drawer', ...coins, page: '/m/drawer/coins' },
  ])
  expect(json.skipped).toMatchObject([{ module: 'broken', kind: 'thrown' }])
  expect(headers['recyclique-skipped']).toBe('broken (thrown)')
  expect(asked).toEqual([{ sessionId, registerId: 'caisse-1', mode: 'live', methodIds: ['cash'] }])
})

test('a step that a wrapper put in has no module, and then no page', async () => {
  const step = { key: 'a', title: 'A', page: '/a', isObligatory: false }
  await on(kernel, 'close.steps', 'around', async (_, proceed) => [...((await proceed()) as object[]), step], {
    isWrapper: true,
  })
  const { json } = await kernel.get(`/v1/cash-sessions/${sessionId}/close-steps`)
  expect(json.items).toEqual([{ key: 'a', title: 'A', isObligatory: false }])
})

test('there are no closing steps for a session that is closed, or not there', async () => {
  const closed = await kernel.get(`/v1/cash-sessions/${closedId}/close-steps`)
  expect(closed.json).toMatchObject({ status: 409, code: 'session-closed' })
  const none = await kernel.get('/v1/cash-sessions/00000000-0000-7000-8000-000000000000/close-steps')
  expect(none.json).toMatchObject({ status: 404, code: 'not-found' })
})
