import { CashSessionOpened, OpenSessionBody, parse } from '@recyclique/contracts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Refusal } from '../../kernel/errors.ts'
import { draft, type Rule } from '../../kernel/ledger/rule.ts'
import { refusal } from '../matter/reception.ts'
import { cash, openTill, type Sale, type Till, TODAY, thing } from '../sales/till.ts'

let t: Till
beforeEach(async () => {
  t = await openTill()
})
afterEach(() => t.done())

const open = (body: Partial<OpenSessionBody> = {}) => t.open({ registerId: 'caisse-2', ...body })
const withSecond = () => t.record('register', { id: 'caisse-2', name: 'Caisse 2' })

test('a drawer opens with its float, in a journal of its own', async () => {
  await withSecond()
  const opened = await open({ floatCents: 5_050 })
  expect(opened).toMatchObject({ name: 'cash.session.opened', journal: 'drawer-caisse-2', seq: 1, mode: 'live' })
  expect(opened.data).toMatchObject({ registerId: 'caisse-2', floatCents: 5_050 })
  expect(parse(CashSessionOpened.data, opened.data)).toEqual(opened.data)
})

test('the float "50,50" is 5050 cents and reaches us as nothing but a whole number (B44-P3, scenario 1)', () => {
  const body = (floatCents: unknown) => () => parse(OpenSessionBody, { registerId: 'caisse', floatCents })
  for (const wrong of ['50,50', '5050', 50.5, -1, null, Number.NaN, 1_000_000_001])
    expect(body(wrong)).toThrow(/\/floatCents must be whole euro cents/)
  expect(body(5_050)()).toMatchObject({ floatCents: 5_050 })
})

test('a second till cannot open the same register, and reads why (scenario 1)', async () => {
  const { code, field, message } = await refusal(t.open())
  expect({ code, field }).toEqual({ code: 'session-already-open', field: '/registerId' })
  expect(message).toContain("Register 'caisse' has an open session already (mode live)")
})

test('of two tills that open the same register at the same moment one is refused', async () => {
  await withSecond()
  const both = await Promise.allSettled([open(), open()])
  expect(both).toMatchObject([
    { status: 'fulfilled' },
    { status: 'rejected', reason: { code: 'session-already-open' } },
  ])
})

test('when the rule is passed by, the database itself refuses a second open session, and nothing is kept', async () => {
  const data = { sessionId: t.newId(), registerId: 'caisse', floatCents: 0 }
  const byPass: Rule<undefined, undefined> = {
    load: async () => undefined,
    decide: () => ({ facts: [draft(CashSessionOpened, data, { businessDate: TODAY })] }),
  }
  const before = t.ledger.head
  const error = await t.act(byPass, undefined).catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(Error)
  expect(error).not.toBeInstanceOf(Refusal)
  expect(t.ledger.head).toEqual(before)
  expect(await t.store.read.all("SELECT id FROM session WHERE status = 'open'")).toHaveLength(1)
})

test('live, training and deferred stand side by side on one register', async () => {
  await t.open({ mode: 'training' })
  await t.open({ mode: 'deferred', businessDate: '2026-03-02' })
  expect(await refusal(t.open({ mode: 'training' }))).toMatchObject({ code: 'session-already-open' })
  expect(await t.store.read.all("SELECT mode FROM session WHERE status = 'open' ORDER BY mode")).toMatchObject([
    { mode: 'deferred' },
    { mode: 'live' },
    { mode: 'training' },
  ])
})

test('a sale goes into the session that it names, never into the register’s other one (R1 MEMOIRE-BUGS)', async () => {
  const live = t.session
  const { data: deferred } = await t.open({ mode: 'deferred', businessDate: '2026-03-02' })
  await t.sell({ sessionId: live, lines: [thing(100)] })
  await t.sell({ sessionId: deferred.sessionId, lines: [thing(700)] })
  expect((await t.close([cash(5_100)], { sessionId: live })).data.salesCents).toBe(100)
  expect((await t.close([cash(5_700)], { sessionId: deferred.sessionId })).data.salesCents).toBe(700)
})

test('a register opens again once its session is closed', async () => {
  await t.close([cash(5_000)])
  expect((await t.open()).data.registerId).toBe('caisse')
})

