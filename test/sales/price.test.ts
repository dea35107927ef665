import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { shareOut } from '../../kernel/sales/price-lines.ts'
import { category, refusal } from '../matter/reception.ts'
import { openTill, type Sale, type Till, thing } from './till.ts'

let t: Till
beforeAll(async () => {
  t = await openTill()
})
beforeEach(() => t.fresh())
afterAll(() => t.done())

const priced = ({ data }: Sale) => data.lines.map(({ lineCents }) => lineCents)
const globally = (totalCents: number, lines: ReturnType<typeof thing>[]) =>
  t.sell({ lines, totalCents, isGloballyPriced: true })

test('a lot price is never multiplied by the number of pieces (O#380)', async () => {
  const { data } = await t.sell({ lines: [thing(500, { qty: 12 })] })
  expect(data).toMatchObject({ totalCents: 500, lines: [{ qty: 12, lineCents: 500 }] })
  expect(data.lines[0]).not.toHaveProperty('unitCents')
})

test('a unit price is multiplied by the number of pieces and stays readable on the line', async () => {
  const { data } = await t.sell({ lines: [thing(undefined, { unitCents: 20, qty: 6 })] })
  expect(data).toMatchObject({ totalCents: 120, lines: [{ qty: 6, unitCents: 20, lineCents: 120 }] })
})

test('the weight of a line is that of the whole line, never multiplied by the pieces (Paheko does)', async () => {
  const { data } = await t.sell({ lines: [thing(500, { qty: 12, grams: 3_400 })] })
  expect(data.lines[0]?.lineGrams).toBe(3_400)
  expect(await t.moved(data.saleId)).toMatchObject([{ flow: 'sale', qty: -12, grams: -3_400, cents: 500 }])
})

test('a unit price and a lot price on one line are refused', async () => {
  expect(await refusal(t.sell({ lines: [thing(100, { unitCents: 100 })] }))).toMatchObject({
    code: 'line-price-doubled',
    field: '/lines/0/lotCents',
  })
})

test('a line without a price is refused, and the refusal names it', async () => {
  expect(await refusal(t.sell({ lines: [thing(100), thing()] }))).toMatchObject({
    code: 'line-unpriced',
    field: '/lines/1',
  })
})

test.each(['don', 'don-18', 'recyclage', 'decheterie'] as const)(
  'a thing marked %s leaves for free',
  async (preset) => {
    const { data } = await t.sell({ lines: [thing(undefined, { preset }), thing(200)] })
    expect(data.lines).toMatchObject([{ preset, lineCents: 0 }, { lineCents: 200 }])
  },
)

test('a thing that is marked as free cannot have a price', async () => {
  for (const price of [{ unitCents: 1 }, { lotCents: 1 }])
    expect(await refusal(t.sell({ lines: [thing(undefined, { preset: 'don', ...price })] }))).toMatchObject({
      code: 'preset-priced',
      field: '/lines/0/preset',
    })
})

test('the total that the cashier saw must be what the lines come to', async () => {
  for (const totalCents of [299, 301])
    expect(await refusal(t.sell({ lines: [thing(100), thing(200)], totalCents }))).toMatchObject({
      code: 'total-differs',
      field: '/totalCents',
    })
})

test('three unpriced things for 15 € are a ticket of 15 € (scenario 3, B49-P2)', async () => {
  const sale = await globally(1_500, [thing(), thing(), thing()])
  expect(sale.data).toMatchObject({ totalCents: 1_500, isGloballyPriced: true })
  expect(priced(sale)).toEqual([500, 500, 500])
})

test('a global price below the lines that have a price is refused, with both amounts (scenario 3, R1 mode-prix-global)', async () => {
  const { code, message } = await refusal(globally(500, [thing(600), thing(400)]))
  expect(code).toBe('global-price-too-low')
  expect(message).toMatch(/500 cents.*1000 cents/)
})

