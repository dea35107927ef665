import { type KeptFact, parse, SaleRecorded } from '@recyclique/contracts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { copyReceipt } from '../../kernel/sales/copy-receipt.ts'
import { takings } from '../../kernel/sales/takings.ts'
import { refusal } from '../matter/reception.ts'
import { cash, openTill, type Till, TODAY, thing } from './till.ts'

let t: Till
beforeEach(async () => {
  t = await openTill()
})
afterEach(() => t.done())

const kept = (name: string) =>
  t.store.read.one<{ n: number }>('SELECT COUNT(*) AS n FROM ledger WHERE name = ?', name).then((row) => row?.n)
const numberOf = ({ journal, seq }: KeptFact) => `${journal} ${seq}`

test('a sale is a fact that fits its contract, told in its register’s journal', async () => {
  const sale = await t.sell({ lines: [thing(300, { grams: 200, tag: 'braderie' })], tag: 'soldes' }, { actor: 'lea' })
  expect(sale).toMatchObject({ name: 'sale.recorded', journal: 'register-caisse', actor: 'lea', businessDate: TODAY })
  expect(parse(SaleRecorded.data, sale.data)).toEqual(sale.data)
  expect(sale.data).toMatchObject({ tag: 'soldes', lines: [{ line: 1, tag: 'braderie' }] })
})

test('the label of the one thing that was sold stays with its line', async () => {
  const sale = await t.sell({ lines: [thing(300, { labelId: 'r10000001003' }), thing(100)] }, { actor: 'lea' })
  expect(sale.data.lines).toMatchObject([{ line: 1, labelId: 'r10000001003' }, { line: 2 }])
  expect(sale.data.lines[1]).not.toHaveProperty('labelId')
})

test('tickets are numbered per register without a gap, whatever was refused in between', async () => {
  const one = await t.sell({ lines: [thing(100)] })
  await refusal(t.sell({ lines: [thing(100)], payments: [] }))
  const two = await t.refund(one, [{ line: 1, qty: 1, cents: 100 }])
  await t.fresh()
  const other = await t.sell({ lines: [thing(100)] })
  expect([one, two, other].map(numberOf)).toEqual(['register-caisse 1', 'register-caisse 2', 'register-caisse-2 1'])
})

test('refusals in the same turn leave no gap either', async () => {
  const turns = await Promise.allSettled(
    [100, -1, 100, -1, 100].map((cents) => t.sell({ lines: [thing(100)], payments: [cash(cents)] })),
  )
  expect(turns.flatMap((one) => (one.status === 'fulfilled' ? [one.value.seq] : []))).toEqual([1, 2, 3])
})

test('a ticket holds its own lines and nothing of the one before (ghost tickets, B48-P2)', async () => {
  const tickets = await Promise.all(
    [100, 200, 300].map((cents) => t.sell({ lines: [thing(cents, { categoryId: 'textile' })] })),
  )
  expect(tickets.map(({ data }) => data.lines.map(({ lineCents }) => lineCents))).toEqual([[100], [200], [300]])
  expect(new Set(tickets.map(({ data }) => data.saleId)).size).toBe(3)
})

test('a double tap is one sale: the same key gives the same ticket again (scenario 5, P 2025-10-16)', async () => {
  const tap = () => t.sell({ lines: [thing(300)] }, { key: 'ticket-0001' })
  const [first, second] = await Promise.all([tap(), tap()])
  expect(second).toEqual(first)
  expect(await tap()).toEqual(first)
  expect(await kept('sale.recorded')).toBe(1)
})

test('the same key with another ticket is refused instead of answered with the first one', async () => {
  await t.sell({ lines: [thing(300)] }, { key: 'ticket-0001' })
  const other = t.sell({ lines: [thing(400)] }, { key: 'ticket-0001' })
  expect(await refusal(other)).toMatchObject({ code: 'key-reused' })
})

test('each sale bears the moment at which it was paid (B51-P2 and B52-P3: one time for all of them)', async () => {
  const times = ['2026-03-10T10:00:01.000Z', '2026-03-10T10:07:30.250Z']
  const seen: string[] = []
  for (const time of times) {
    t.setClock(time)
    seen.push((await t.sell({ lines: [thing(100)] })).recordedAt)
  }
  expect(seen).toEqual(times)
})

