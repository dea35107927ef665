import { afterEach, beforeEach, expect, test } from 'vitest'
import { mergeCategory } from '../../kernel/centre/merge-category.ts'
import { takings } from '../../kernel/sales/takings.ts'
import { category } from '../matter/reception.ts'
import { card, cash, openTill, type Till, TODAY, thing } from '../sales/till.ts'

let t: Till
beforeEach(async () => {
  t = await openTill()
})
afterEach(() => t.done())

const YESTERDAY = '2026-03-09'
const report = (by: 'day' | 'category' | 'method' | 'register', from = YESTERDAY, to = TODAY) =>
  takings(t.store.read, { from, to, by })
const NONE = { salesCents: 0, refundsCents: 0, donationsCents: 0, netCents: 0, tickets: 0, qty: 0, grams: 0 }

/**
 * Yesterday's notebook: 12 € of books by card. Today at the till: 8 € of textile and 2 € kept of 20 €, in cash; a void of 5 € of
 * books by card with 1 € kept; a free exit of crockery; 4 € of yesterday's books given back in cash; and a sale in training.
 */
const twoDays = async () => {
  await t.open({ registerId: 'caisse', mode: 'deferred', businessDate: YESTERDAY })
  const books = await t.sell({ lines: [thing(1_200, { qty: 3, grams: 1_500 })], payments: [card(1_200)] })
  await t.fresh()
  const textile = thing(800, { categoryId: 'textile', grams: 700 })
  await t.sell({ lines: [textile], donationCents: 200, payments: [cash(2_000)], changeCents: 1_000 })
  const wrong = await t.sell({ lines: [thing(500, { grams: 300 })], donationCents: 100, payments: [card(600)] })
  await t.takeBack(wrong)
  await t.sell({ lines: [thing(undefined, { categoryId: 'vaisselle', qty: 4, preset: 'don', grams: 1_000 })] })
  await t.refund(books, [{ line: 1, qty: 1, cents: 400 }])
  await t.fresh({ mode: 'training' })
  await t.sell({ lines: [thing(9_900)], donationCents: 100 })
}

test('takings by day: refunds and voids on their own day, donations apart, training nowhere', async () => {
  await twoDays()
  expect(await report('day')).toEqual([
    { ...NONE, key: YESTERDAY, name: YESTERDAY, salesCents: 1_200, netCents: 1_200, tickets: 1 },
    {
      ...NONE,
      key: TODAY,
      name: TODAY,
      salesCents: 800,
      refundsCents: -400,
      donationsCents: 200,
      netCents: 600,
      tickets: 2,
    },
  ])
})

test('takings by method: each method has its own part of a ticket, less its change', async () => {
  await twoDays()
  expect(await report('method')).toEqual([
    { ...NONE, key: 'carte', name: 'carte', salesCents: 1_200, netCents: 1_200, tickets: 1 },
    {
      ...NONE,
      key: 'especes',
      name: 'especes',
      salesCents: 800,
      refundsCents: -400,
      donationsCents: 200,
      netCents: 600,
      tickets: 1,
    },
  ])
})

test('takings by register: where the money came in and went out, a free exit is a ticket too', async () => {
  await twoDays()
  expect(await report('register')).toMatchObject([
    { key: 'caisse', name: 'Caisse', salesCents: 1_200, refundsCents: 0, netCents: 1_200, tickets: 1 },
    { key: 'caisse-2', salesCents: 800, refundsCents: -400, donationsCents: 200, netCents: 600, tickets: 2 },
  ])
})

test('takings by category: lines without donations, with pieces and grams less those that came back (O#429)', async () => {
  await twoDays()
  const book = { key: 'livres', name: 'livres', salesCents: 1_200, refundsCents: -400, netCents: 800, tickets: 1 }
  expect(await report('category')).toEqual([
    { ...NONE, ...book, qty: 2, grams: 1_000 },
    { ...NONE, key: 'textile', name: 'textile', salesCents: 800, netCents: 800, tickets: 1, qty: 1, grams: 700 },
    { ...NONE, key: 'vaisselle', name: 'vaisselle', tickets: 1, qty: 4, grams: 1_000 },
  ])
})