test('a global price that does not divide gives its rounding to the last line (O#58)', async () => {
  expect(priced(await globally(1_000, [thing(), thing(), thing()]))).toEqual([333, 333, 334])
  expect(priced(await globally(2, [thing(), thing(), thing()]))).toEqual([0, 0, 2])
})

test('a global price is spread by the number of pieces', async () => {
  expect(priced(await globally(900, [thing(undefined, { qty: 2 }), thing()]))).toEqual([600, 300])
})

test('lines with a price keep it, and the rest of the global price goes to those without', async () => {
  expect(priced(await globally(1_000, [thing(400), thing(), thing()]))).toEqual([400, 300, 300])
})

test('the rounding goes to the last line without a price, not to a line that has one', async () => {
  expect(priced(await globally(1_400, [thing(), thing(), thing(), thing(400)]))).toEqual([333, 333, 334, 400])
})

test('a global price may be just the lines that have a price: the others cost nothing', async () => {
  expect(priced(await globally(400, [thing(400), thing()]))).toEqual([400, 0])
})

test('a global price over lines that all have one raises them by their price', async () => {
  expect(priced(await globally(1_500, [thing(200), thing(800)]))).toEqual([300, 1_200])
})

test('a unit price that a global price has overtaken is taken off the line', async () => {
  const { data } = await globally(700, [thing(undefined, { unitCents: 100, qty: 2 }), thing(100)])
  expect(data.lines).toMatchObject([{ qty: 2, lineCents: 466 }, { lineCents: 234 }])
  expect(data.lines[0]).not.toHaveProperty('unitCents')
})

test('a thing that leaves for free takes no part of a global price', async () => {
  expect(priced(await globally(900, [thing(undefined, { preset: 'don' }), thing()]))).toEqual([0, 900])
})

test('a global price over nothing but free things is refused: no line can bear it', async () => {
  expect(await refusal(globally(900, [thing(undefined, { preset: 'don' })]))).toMatchObject({ code: 'total-differs' })
  expect(await refusal(globally(900, []))).toMatchObject({ code: 'ticket-empty' })
})

test('a global price can be given again after any other ticket of the session (B50-P6)', async () => {
  await globally(1_500, [thing(), thing()])
  await t.sell({ lines: [thing(100)] })
  expect(priced(await globally(300, [thing(), thing()]))).toEqual([150, 150])
})

test('an amount over ten million euros is refused before it is multiplied any further', async () => {
  const dear = thing(undefined, { unitCents: 1_000_000_000, qty: 2 })
  expect(await refusal(t.sell({ lines: [dear], totalCents: 0 }))).toMatchObject({ code: 'amount-too-large' })
})

test('an unknown and an archived category are refused, and the refusal names the line', async () => {
  await t.record('category', category({ id: 'passe', archived: true }))
  const of = (categoryId: string) => refusal(t.sell({ lines: [thing(100), thing(100, { categoryId })] }))
  expect(await of('nuages')).toMatchObject({ code: 'unknown-reference', field: '/lines/1/categoryId' })
  expect(await of('passe')).toMatchObject({ code: 'archived', field: '/lines/1/categoryId' })
})

test('a line keeps the name that its category had on that day', async () => {
  const sold = () => t.sell({ lines: [thing(100, { categoryId: 'vaisselle' })] })
  expect((await sold()).data.lines[0]?.categoryName).toBe('vaisselle')
  await t.record('category', category({ id: 'vaisselle', officialName: 'Arts de la table' }))
  expect((await sold()).data.lines[0]?.categoryName).toBe('Arts de la table')
})

test('shares are by weight, the last one with a weight takes the rest, and nothing is shared out over nothing', () => {
  expect(shareOut(100, [1, 0, 1, 1, 0])).toEqual([33, 0, 33, 34, 0])
  expect(shareOut(100, [0, 0])).toEqual([0, 0])
  expect(shareOut(100, [])).toEqual([])
})
