import { type PaymentMethod, parse, type RecordSaleBody, SaleRecorded, signedCents } from '@recyclique/contracts'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Refusal } from '../../kernel/errors.ts'
import { shareOut } from '../../kernel/sales/price-lines.ts'
import { recordSale } from '../../kernel/sales/record-sale.ts'
import { category } from '../matter/reception.ts'
import { card, cash, openTill, type Sale, type Till, TODAY, thing } from './till.ts'

const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0)
const Amount = fc.integer({ min: 0, max: 20_000 })

const Line = fc
  .record({
    qty: fc.integer({ min: 1, max: 12 }),
    grams: fc.option(fc.integer({ min: 0, max: 40_000 }), { nil: undefined }),
    price: fc.oneof(
      fc.record({ unitCents: Amount }),
      fc.record({ lotCents: Amount }),
      fc.record({ preset: fc.constantFrom('don', 'recyclage') }),
      fc.constant({}),
    ),
  })
  .map(({ qty, grams, price }) => thing(undefined, { qty, ...(grams === undefined ? {} : { grams }), ...price }))

/** Any ticket that is right: priced line by line or as a whole, with a donation, paid with a card, cash and change out of it. */
const Ticket = fc
  .record({
    drawn: fc.array(Line, { maxLength: 12 }),
    isGloballyPriced: fc.boolean(),
    surplus: Amount,
    donationCents: Amount,
    byCard: fc.nat(),
    changeCents: Amount,
  })
  .map(({ drawn, isGloballyPriced, surplus, donationCents, byCard, changeCents }): RecordSaleBody => {
    const isPriced = (line: (typeof drawn)[number]) => 'preset' in line || 'unitCents' in line || 'lotCents' in line
    const lines = isGloballyPriced ? drawn : drawn.filter(isPriced)
    const priced = sum(lines.map(({ lotCents, unitCents = 0, qty }) => lotCents ?? unitCents * qty))
    // A surplus needs a line that can bear it.
    const canBear = lines.some((line) => !isPriced(line)) || priced > 0
    const totalCents = priced + (isGloballyPriced && canBear ? surplus : 0)
    const owed = totalCents + donationCents
    const cardCents = byCard % (owed + 1)
    const payments = [card(cardCents), cash(owed - cardCents + changeCents)].filter(({ cents }) => cents > 0)
    return { sessionId: 'session', lines, totalCents, isGloballyPriced, donationCents, payments, changeCents }
  })
  .filter(({ lines, donationCents = 0 }) => lines.length > 0 || donationCents > 0)

const method = (id: string, kind: PaymentMethod['kind']): [string, PaymentMethod] => [
  id,
  { id, name: id, kind, debitAccount: '530', refundAccount: '530' },
]

const decided = (body: RecordSaleBody): SaleRecorded => {
  const session = { id: body.sessionId, registerId: 'caisse', mode: 'live', isOpen: true } as const
  const state = {
    session: { ...session, businessDate: TODAY, floatCents: 0 },
    categories: new Map([['livres', category({ id: 'livres' })]]),
    methods: new Map([method('especes', 'cash'), method('carte', 'card')]),
    isHeld: true,
  }
  const command = { key: 'key', digest: '', actor: 'lea', id: '00000000-0000-7000-8000-000000000001', body }
  const { facts } = recordSale.decide(state, command, { recordedAt: `${TODAY}T10:00:00.000Z`, today: TODAY })
  return facts[0]?.data as SaleRecorded
}

test('of any ticket, payments in less payments out are the total and the donation, each in its own nature', () => {
  fc.assert(
    fc.property(Ticket, (body) => {
      const { payments, totalCents, donationCents } = decided(body)
      const of = (nature: string) => sum(payments.filter((one) => one.nature === nature).map(signedCents))
      expect(sum(payments.map(signedCents))).toBe(totalCents + donationCents)
      expect([of('sale'), of('donation')]).toEqual([totalCents, donationCents])
      expect(totalCents + donationCents === 0 && !body.changeCents ? payments : []).toEqual([])
    }),
    { numRuns: 500 },
  )
})

test('of any ticket, each way to pay keeps what was handed over in it, less the change', () => {
  fc.assert(
    fc.property(Ticket, (body) => {
      const { payments } = decided(body)
      const kept = (id: string) => sum(payments.filter(({ methodId }) => methodId === id).map(signedCents))
      const handed = (id: string) =>
        sum(body.payments.filter(({ methodId }) => methodId === id).map((one) => one.cents))
      expect(kept('carte')).toBe(handed('carte'))
      expect(kept('especes')).toBe(handed('especes') - (body.changeCents ?? 0))
    }),
    { numRuns: 300 },
  )
})

test('of any ticket, the lines come to the total, and no line loses anything of its own price', () => {
  fc.assert(
    fc.property(Ticket, (body) => {
      const { lines, totalCents } = decided(body)
      expect(totalCents).toBe(body.totalCents)
      expect(sum(lines.map(({ lineCents }) => lineCents))).toBe(totalCents)
      for (const [n, { lotCents, unitCents = 0, qty }] of body.lines.entries())
        expect(lines[n]?.lineCents).toBeGreaterThanOrEqual(lotCents ?? unitCents * qty)
    }),
    { numRuns: 500 },
  )
})

