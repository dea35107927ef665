import { parse, SaleRefunded } from '@recyclique/contracts'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { refundSale } from '../../kernel/sales/refund-sale.ts'
import { category, refusal } from '../matter/reception.ts'
import { card, cash, cheque, openTill, type Sale, type Till, thing } from './till.ts'

let t: Till
beforeAll(async () => {
  t = await openTill()
})
beforeEach(() => t.fresh())
afterAll(() => t.done())

/** Three pieces for 10 €, 1,000 g together. */
const threePieces = () => t.sell({ lines: [thing(1_000, { qty: 3, grams: 1_000 })], payments: [card(1_000)] })
const piece = (cents: number, qty = 1) => ({ line: 1, qty, cents })
const gramsOf = ({ data }: { data: SaleRefunded }) => data.lines.map(({ grams }) => grams)
const saleOnDisk = ({ position }: Sale) =>
  t.store.read.one('SELECT data, hash FROM ledger WHERE position = ?', position)

test('a refund is a counter-entry: the sale stays as it was (scenario 7)', async () => {
  const sale = await threePieces()
  const before = await saleOnDisk(sale)
  const refund = await t.refund(sale, [piece(400)])
  expect(refund).toMatchObject({ name: 'sale.refunded', journal: sale.journal, seq: sale.seq + 1 })
  expect(refund.data).toMatchObject({ saleId: sale.data.saleId, totalCents: 400, lines: [{ qty: 1, cents: 400 }] })
  expect(await saleOnDisk(sale)).toEqual(before)
  expect(parse(SaleRefunded.data, refund.data)).toEqual(refund.data)
})

test('4 € of a card sale may be given back in cash: the method may differ (scenario 7)', async () => {
  const { data } = await t.refund(await threePieces(), [piece(400)], { payments: [cash(400)] })
  expect(data.payments).toEqual([{ ...cash(400), direction: 'out', nature: 'refund' }])
})

test('a refund may be given back in several ways, which come to its total', async () => {
  const sale = await threePieces()
  const back = (cents: number) => t.refund(sale, [piece(400)], { payments: [cash(100), card(cents)] })
  expect(await refusal(back(299))).toMatchObject({ code: 'payments-differ', field: '/payments' })
  expect((await back(300)).data.payments).toHaveLength(2)
})

test('no more pieces of a line are refunded than earlier refunds left', async () => {
  const sale = await threePieces()
  await t.refund(sale, [piece(100, 2)])
  const { code, field, message } = await refusal(t.refund(sale, [piece(100, 2)]))
  expect({ code, field }).toEqual({ code: 'refund-over-remainder', field: '/lines/0' })
  expect(message).toBe('Line 1 has 900 cents and 1 piece(s) left to refund.')
})

test('no more cents of a line are refunded than earlier refunds left', async () => {
  const sale = await threePieces()
  await t.refund(sale, [piece(600)])
  expect(await refusal(t.refund(sale, [piece(401)]))).toMatchObject({ code: 'refund-over-remainder' })
  expect((await t.refund(sale, [piece(400)])).data.totalCents).toBe(400)
})

test('what is left of one line is not eaten up by the refund of another', async () => {
  const sale = await t.sell({ lines: [thing(300), thing(700)] })
  await t.refund(sale, [{ line: 2, qty: 1, cents: 700 }])
  expect(await refusal(t.refund(sale, [{ line: 1, qty: 1, cents: 301 }]))).toMatchObject({
    code: 'refund-over-remainder',
  })
  expect((await t.refund(sale, [{ line: 1, qty: 1, cents: 300 }])).data.totalCents).toBe(300)
})

test('of two refunds of the same piece that arrive at once one goes through (P: paid twice)', async () => {
  const sale = await t.sell({ lines: [thing(300)] })
  const both = await Promise.allSettled([t.refund(sale, [piece(300)]), t.refund(sale, [piece(300)])])
  expect(both).toMatchObject([
    { status: 'fulfilled' },
    { status: 'rejected', reason: { code: 'refund-over-remainder' } },
  ])
})

test('pieces bring their share of the weight back, and the last piece takes the rest', async () => {
  const sale = await threePieces()
  const grams: number[] = []
  for (const cents of [333, 333, 334]) grams.push(...gramsOf(await t.refund(sale, [piece(cents)])))
  expect(grams).toEqual([333, 333, 334])
})

test('goods that come back move into stock, and their price off the takings', async () => {
  const { data } = await t.refund(await threePieces(), [piece(400, 2)])
  expect(await t.moved(data.refundId)).toMatchObject([{ flow: 'refund', qty: 2, grams: 666, cents: -400 }])
})

test('whether the goods come back is a flag of its own: money alone moves no matter', async () => {
  const { data } = await t.refund(await threePieces(), [piece(400)], { areGoodsBack: false })
  expect(data).toMatchObject({ areGoodsBack: false, lines: [{ qty: 1, cents: 400, grams: 0 }] })
  expect(await t.moved(data.refundId)).toMatchObject([{ flow: 'refund', qty: 0, grams: 0, cents: -400 }])
})

test('the last piece does not bring back the weight of pieces that stayed with the customer', async () => {
  const sale = await threePieces()
  await t.refund(sale, [piece(600, 2)], { areGoodsBack: false })
  expect(gramsOf(await t.refund(sale, [piece(400)]))).toEqual([334])
})

