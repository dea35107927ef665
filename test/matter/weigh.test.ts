import { MatterLogged, parse } from '@recyclique/contracts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { weigh } from '../../kernel/matter/weigh.ts'
import { category, openReception, type Reception, refusal, TODAY } from './reception.ts'

let r: Reception
let depositId: string
beforeEach(async () => {
  r = await openReception()
  depositId = (await r.open()).data.depositId
})
afterEach(() => r.done())

test('12,4 kg on a trolley of 2 kg are 10 400 g net (scenario 10)', async () => {
  const fact = await r.weigh(depositId, { grossGrams: 12_400, containerId: 'chariot' })
  expect(fact).toMatchObject({ journal: 'post-quai', businessDate: TODAY })
  expect(fact.data).toMatchObject({
    line: 1,
    grossGrams: 12_400,
    containerId: 'chariot',
    tareGrams: 2_000,
    netGrams: 10_400,
    categoryName: 'textile',
    method: 'weighed',
    destination: 'shop',
    isConfirmed: false,
  })
  expect(parse(MatterLogged.data, fact.data)).toEqual(fact.data)
  expect(await r.moved()).toEqual([{ grams: 10_400 }])
})

test('a tare is said as well as taken from a container, and neither is a tare of nothing', async () => {
  expect((await r.weigh(depositId, { grossGrams: 900, tareGrams: 150 })).data.netGrams).toBe(750)
  expect((await r.weigh(depositId, { grossGrams: 900 })).data).toMatchObject({ line: 2, tareGrams: 0, netGrams: 900 })
})

test('a container and a tare at once are refused', async () => {
  const both = r.weigh(depositId, { containerId: 'chariot', tareGrams: 100 })
  expect(await refusal(both)).toMatchObject({ code: 'tare-doubled', field: '/tareGrams' })
})

test.each([1_999, 2_000])('%i g on a trolley of 2 kg are refused, and nothing is kept', async (grossGrams) => {
  const refused = await refusal(r.weigh(depositId, { grossGrams, containerId: 'chariot' }))
  expect(refused).toMatchObject({ code: 'weight-not-over-tare', field: '/grossGrams' })
  expect(refused.message).toContain(`Gross ${grossGrams} g less tare 2000 g`)
  expect(await r.moved()).toEqual([])
})

test('the smallest weight is one gram over the tare', async () => {
  expect((await r.weigh(depositId, { grossGrams: 2_001, containerId: 'chariot' })).data.netGrams).toBe(1)
})

test('over 150 kg somebody has to confirm, and the fact says that somebody did', async () => {
  expect((await r.weigh(depositId, { grossGrams: 150_000, confirmed: true })).data.isConfirmed).toBe(false)
  const refused = await refusal(r.weigh(depositId, { grossGrams: 150_001 }))
  expect(refused).toMatchObject({ code: 'weight-unusual', field: '/confirmed' })
  expect(refused.message).toContain('150001 g is more than 150000 g')
  expect((await r.weigh(depositId, { grossGrams: 150_001, confirmed: true })).data.isConfirmed).toBe(true)
})

test('the usual weight is of the net, not of what stands on the scale', async () => {
  expect((await r.weigh(depositId, { grossGrams: 151_000, containerId: 'chariot' })).data.isConfirmed).toBe(false)
})

test('a category takes the usual weight of the nearest one above it that has one', async () => {
  await r.record('category', category({ id: 'vaisselle', usualGrams: 8_000 }))
  await r.record('category', category({ id: 'verres', parentId: 'vaisselle' }))
  await r.record('category', category({ id: 'flutes', parentId: 'verres' }))
  await r.record('category', category({ id: 'assiettes', parentId: 'vaisselle', usualGrams: 20_000 }))
  expect(await refusal(r.weigh(depositId, { categoryId: 'flutes', grossGrams: 8_001 }))).toMatchObject({
    code: 'weight-unusual',
  })
  expect((await r.weigh(depositId, { categoryId: 'assiettes', grossGrams: 20_000 })).data.isConfirmed).toBe(false)
})

test('things that are counted say how many', async () => {
  const counted = { method: 'counted', grossGrams: 1_200 } as const
  expect(await refusal(r.weigh(depositId, counted))).toMatchObject({ code: 'quantity-missing', field: '/qty' })
  expect((await r.weigh(depositId, { ...counted, qty: 12 })).data).toMatchObject({ method: 'counted', qty: 12 })
  expect(await r.store.read.one('SELECT qty, grams, flow, place FROM movement')).toEqual({
    qty: 12,
    grams: 1_200,
    flow: 'deposit',
    place: 'quai',
  })
})

test('a closed deposit takes no more lines', async () => {
  await r.weigh(depositId, {})
  await r.close(depositId)
  expect(await refusal(r.weigh(depositId, {}))).toMatchObject({ code: 'deposit-closed', status: 409 })
})

test('an unknown deposit, category or container is refused', async () => {
  expect(await refusal(r.weigh(r.newId(), {}))).toMatchObject({ code: 'not-found' })
  expect(await refusal(r.weigh(depositId, { categoryId: 'nuages' }))).toMatchObject({
    code: 'unknown-reference',
    field: '/categoryId',
  })
  expect(await refusal(r.weigh(depositId, { containerId: 'nuages' }))).toMatchObject({
    code: 'unknown-reference',
    field: '/containerId',
  })
})

test('an archived category or container is refused', async () => {
  await r.record('category', category({ id: 'deee', archived: true }))
  await r.record('container', { id: 'chariot', name: 'Chariot', tareGrams: 2_000, archived: true })
  expect(await refusal(r.weigh(depositId, { categoryId: 'deee' }))).toMatchObject({ code: 'archived' })
  expect(await refusal(r.weigh(depositId, { containerId: 'chariot' }))).toMatchObject({ code: 'archived' })
})

test('lines of late paper bear the day of the paper', async () => {
  const weighed = await r.receive('livres', 2_000, '2026-03-03')
  expect(weighed).toMatchObject({ mode: 'deferred', businessDate: '2026-03-03' })
})

test('a line of a deposit that stayed open overnight bears the day on which it was weighed', async () => {
  r.setClock('2026-03-11T08:00:00.000Z')
  expect(await r.weigh(depositId, {})).toMatchObject({ mode: 'live', businessDate: '2026-03-11' })
})

test('a line that is sent twice under one key is weighed once', async () => {
  const body = { depositId, categoryId: 'textile', grossGrams: 5_000 }
  await r.act(weigh, body, { key: 'the-same-key' })
  expect(await r.act(weigh, body, { key: 'the-same-key' })).toMatchObject({ replayed: true })
  expect(await r.moved()).toHaveLength(1)
})
