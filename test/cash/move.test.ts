import { CashMoved, MoveCashBody, parse } from '@recyclique/contracts'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { refusal } from '../matter/reception.ts'
import { cash, openTill, type Till } from '../sales/till.ts'

let t: Till
let here: string
let there: string
beforeAll(async () => {
  t = await openTill()
})
beforeEach(async () => {
  there = (await t.fresh()).data.sessionId
  here = (await t.fresh()).data.sessionId
})
afterAll(() => t.done())

const expectedIn = async (sessionId: string, counted: number) =>
  (await t.close([cash(counted)], { sessionId, reason: 'un test' })).data.perMethod[0]?.expectedCents

test.each([
  ['top-up', 300],
  ['bank', -300],
  ['disbursement', -300],
] as const)('a move of kind %s changes the drawer by %i cents', async (kind, cents) => {
  const [fact] = await t.move(kind, 300)
  expect(fact).toMatchObject({ name: 'cash.moved', data: { kind, cents, hasNote: false } })
  expect(parse(CashMoved.data, fact?.data)).toEqual(fact?.data)
  expect(await expectedIn(here, 5_000 + cents)).toBe(5_000 + cents)
})

test('a transfer is two facts of one command: out of one drawer, into the other, each naming the other', async () => {
  const [out, into] = await t.move('transfer', 700, { toSessionId: there })
  expect(out?.data).toMatchObject({ sessionId: here, otherSessionId: there, cents: -700, kind: 'transfer' })
  expect(into?.data).toMatchObject({ sessionId: there, otherSessionId: here, cents: 700, kind: 'transfer' })
  expect(out?.data.moveId).toBe(into?.data.moveId)
  expect([out?.journal, into?.journal]).toEqual([`drawer-${out?.data.registerId}`, `drawer-${into?.data.registerId}`])
  expect(await expectedIn(here, 4_300)).toBe(4_300)
  expect(await expectedIn(there, 5_700)).toBe(5_700)
})

test('both facts of a transfer stand in one commit, under one seal', async () => {
  const [out, into] = await t.move('transfer', 700, { toSessionId: there })
  expect(into?.position).toBe((out?.position ?? 0) + 1)
  expect(await t.store.read.all('SELECT position FROM seal WHERE position >= ?', out?.position ?? 0)).toMatchObject([
    { position: into?.position },
  ])
})

test('a transfer goes into another drawer that is open and exists', async () => {
  const to = (toSessionId: string) => refusal(t.move('transfer', 100, { toSessionId }))
  expect(await to(here)).toMatchObject({ code: 'move-invalid', field: '/toSessionId' })
  expect(await to(t.newId())).toMatchObject({ code: 'unknown-reference', field: '/toSessionId' })
  await t.close([cash(5_000)], { sessionId: there })
  expect(await to(there)).toMatchObject({ code: 'session-closed', field: '/toSessionId' })
  expect(await expectedIn(here, 5_000)).toBe(5_000)
})

test('a transfer says where it goes, and nothing else does', async () => {
  expect(await refusal(t.move('transfer', 100))).toMatchObject({ code: 'move-invalid', field: '/toSessionId' })
  for (const kind of ['top-up', 'bank', 'disbursement'] as const)
    expect(await refusal(t.move(kind, 100, { toSessionId: there }))).toMatchObject({
      code: 'move-invalid',
      field: '/toSessionId',
    })
})

test('training money and real money stay apart, in both ways', async () => {
  const training = (await t.fresh({ mode: 'training' })).data.sessionId
  expect(await refusal(t.move('transfer', 100, { toSessionId: here }))).toMatchObject({ code: 'move-invalid' })
  const back = t.move('transfer', 100, { sessionId: here, toSessionId: training })
  expect(await refusal(back)).toMatchObject({ code: 'move-invalid' })
})

test('a move in training stands in a journal of its own', async () => {
  const { registerId } = (await t.fresh({ mode: 'training' })).data
  expect((await t.move('top-up', 100))[0]).toMatchObject({
    mode: 'training',
    journal: `training-drawer-${registerId}`,
  })
})

test('a disbursement keeps what it was for and its slip; the note stands in the personal data', async () => {
  const [fact] = await t.move('disbursement', 300, { subtype: 'essence', evidence: 'F-2026-12', note: 'rendu à Paul' })
  expect(fact?.data).toMatchObject({ subtype: 'essence', evidence: 'F-2026-12', hasNote: true })
  expect(JSON.stringify(fact)).not.toContain('Paul')
  expect(await t.personal(`cash-move/${fact?.data.moveId}`)).toMatchObject({ kind: 'note', text: 'rendu à Paul' })
})

test.each([0, -100, 1.5, '3,00'])('the gate lets no move of %j through: the kind says the way', (cents) => {
  expect(() => parse(MoveCashBody, { kind: 'top-up', cents })).toThrow(/\/cents must be whole euro cents, at least 1/)
})
