import { parse, SaleVoided } from '@recyclique/contracts'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { voidSale } from '../../kernel/sales/void-sale.ts'
import { refusal } from '../matter/reception.ts'
import { card, cash, openTill, type Till, thing } from './till.ts'

let t: Till
beforeAll(async () => {
  t = await openTill()
})
beforeEach(() => t.fresh())
afterAll(() => t.done())

/** 8 € of goods and 2 € kept, of 15 € that were handed over. */
const sold = () =>
  t.sell({
    lines: [thing(800, { qty: 2, grams: 900 })],
    donationCents: 200,
    payments: [card(500), cash(1_000)],
    changeCents: 500,
  })

test('a void carries the whole sale with its payments turned, change and donation too', async () => {
  const sale = await sold()
  const voided = await t.takeBack(sale)
  const { lines, totalCents, donationCents } = sale.data
  expect(voided).toMatchObject({ journal: sale.journal, seq: sale.seq + 1 })
  expect(voided.data).toMatchObject({ saleId: sale.data.saleId, lines, totalCents, donationCents })
  const turned = { in: 'out', out: 'in' } as const
  expect(voided.data.payments).toEqual(sale.data.payments.map((one) => ({ ...one, direction: turned[one.direction] })))
  expect(parse(SaleVoided.data, voided.data)).toEqual(voided.data)
})

test('a void brings the goods back into stock', async () => {
  const { data } = await t.takeBack(await sold())
  expect(await t.moved(data.voidId)).toMatchObject([{ flow: 'void', qty: 2, grams: 900, cents: -800 }])
})

test('after a void the drawer is as it was before the sale, in every method and in every sum', async () => {
  await t.takeBack(await sold())
  expect((await t.close([cash(5_000)])).data).toMatchObject({
    varianceCents: 0,
    saleCount: 1,
    voidCount: 1,
    salesCents: 0,
    donationsCents: 0,
  })
})

test('a sale is voided once', async () => {
  const sale = await sold()
  const both = await Promise.allSettled([t.takeBack(sale), t.takeBack(sale)])
  expect(both).toMatchObject([{ status: 'fulfilled' }, { status: 'rejected', reason: { code: 'void-too-late' } }])
})

test('a sale of which a part was refunded cannot be voided: its money would go back twice', async () => {
  const sale = await sold()
  await t.refund(sale, [{ line: 1, qty: 0, cents: 1 }])
  expect((await refusal(t.takeBack(sale))).message).toBe(
    'This sale cannot be voided: a part of it was refunded. Refund it instead.',
  )
})

test('a sale cannot be voided in another session than its own', async () => {
  const sale = await sold()
  await t.fresh()
  expect(await refusal(t.takeBack(sale))).toMatchObject({ code: 'void-too-late', field: '/sessionId' })
})

test('a sale cannot be voided once its session is closed', async () => {
  const sale = await sold()
  const { session } = t
  await t.close([cash(5_500), card(500)])
  expect(await refusal(t.takeBack(sale, { sessionId: session }))).toMatchObject({ code: 'session-closed' })
})

test('a refund and a void cannot be voided', async () => {
  const refunded = await sold()
  const refund = await t.refund(refunded, [{ line: 1, qty: 1, cents: 400 }])
  const voided = await t.takeBack(await sold())
  for (const saleId of [refund.data.refundId, voided.data.voidId])
    expect(await refusal(t.act(voidSale, { saleId, sessionId: t.session }))).toMatchObject({
      code: 'refund-of-counter-entry',
    })
})

test('a training sale is voided in training, and moves nothing', async () => {
  const { data } = await t.fresh({ mode: 'training' })
  const voided = await t.takeBack(await sold())
  expect(voided.journal).toBe(`training-register-${data.registerId}`)
  expect(await t.moved(voided.data.voidId)).toEqual([])
})

test('the note of a void stands in the personal data, never in the fact', async () => {
  const voided = await t.takeBack(await sold(), { note: 'erreur de Paul' })
  expect(JSON.stringify(voided)).not.toContain('Paul')
  expect(await t.personal(`void/${voided.data.voidId}`)).toMatchObject({ kind: 'note', text: 'erreur de Paul' })
})
