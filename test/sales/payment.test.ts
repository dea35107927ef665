import { parse, RecordSaleBody } from '@recyclique/contracts'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { refusal } from '../matter/reception.ts'
import { card, cash, cheque, openTill, type Till, thing } from './till.ts'

let t: Till
beforeAll(async () => {
  t = await openTill()
})
beforeEach(() => t.fresh())
afterAll(() => t.done())

test('8 € sold and 10 € kept is 8 € of sale and 2 € of donation (R2 PRD 2026-04-15)', async () => {
  const { data } = await t.sell({ lines: [thing(800)], donationCents: 200, payments: [cash(1_000)] })
  expect(data).toMatchObject({ totalCents: 800, donationCents: 200 })
  expect(data.payments).toEqual([
    { ...cash(800), direction: 'in', nature: 'sale' },
    { ...cash(200), direction: 'in', nature: 'donation' },
  ])
})

test('12 € are paid with 5 € in cash and 7 € by card: two payments (scenario 2, B52-P1)', async () => {
  const { data } = await t.sell({ lines: [thing(1_200)], payments: [cash(500), card(700)] })
  expect(data.payments).toEqual([
    { ...cash(500), direction: 'in', nature: 'sale' },
    { ...card(700), direction: 'in', nature: 'sale' },
  ])
})

test('a ticket paid in two ways counts in each for its own part: there is no way to pay but in the payments', async () => {
  const { position } = await t.sell({ lines: [thing(1_200)], payments: [cash(500), card(700)] })
  expect(
    await t.store.read.all('SELECT method_id, cents FROM payment WHERE position = ? ORDER BY n', position),
  ).toMatchObject([
    { method_id: 'especes', cents: 500 },
    { method_id: 'carte', cents: 700 },
  ])
  const ticket = await t.store.read.one<object>('SELECT * FROM ticket WHERE position = ?', position)
  expect(Object.keys(ticket ?? {}).filter((column) => column.includes('method'))).toEqual([])
})

test('the sale is paid first, and the donation out of what was handed over last', async () => {
  const { data } = await t.sell({ lines: [thing(800)], donationCents: 400, payments: [card(700), cash(500)] })
  expect(data.payments).toEqual([
    { ...card(700), direction: 'in', nature: 'sale' },
    { ...cash(100), direction: 'in', nature: 'sale' },
    { ...cash(400), direction: 'in', nature: 'donation' },
  ])
})

test('a ticket of nothing but a donation goes through (B51-P1, scenario 4)', async () => {
  const { data } = await t.sell({ donationCents: 500, payments: [card(500)] })
  expect(data).toMatchObject({ lines: [], totalCents: 0, donationCents: 500 })
  expect(data.payments).toEqual([{ ...card(500), direction: 'in', nature: 'donation' }])
})

test('a zero-euro social exit has no payment rows and still moves matter (scenario 4)', async () => {
  const { data, position } = await t.sell({ lines: [thing(undefined, { preset: 'don-18', qty: 2, grams: 900 })] })
  expect(data).toMatchObject({ totalCents: 0, payments: [] })
  expect(await t.store.read.all('SELECT * FROM payment WHERE position = ?', position)).toEqual([])
  expect(await t.moved(data.saleId)).toMatchObject([{ qty: -2, grams: -900, cents: 0 }])
})

test('a zero-euro ticket leaves the drawer as it was', async () => {
  await t.sell({ lines: [thing(undefined, { preset: 'don' })] })
  expect((await t.close([cash(5_000)])).data).toMatchObject({ saleCount: 1, varianceCents: 0 })
})

test('"free" is no way to pay: a payment on a zero-euro ticket is refused', async () => {
  const free = { lines: [thing(undefined, { preset: 'don' as const })], payments: [cash(1)] }
  expect(await refusal(t.sell(free))).toMatchObject({ code: 'payments-differ' })
})

test('a ticket without a line and without a donation is refused', async () => {
  expect(await refusal(t.sell({ lines: [] }))).toMatchObject({ code: 'ticket-empty', field: '/lines' })
})