test('a session that nobody opened, and one that is closed, take no sale', async () => {
  const closed = t.session
  await t.close([cash(5_000)])
  const into = (sessionId: string) => refusal(t.sell({ sessionId, lines: [thing(100)] }))
  expect(await into(t.newId())).toMatchObject({ code: 'unknown-reference', field: '/sessionId' })
  expect(await into(closed)).toMatchObject({ code: 'session-closed', field: '/sessionId' })
})

test('a note never enters the fact: it stands in the personal data under the sale', async () => {
  const sale = await t.sell({ lines: [thing(300)], note: 'chèque de Madame Dupont' })
  expect(sale.data.hasNote).toBe(true)
  expect(JSON.stringify(await t.ledger.rows(1, 100))).not.toContain('Dupont')
  expect(await t.personal(`sale/${sale.data.saleId}`)).toMatchObject({ kind: 'note', text: 'chèque de Madame Dupont' })
})

test('the note of a refused sale is not kept', async () => {
  await refusal(t.sell({ lines: [thing(300)], payments: [], note: 'Madame Dupont' }))
  expect(await t.store.read.all('SELECT * FROM personal')).toEqual([])
})

test('copies of a ticket are counted from one, in a journal of their own (scenario 7)', async () => {
  const sale = await t.sell({ lines: [thing(300)] })
  const copies = [await t.copy(sale), await t.copy(sale)]
  expect(copies.map(({ data }) => data.copy)).toEqual([1, 2])
  expect(copies.map(numberOf)).toEqual(['copies 1', 'copies 2'])
})

test('two prints at the same moment bear two numbers', async () => {
  const sale = await t.sell({ lines: [thing(300)] })
  const copies = await Promise.all([t.copy(sale), t.copy(sale)])
  expect(copies.map(({ data }) => data.copy)).toEqual([1, 2])
})

test('printing again leaves the sale as it was (O#57: printing wiped it)', async () => {
  const sale = await t.sell({ lines: [thing(300)] })
  const read = () => t.store.read.one('SELECT data, hash FROM ledger WHERE position = ?', sale.position)
  const before = await read()
  await t.copy(sale)
  expect(await read()).toEqual(before)
  expect((await t.close([cash(5_300)])).data).toMatchObject({ saleCount: 1, salesCents: 300 })
})

test('a ticket that nobody made has no copy', async () => {
  expect(await refusal(t.act(copyReceipt, { saleId: t.newId() }))).toMatchObject({ code: 'not-found' })
})

test('a training sale has journals of its own and stands neither in stock nor in takings (B41, scenario 9)', async () => {
  await t.open({ mode: 'training' })
  const sale = await t.sell({ lines: [thing(300, { grams: 500 })], donationCents: 100 })
  expect(numberOf(sale)).toBe('training-register-caisse 1')
  expect(numberOf(await t.copy(sale))).toBe('training-copies 1')
  expect(await t.moved(sale.data.saleId)).toEqual([])
  for (const by of ['day', 'category', 'method', 'register'] as const)
    expect(await takings(t.store.read, { from: '2020-01-01', to: '2030-01-01', by })).toEqual([])
})

test('training leaves no gap in the real numbers', async () => {
  const live = t.session
  await t.sell({ lines: [thing(100)] })
  await t.open({ mode: 'training' })
  await t.sell({ lines: [thing(100)] })
  expect(numberOf(await t.sell({ sessionId: live, lines: [thing(100)] }))).toBe('register-caisse 2')
})

test('a deferred sale bears the day of its notebook and the time at which it is entered (B44)', async () => {
  await t.open({ mode: 'deferred', businessDate: '2026-03-02' })
  const sale = await t.sell({ lines: [thing(300)] })
  expect(sale).toMatchObject({
    mode: 'deferred',
    journal: 'register-caisse',
    businessDate: '2026-03-02',
    recordedAt: '2026-03-10T10:00:00.000Z',
  })
  expect(await t.moved(sale.data.saleId)).toMatchObject([{ business_date: '2026-03-02' }])
})

test('a session that runs over midnight books each sale on the day on which it is paid, in the centre’s own zone', async () => {
  t.setClock('2026-03-10T22:59:00.000Z')
  const before = await t.sell({ lines: [thing(100)] })
  t.setClock('2026-03-10T23:01:00.000Z')
  const after = await t.sell({ lines: [thing(100)] })
  expect([before, after].map(({ businessDate }) => businessDate)).toEqual(['2026-03-10', '2026-03-11'])
  expect((await t.close([cash(5_200)])).data).toMatchObject({ saleCount: 2, varianceCents: 0 })
})