test('a drawer opens on a register that exists and is in use', async () => {
  expect(await refusal(open())).toMatchObject({ code: 'unknown-reference', field: '/registerId' })
  await t.record('register', { id: 'caisse-2', name: 'Caisse 2', archived: true })
  expect(await refusal(open())).toMatchObject({ code: 'archived', field: '/registerId' })
})

test('a live session is of today: another day is refused, before it and after it', async () => {
  await withSecond()
  for (const mode of ['live', 'training'] as const)
    expect(await refusal(open({ mode, businessDate: '2026-03-09' }))).toMatchObject({
      code: 'date-not-today',
      field: '/businessDate',
    })
  expect(await refusal(open({ businessDate: '2026-03-11' }))).toMatchObject({ code: 'date-in-future' })
  expect(await open({ businessDate: TODAY })).toMatchObject({ businessDate: TODAY })
})

test('a notebook that is entered late is of a real day that is not to come', async () => {
  const on = (businessDate: string) => t.open({ mode: 'deferred', businessDate })
  expect(await refusal(on('2026-02-29'))).toMatchObject({ code: 'date-unreal', field: '/businessDate' })
  expect(await refusal(on('2026-03-11'))).toMatchObject({ code: 'date-in-future', field: '/businessDate' })
  expect(await on('2024-02-29')).toMatchObject({ mode: 'deferred', businessDate: '2024-02-29' })
})

test('today is the centre’s day, not the one in Greenwich', async () => {
  await withSecond()
  t.setClock('2026-03-10T23:30:00.000Z')
  expect(await open()).toMatchObject({ businessDate: '2026-03-11' })
})

test('the clocks go forward in the night of 29 March: each instant has the day of the wall clock', async () => {
  await withSecond()
  t.setClock('2026-03-28T22:59:59.999Z')
  expect(await open()).toMatchObject({ businessDate: '2026-03-28' })
  await t.close([cash(5_000)])
  t.setClock('2026-03-29T21:59:59.999Z')
  expect(await open()).toMatchObject({ businessDate: '2026-03-29' })
  await t.close([cash(5_000)])
  t.setClock('2026-03-29T22:00:00.000Z')
  expect(await open()).toMatchObject({ businessDate: '2026-03-30' })
})

/** Everything that a session takes. */
const ACTS: Record<string, (session: string, other: string, sale: Sale) => Promise<unknown>> = {
  'a sale': (sessionId) => t.sell({ sessionId, lines: [thing(100)] }),
  'a donation': (sessionId) => t.sell({ sessionId, donationCents: 100 }),
  'a refund': (sessionId, _, sale) => t.refund(sale, [{ line: 1, qty: 1, cents: 100 }], { sessionId }),
  'a void': (sessionId, _, sale) => t.takeBack(sale, { sessionId }),
  'a held ticket': (sessionId) => t.hold(t.newId(), { sessionId }),
  'cash from the safe': (sessionId) => t.move('top-up', 100, { sessionId }),
  'a transfer out': (sessionId, other) => t.move('transfer', 100, { sessionId, toSessionId: other }),
  'a transfer in': (sessionId, other) => t.move('transfer', 100, { sessionId: other, toSessionId: sessionId }),
  'another close': (sessionId) => t.close([cash(5_100)], { sessionId }),
}

test.each(Object.keys(ACTS))('a closed session takes nothing more: %s is refused', async (act) => {
  const closed = t.session
  const sale = await t.sell({ lines: [thing(100)] })
  await t.close([cash(5_100)])
  const { data } = await t.fresh()
  const before = t.ledger.head
  expect(await refusal(ACTS[act]?.(closed, data.sessionId, sale) ?? Promise.resolve())).toMatchObject({
    code: 'session-closed',
  })
  expect(t.ledger.head).toEqual(before)
})

test('a sale that arrives in one turn with the close is in the session before it or refused, never lost in between', async () => {
  const [sale, close, late] = await Promise.allSettled([
    t.sell({ lines: [thing(100)] }),
    t.close([cash(5_100)]),
    t.sell({ lines: [thing(100)] }),
  ])
  expect(sale.status).toBe('fulfilled')
  expect(close).toMatchObject({ status: 'fulfilled', value: { data: { saleCount: 1, salesCents: 100 } } })
  expect(late).toMatchObject({ status: 'rejected', reason: { code: 'session-closed' } })
})