test('a gesture on the price takes cents off a line, and leaves its pieces and its weight', async () => {
  const sale = await threePieces()
  const { data } = await t.refund(sale, [piece(100, 0)])
  expect(data.lines).toMatchObject([{ qty: 0, cents: 100, grams: 0 }])
  expect((await t.refund(sale, [piece(900, 3)])).data.lines).toMatchObject([{ qty: 3, cents: 900, grams: 1_000 }])
})

test('a gesture after all pieces were refunded without the goods brings no goods back', async () => {
  const sale = await threePieces()
  await t.refund(sale, [piece(600, 3)], { areGoodsBack: false })
  expect(gramsOf(await t.refund(sale, [piece(100, 0)]))).toEqual([0])
})

test('a thing that cost nothing can come back: pieces without cents, and no payment', async () => {
  const sale = await t.sell({ lines: [thing(undefined, { preset: 'don', qty: 2, grams: 500 })] })
  const { data } = await t.refund(sale, [piece(0)])
  expect(data).toMatchObject({ totalCents: 0, payments: [], lines: [{ qty: 1, grams: 250 }] })
})

test('a refund says what it refunds: no line, and neither pieces nor cents of a line, are refused', async () => {
  const sale = await threePieces()
  expect(await refusal(t.refund(sale, []))).toMatchObject({ code: 'refund-empty', field: '/lines' })
  expect(await refusal(t.refund(sale, [piece(0, 0)]))).toMatchObject({ code: 'refund-empty', field: '/lines/0' })
})

test('a line stands once in a refund, and is one of the sale', async () => {
  const sale = await threePieces()
  expect(await refusal(t.refund(sale, [piece(100), piece(100)]))).toMatchObject({
    code: 'line-doubled',
    field: '/lines/1/line',
  })
  expect(await refusal(t.refund(sale, [{ line: 2, qty: 1, cents: 1 }]))).toMatchObject({
    code: 'unknown-reference',
    field: '/lines/0/line',
  })
})

test('a donation is not refunded: only lines are', async () => {
  const sale = await t.sell({ lines: [thing(800)], donationCents: 200, payments: [cash(1_000)] })
  expect(await refusal(t.refund(sale, [piece(1_000)]))).toMatchObject({ code: 'refund-over-remainder' })
})

test('a refund of a refund is refused', async () => {
  const { data } = await t.refund(await threePieces(), [piece(400)])
  const again = {
    saleId: data.refundId,
    sessionId: t.session,
    lines: [piece(1)],
    payments: [cash(1)],
    areGoodsBack: false,
  }
  expect(await refusal(t.act(refundSale, again))).toMatchObject({ code: 'refund-of-counter-entry' })
})

test('a sale that nobody made is not found', async () => {
  const nobody = { saleId: t.newId(), sessionId: t.session, lines: [piece(1)], payments: [], areGoodsBack: false }
  expect(await refusal(t.act(refundSale, nobody))).toMatchObject({ code: 'not-found' })
})

test('a voided sale has nothing left to refund', async () => {
  const sale = await threePieces()
  await t.takeBack(sale)
  expect(await refusal(t.refund(sale, [piece(1)]))).toMatchObject({ code: 'refund-over-remainder' })
})

test('another register refunds a sale of a closed session, in its own drawer and journal', async () => {
  const sale = await threePieces()
  await t.close([cash(5_000), card(1_000)])
  const { data: other, journal: drawer } = await t.fresh()
  const refund = await t.refund(sale, [piece(400)])
  expect(refund).toMatchObject({ journal: drawer.replace('drawer', 'register'), data: { sessionId: other.sessionId } })
})

test('a training sale is refunded in training only, and a real one never there', async () => {
  const real = await threePieces()
  const { data } = await t.fresh({ mode: 'training' })
  const training = await threePieces()
  expect(await refusal(t.refund(real, [piece(400)]))).toMatchObject({ code: 'mode-differs', field: '/sessionId' })
  expect((await t.refund(training, [piece(400)])).journal).toBe(`training-register-${data.registerId}`)
  await t.fresh()
  expect(await refusal(t.refund(training, [piece(400)]))).toMatchObject({ code: 'mode-differs' })
})

test('a refund keeps the name of the line, whatever became of the category', async () => {
  const sale = await t.sell({ lines: [thing(300, { categoryId: 'textile' })] })
  await t.record('category', category({ id: 'textile', officialName: 'Linge', archived: true }))
  expect((await t.refund(sale, [piece(300)])).data.lines).toMatchObject([{ categoryName: 'textile' }])
})

test('the note of a refund stands in the personal data, never in the fact', async () => {
  const refund = await t.refund(await threePieces(), [piece(400)], { note: 'Madame Dupont, taille trop petite' })
  expect(refund.data.hasNote).toBe(true)
  expect(JSON.stringify(refund)).not.toContain('Dupont')
  expect(await t.personal(`refund/${refund.data.refundId}`)).toMatchObject({
    text: 'Madame Dupont, taille trop petite',
  })
})

test('a refund knows no limits of its method: a part of a cheque may be small', async () => {
  const sale = await t.sell({ lines: [thing(600)], payments: [cheque(600, '42')] })
  const { data } = await t.refund(sale, [{ line: 1, qty: 0, cents: 300 }], {
    payments: [{ methodId: 'cheque', cents: 300 }],
  })
  expect(data.totalCents).toBe(300)
})