test('of any ticket, a unit price on a line is never at odds with the line', () => {
  fc.assert(
    fc.property(Ticket, (body) => {
      for (const { unitCents, qty, lineCents } of decided(body).lines)
        if (unitCents !== undefined) expect(unitCents * qty).toBe(lineCents)
    }),
    { numRuns: 300 },
  )
})

test('of any ticket, the fact fits its contract', () => {
  fc.assert(
    fc.property(Ticket, (body) => {
      const sale = { ...decided(body), sessionId: '00000000-0000-7000-8000-000000000002' }
      expect(parse(SaleRecorded.data, sale)).toBe(sale)
    }),
    { numRuns: 200 },
  )
})

test('shares come to the whole to the cent, none is negative, and none goes where there is no weight', () => {
  const Weights = fc.array(fc.integer({ min: 0, max: 1_000_000_000 }), { minLength: 1, maxLength: 500 })
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_000_000_000 }), Weights, (cents, weights) => {
      const shares = shareOut(cents, weights)
      expect(sum(shares)).toBe(weights.some((weight) => weight > 0) ? cents : 0)
      expect(shares.every((share, n) => share >= 0 && (share === 0 || weights[n] !== 0))).toBe(true)
    }),
    { numRuns: 300 },
  )
})

let t: Till
beforeAll(async () => {
  t = await openTill()
})
afterAll(() => t.done())

const Sold = fc.array(
  fc.record({ qty: fc.integer({ min: 1, max: 7 }), cents: Amount, grams: fc.integer({ min: 0, max: 9_999 }) }),
  { minLength: 1, maxLength: 3 },
)
const Try = fc.record({
  line: fc.integer({ min: 1, max: 3 }),
  qty: fc.integer({ min: 0, max: 4 }),
  cents: fc.integer({ min: 0, max: 8_000 }),
  areGoodsBack: fc.boolean(),
})
type Try = { line: number; qty: number; cents: number; areGoodsBack: boolean }

interface Left {
  qty: number
  cents: number
  grams: number
}

/** Refunds as long as there is something left, and gives what came back of each line. Checks each try on its way. */
const refundBy = async (sale: Sale, tries: readonly Try[]): Promise<Left[]> => {
  const back = sale.data.lines.map((): Left => ({ qty: 0, cents: 0, grams: 0 }))
  for (const { areGoodsBack, ...one } of tries) {
    const sold = sale.data.lines[one.line - 1]
    const gone = back[one.line - 1]
    const fits = sold && gone && gone.qty + one.qty <= sold.qty && gone.cents + one.cents <= sold.lineCents
    const refund = await t.refund(sale, [one], { areGoodsBack }).catch((error) => {
      if (error instanceof Refusal) return undefined
      throw error
    })
    expect(refund !== undefined).toBe(Boolean(fits) && one.qty + one.cents > 0)
    for (const { qty, cents, grams } of refund?.data.lines ?? []) {
      Object.assign(gone as Left, { qty: gone!.qty + qty, cents: gone!.cents + cents, grams: gone!.grams + grams })
      if (!areGoodsBack) expect(grams).toBe(0)
    }
  }
  return back
}

/** One more refund of each line of which anything is left. */
const rest = (sale: Sale, back: readonly Left[]): Try[] =>
  sale.data.lines
    .map(({ line, qty, lineCents }, n) => {
      const gone = back[n] as Left
      return { line, qty: qty - gone.qty, cents: lineCents - gone.cents, areGoodsBack: true }
    })
    .filter(({ qty, cents }) => qty + cents > 0)

const sellLines = (lines: readonly { qty: number; cents: number; grams: number }[]) =>
  t.sell({ lines: lines.map(({ qty, cents, grams }) => thing(cents, { qty, grams })) })

test('no sequence of refunds gives back more than was paid, and it can always go on to exactly nothing left', async () => {
  await fc.assert(
    fc.asyncProperty(Sold, fc.array(Try, { maxLength: 8 }), async (lines, tries) => {
      const sale = await sellLines(lines)
      const back = await refundBy(sale, tries)
      const end = await refundBy(sale, rest(sale, back))
      for (const [n, { qty, lineCents, lineGrams = 0 }] of sale.data.lines.entries()) {
        const [gone, last] = [back[n] as Left, end[n] as Left]
        expect([gone.qty + last.qty, gone.cents + last.cents]).toEqual([qty, lineCents])
        expect(gone.grams + last.grams).toBeLessThanOrEqual(lineGrams)
      }
    }),
    { numRuns: 25 },
  )
})

test('when all goods come back, piece by piece in any number of refunds, their weight is back to the gram', async () => {
  await fc.assert(
    fc.asyncProperty(Sold, fc.array(Try, { maxLength: 6 }), async (lines, tries) => {
      const sale = await sellLines(lines)
      const back = await refundBy(
        sale,
        tries.map((one) => ({ ...one, areGoodsBack: true })),
      )
      await refundBy(sale, rest(sale, back))
      const moved = await t.store.read.one<{ grams: number; qty: number; cents: number }>(
        `SELECT SUM(grams) AS grams, SUM(qty) AS qty, SUM(cents) AS cents FROM movement WHERE source_id IN
         (SELECT id FROM ticket WHERE id = ? OR sale_id = ?)`,
        sale.data.saleId,
        sale.data.saleId,
      )
      expect(moved).toEqual({ grams: 0, qty: 0, cents: 0 })
    }),
    { numRuns: 15 },
  )
})
