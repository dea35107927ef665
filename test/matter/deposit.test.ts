import { DepositClosed, DepositOpened, parse } from '@recyclique/contracts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openReception, type Reception, refusal, TODAY } from './reception.ts'

let r: Reception
beforeEach(async () => {
  r = await openReception()
})
afterEach(() => r.done())

test('a deposit is opened at a post, today, and says where the things come from', async () => {
  const fact = await r.open({ origin: 'home-collection', locality: 'Naves', volunteerId: 'benevole-7' })
  expect(fact).toMatchObject({ journal: 'post-quai', seq: 1, mode: 'live', businessDate: TODAY })
  expect(fact.data).toMatchObject({ origin: 'home-collection', locality: 'Naves', volunteerId: 'benevole-7' })
  expect(parse(DepositOpened.data, fact.data)).toEqual(fact.data)
})

test('a deposit that is dated in the past is a late paper entry', async () => {
  expect(await r.open({ businessDate: '2026-03-03' })).toMatchObject({ mode: 'deferred', businessDate: '2026-03-03' })
})

test('a deposit cannot be of tomorrow, nor of a day that is not in the calendar', async () => {
  expect(await refusal(r.open({ businessDate: '2026-03-11' }))).toMatchObject({
    code: 'date-in-future',
    field: '/businessDate',
  })
  expect(await refusal(r.open({ businessDate: '2026-02-30' }))).toMatchObject({ code: 'date-unreal' })
})

test('today is the day in the centre’s time zone', async () => {
  r.setClock('2026-03-10T23:30:00.000Z')
  expect(await r.open()).toMatchObject({ businessDate: '2026-03-11', mode: 'live' })
})

test.each([
  ['postId', 'cave', 'post'],
  ['partnerId', 'nobody', 'partner'],
  ['volunteerId', 'nobody', 'user'],
])('an unknown %s is refused', async (field, id) => {
  expect(await refusal(r.open({ [field]: id }))).toMatchObject({ code: 'unknown-reference', field: `/${field}` })
})

test('an archived post takes no deposit', async () => {
  await r.record('post', { id: 'cave', name: 'Cave', archived: true })
  expect(await refusal(r.open({ postId: 'cave' }))).toMatchObject({ code: 'archived', field: '/postId' })
})

test('a note stands beside the ledger and never in a fact', async () => {
  const fact = await r.open({ note: 'Madame Dupont repasse lundi' })
  expect(fact.data.hasNote).toBe(true)
  expect(JSON.stringify(await r.ledger.rows(1, 100))).not.toContain('Dupont')
  expect(
    await r.store.read.one('SELECT kind, text FROM personal WHERE ref = ?', `deposit/${fact.data.depositId}`),
  ).toEqual({ kind: 'note', text: 'Madame Dupont repasse lundi' })
})

test('closing tells how many lines and grams stand', async () => {
  const { depositId } = (await r.open()).data
  await r.weigh(depositId, { grossGrams: 4_000 })
  const wrong = await r.weigh(depositId, { grossGrams: 9_000 })
  await r.correct({
    sourceKind: 'deposit',
    sourceId: depositId,
    lineId: wrong.data.lineId,
    expectedNetGrams: 9_000,
    after: null,
  })
  const closed = await r.close(depositId)
  expect(closed.data).toEqual({ depositId, postId: 'quai', lineCount: 1, netGrams: 4_000 })
  expect(parse(DepositClosed.data, closed.data)).toEqual(closed.data)
})

test('a deposit in which nothing was weighed cannot be closed', async () => {
  const { depositId } = (await r.open()).data
  expect(await refusal(r.close(depositId))).toMatchObject({ code: 'deposit-empty' })
})

test('a deposit is closed once, and an unknown one never', async () => {
  const { depositId } = (await r.receive('textile', 3_000)).data
  await r.close(depositId)
  expect(await refusal(r.close(depositId))).toMatchObject({ code: 'deposit-closed' })
  expect(await refusal(r.close(r.newId()))).toMatchObject({ code: 'not-found' })
})

test('training has a journal of its own and moves nothing', async () => {
  const { depositId } = (await r.open({ mode: 'training', businessDate: '2026-03-03' })).data
  const weighed = await r.weigh(depositId, {})
  await r.close(depositId)
  expect(weighed).toMatchObject({ journal: 'training-post-quai', mode: 'training', seq: 2 })
  expect(await r.moved()).toEqual([])
  expect((await r.open()).seq).toBe(1)
})

test('a post at which a deposit is open cannot be archived', async () => {
  await r.open()
  const archived = r.record('post', { id: 'quai', name: 'Quai', archived: true })
  expect(await refusal(archived)).toMatchObject({ code: 'still-in-use' })
})