test.each([-1, 1])('a payment that is off by %i cent is refused, and all the amounts are named', async (off) => {
  const wrong = t.sell({ lines: [thing(800)], donationCents: 200, payments: [card(1_000 + off)] })
  const { code, message } = await refusal(wrong)
  expect(code).toBe('payments-differ')
  expect(message).toContain(`Paid ${1_000 + off} less change 0 must be the total 800 plus the donation 200`)
})

test('change goes out in cash, against the sale', async () => {
  const { data } = await t.sell({ lines: [thing(1_200)], payments: [cash(2_000)], changeCents: 800 })
  expect(data.payments).toEqual([
    { ...cash(2_000), direction: 'in', nature: 'sale' },
    { ...cash(800), direction: 'out', nature: 'sale' },
  ])
})

test('of 20 € for 8 €, 2 € may stay as a donation and 10 € go back', async () => {
  const { data } = await t.sell({
    lines: [thing(800)],
    donationCents: 200,
    payments: [cash(2_000)],
    changeCents: 1_000,
  })
  expect(data.payments).toEqual([
    { ...cash(1_800), direction: 'in', nature: 'sale' },
    { ...cash(200), direction: 'in', nature: 'donation' },
    { ...cash(1_000), direction: 'out', nature: 'sale' },
  ])
})

test('a card gives no change', async () => {
  const wrong = t.sell({ lines: [thing(1_200)], payments: [card(2_000)], changeCents: 800 })
  expect(await refusal(wrong)).toMatchObject({ code: 'change-without-cash', field: '/changeCents' })
})

test('change is given out of the cash that came in, and no more than that', async () => {
  const paid = (cashCents: number) =>
    t.sell({ lines: [thing(1_000)], payments: [card(1_000), cash(cashCents)], changeCents: cashCents })
  expect((await paid(500)).data.payments).toHaveLength(3)
  const more = t.sell({ lines: [thing(1_000)], payments: [card(1_001), cash(500)], changeCents: 501 })
  expect(await refusal(more)).toMatchObject({ code: 'change-without-cash' })
})

test('the number of a cheque is kept, on both parts when it also pays a donation', async () => {
  const { data } = await t.sell({ lines: [thing(800)], donationCents: 200, payments: [cheque(1_000, '0004711')] })
  expect(data.payments).toEqual([
    { ...cheque(800, '0004711'), direction: 'in', nature: 'sale' },
    { ...cheque(200, '0004711'), direction: 'in', nature: 'donation' },
  ])
})

test.each([499, 20_001])('a method with limits refuses %i cents', async (cents) => {
  const wrong = t.sell({ lines: [thing(cents)], payments: [cheque(cents, '1')] })
  expect(await refusal(wrong)).toMatchObject({ code: 'method-limits', field: '/payments/0/cents' })
})

test.each([500, 20_000])('a method with limits takes %i cents, the limit itself', async (cents) => {
  expect((await t.sell({ lines: [thing(cents)], payments: [cheque(cents, '1')] })).data.totalCents).toBe(cents)
})

test('an unknown and an archived method are refused, and the refusal names the payment', async () => {
  const account = { debitAccount: '467', refundAccount: '467' }
  await t.record('payment-method', { id: 'sel', name: 'SEL', kind: 'custom', ...account, archived: true })
  const by = (methodId: string) =>
    refusal(t.sell({ lines: [thing(200)], payments: [cash(100), { methodId, cents: 100 }] }))
  expect(await by('troc')).toMatchObject({ code: 'unknown-reference', field: '/payments/1/methodId' })
  expect(await by('sel')).toMatchObject({ code: 'archived', field: '/payments/1/methodId' })
})

test.each([0, -100, 0.5, '5,00'])('the gate lets no payment of %j through: whole cents, at least one', (cents) => {
  const sale = { sessionId: t.session, lines: [], totalCents: 0, donationCents: 1, payments: [{ ...cash(1), cents }] }
  expect(() => parse(RecordSaleBody, sale)).toThrow(/payments\/0\/cents must be whole euro cents, at least 1/)
})