test('takings by day, method and register come to the same sum, and by category to that sum less the donations', async () => {
  await twoDays()
  const net = async (by: Parameters<typeof report>[0]) =>
    (await report(by)).reduce((all, { netCents }) => all + netCents, 0)
  expect([await net('day'), await net('method'), await net('register'), await net('category')]).toEqual([
    1_800, 1_800, 1_800, 1_600,
  ])
})

test('a day with nothing but free exits stands in the report, with its tickets and without money', async () => {
  await t.sell({ lines: [thing(undefined, { preset: 'don-18' })] })
  expect(await report('day')).toEqual([{ ...NONE, key: TODAY, name: TODAY, tickets: 1 }])
  expect(await report('method')).toEqual([])
})

test('both days of the period are included, and no other one', async () => {
  await twoDays()
  expect((await report('day', YESTERDAY, YESTERDAY)).map(({ key }) => key)).toEqual([YESTERDAY])
  expect((await report('day', TODAY, TODAY)).map(({ key }) => key)).toEqual([TODAY])
  expect(await report('day', '2026-03-11', '2026-12-31')).toEqual([])
})

test('late paper goes into the day of its notebook, whenever it is entered', async () => {
  await t.open({ mode: 'deferred', businessDate: '2025-11-29' })
  await t.sell({ lines: [thing(700)] })
  expect(await report('day', '2025-11-01', '2025-11-30')).toMatchObject([{ key: '2025-11-29', netCents: 700 }])
})

const rename = (officialName: string) => t.record('category', category({ id: 'livres', officialName }))
const names = async (from: string, to: string) => (await report('category', from, to)).map(({ name }) => name)

test('a rename leaves past reports as they were, whichever name comes first in the alphabet (scenario 15)', async () => {
  await t.sell({ lines: [thing(100)] })
  t.setClock('2026-03-11T10:00:00.000Z')
  await rename('zines')
  await t.sell({ lines: [thing(100)] })
  t.setClock('2026-03-12T10:00:00.000Z')
  await rename('albums')
  await t.sell({ lines: [thing(100)] })
  expect(await names(TODAY, TODAY)).toEqual(['livres'])
  expect(await names('2026-03-11', '2026-03-11')).toEqual(['zines'])
  expect(await names('2026-03-12', '2026-03-12')).toEqual(['albums'])
})

test.each(['albums', 'zines'])('a period that spans the rename to %s bears the later name', async (name) => {
  await t.sell({ lines: [thing(100)] })
  await rename(name)
  await t.sell({ lines: [thing(100)] })
  expect(await names(TODAY, TODAY)).toEqual([name])
})

test('a refund of an earlier ticket does not bring the old name back', async () => {
  const old = await t.sell({ lines: [thing(100)] })
  await rename('albums')
  await t.sell({ lines: [thing(100)] })
  await t.refund(old, [{ line: 1, qty: 1, cents: 100 }])
  expect(await names(TODAY, TODAY)).toEqual(['albums'])
})

test('a period with nothing but refunds bears the name on the ticket', async () => {
  const old = await t.sell({ lines: [thing(100)] })
  await rename('albums')
  t.setClock('2026-03-12T10:00:00.000Z')
  await t.refund(old, [{ line: 1, qty: 1, cents: 100 }])
  expect(await names('2026-03-12', '2026-03-12')).toEqual(['livres'])
})

test('late paper for a past day bears the name of today on that day only when nothing else was sold then', async () => {
  await t.sell({ lines: [thing(100)] })
  t.setClock('2026-03-12T10:00:00.000Z')
  await rename('albums')
  await t.open({ mode: 'deferred', businessDate: YESTERDAY })
  await t.sell({ lines: [thing(100)] })
  expect(await names(YESTERDAY, YESTERDAY)).toEqual(['albums'])
  expect(await names(YESTERDAY, TODAY)).toEqual(['livres'])
})

test('a merged category keeps its own row in past reports', async () => {
  await t.sell({ lines: [thing(100), thing(200, { categoryId: 'textile' })] })
  const before = await report('category')
  await t.act(mergeCategory, { categoryId: 'livres', intoId: 'textile' })
  expect(await report('category')).toEqual(before)
})
