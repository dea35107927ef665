import { SaleRefunded, SaleVoided } from '@recyclique/contracts'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { mergeCategory } from '../../kernel/centre/merge-category.ts'
import { draft } from '../../kernel/ledger/rule.ts'
import { flowByDay } from '../../kernel/matter/flow.ts'
import { byId, category, line, openReception, type Reception, saleOf, TODAY } from './reception.ts'

let r: Reception
beforeEach(async () => {
  r = await openReception()
})
afterEach(() => r.done())

test('one period filters in and out alike: opening + in − out = closing, by category (scenario 14)', async () => {
  await r.receive('textile', 10_000, '2026-01-15')
  await r.receive('textile', 7_000, '2026-02-28')
  await r.receive('textile', 5_000, '2026-03-01')
  await r.receive('livres', 3_000, '2026-03-09')
  await r.tell(saleOf(r.newId(), 'textile', 2_000, '2026-02-28'), saleOf(r.newId(), 'textile', 4_000, '2026-03-02'))
  await r.exit({ kind: 'bins', lines: [line('textile', 1_000)], businessDate: '2026-03-09' })
  expect(await r.stock('2026-02-01', '2026-02-28')).toMatchObject([
    { categoryId: 'textile', openingGrams: 10_000, inGrams: 7_000, outGrams: 2_000, closingGrams: 15_000 },
  ])
  expect(await r.stock('2026-03-01', '2026-03-31')).toMatchObject([
    { categoryId: 'livres', openingGrams: 0, inGrams: 3_000, outGrams: 0, closingGrams: 3_000 },
    {
      categoryId: 'textile',
      openingGrams: 15_000,
      inGrams: 5_000,
      out: { sale: 4_000, bins: 1_000 },
      outGrams: 5_000,
      closingGrams: 15_000,
    },
  ])
})

test('a renamed or merged category leaves past reports as they were (scenario 15)', async () => {
  await r.receive('deee', 6_000, '2026-02-10')
  await r.receive('textile', 1_000, '2026-02-11')
  const before = await r.stock('2026-02-01', '2026-02-28')
  await r.act(mergeCategory, { categoryId: 'deee', intoId: 'divers' })
  await r.record('category', category({ id: 'textile', officialName: 'Textiles, linge, chaussures' }))
  await r.receive('textile', 500)
  expect(await r.stock('2026-02-01', '2026-02-28')).toEqual(before)
  const march = byId(await r.stock('2026-03-01', '2026-03-31'))
  expect(march.textile?.name).toBe('Textiles, linge, chaussures')
  expect(march.deee).toMatchObject({ name: 'deee', openingGrams: 6_000, closingGrams: 6_000 })
})

test('Paris 13 in 2017: 113,577 kg in, by three ways out, and the balance is exactly zero', async () => {
  const KG = 1_000
  const received = { textile: 52_008, livres: 33_543, divers: 25_185, deee: 2_841 }
  // The year's report gives the ways out in total: here they are laid over the categories one after the other.
  const left: Record<string, number> = { ...received }
  const take = (kilos: number) => {
    let wanted = kilos
    return Object.keys(left).flatMap((id) => {
      const taken = Math.min(wanted, left[id] ?? 0)
      wanted -= taken
      left[id] = (left[id] ?? 0) - taken
      return taken > 0 ? [{ id, grams: taken * KG }] : []
    })
  }
  for (const [id, kilos] of Object.entries(received)) await r.receive(id, kilos * KG, '2025-06-15')
  await r.tell(...take(61_096).map(({ id, grams }) => saleOf(r.newId(), id, grams, '2025-07-01')))
  const external = take(44_418).map(({ id, grams }) => line(id, grams))
  await r.exit({ kind: 'recycler', partnerId: 'le-relais', lines: external, businessDate: '2025-08-01' })
  const bins = take(8_063).map(({ id, grams }) => line(id, grams))
  await r.exit({ kind: 'bins', lines: bins, businessDate: '2025-09-01' })

  const lines = await r.stock('2025-01-01', '2025-12-31')
  expect(byId(lines)).toMatchObject({
    textile: { inGrams: 52_008_000 },
    livres: { inGrams: 33_543_000 },
    divers: { inGrams: 25_185_000 },
    deee: { inGrams: 2_841_000 },
  })
  expect(await r.total('2025-01-01', '2025-12-31')).toEqual({
    openingGrams: 0,
    inGrams: 113_577_000,
    out: { ...NO_WAY_OUT, sale: 61_096_000, recycler: 44_418_000, bins: 8_063_000 },
    outGrams: 113_577_000,
    closingGrams: 0,
  })
  expect(lines.map(({ closingGrams }) => closingGrams)).toEqual([0, 0, 0, 0])
  expect(await r.stock('2026-01-01', '2026-12-31')).toEqual([])
})

test('goods that come back with a refund or a void count against what was sold, not as received', async () => {
  const [first, second] = [r.newId(), r.newId()]
  await r.receive('textile', 10_000)
  await r.tell(saleOf(first, 'textile', 3_000, TODAY), saleOf(second, 'textile', 2_000, TODAY))
  const same = { registerId: 'caisse', sessionId: r.newId(), totalCents: 500, payments: [], hasNote: false }
  const sold = { line: 1, categoryId: 'textile', categoryName: 'textile', qty: 1 }
  await r.tell(
    draft(
      SaleRefunded,
      {
        ...same,
        refundId: r.newId(),
        saleId: first,
        areGoodsBack: true,
        lines: [{ ...sold, cents: 500, grams: 3_000 }],
      },
      { businessDate: TODAY },
    ),
    draft(
      SaleVoided,
      {
        ...same,
        voidId: r.newId(),
        saleId: second,
        donationCents: 0,
        lines: [{ ...sold, lineCents: 500, lineGrams: 2_000 }],
      },
      { businessDate: TODAY },
    ),
  )
  expect(byId(await r.stock(TODAY, TODAY)).textile).toMatchObject({
    inGrams: 10_000,
    out: { sale: 0 },
    outGrams: 0,
    closingGrams: 10_000,
  })
})

test('training stands in no report', async () => {
  const { depositId } = (await r.open({ mode: 'training' })).data
  await r.weigh(depositId, {})
  await r.exit({ kind: 'bins', mode: 'training', lines: [line('textile', 1_000)] })
  expect(await r.stock('2020-01-01', '2026-12-31')).toEqual([])
})

const NO_WAY_OUT = { sale: 0, recycler: 0, partner: 0, donation: 0, bins: 0, 'waste-centre': 0 }

test('flow by day names each day on which something moved', async () => {
  await r.receive('textile', 5_000, '2026-03-01')
  await r.receive('livres', 2_000, '2026-03-01')
  await r.exit({ kind: 'bins', lines: [line('textile', 1_000)], businessDate: '2026-03-02' })
  expect(await flowByDay(r.store.read, { from: '2026-03-01', to: '2026-03-02' })).toEqual([
    { day: '2026-03-01', inGrams: 7_000, out: NO_WAY_OUT, outGrams: 0 },
    { day: '2026-03-02', inGrams: 0, out: { ...NO_WAY_OUT, bins: 1_000 }, outGrams: 1_000 },
  ])
})

/** An act of a random story: what, which category, which day of March, how much, and whether it is corrected later. */
const Act = fc.record({
  what: fc.constantFrom('deposit', 'exit', 'sale'),
  id: fc.constantFrom('textile', 'livres'),
  day: fc.integer({ min: 1, max: 9 }),
  grams: fc.integer({ min: 1, max: 100_000 }),
  corrected: fc.option(fc.integer({ min: 1, max: 100_000 })),
})

test('whatever happens, one period ends where the next begins, and the last ends at the sum of all movements', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(Act, { maxLength: 12 }), fc.integer({ min: 2, max: 9 }), async (acts, cut) => {
      const own = await openReception()
      try {
        for (const one of acts) await play(own, one)
        const whole = byId(await own.stock('2026-03-01', '2026-03-09'))
        const early = byId(await own.stock('2026-03-01', `2026-03-0${cut - 1}`))
        const late = byId(await own.stock(`2026-03-0${cut}`, '2026-03-09'))
        for (const id of ['textile', 'livres']) {
          const closing = await own.store.read.one<{ grams: number | null }>(
            'SELECT SUM(grams) AS grams FROM movement WHERE category_id = ?',
            id,
          )
          expect(whole[id]?.closingGrams ?? 0).toBe(closing?.grams ?? 0)
          expect(late[id]?.openingGrams ?? 0).toBe(early[id]?.closingGrams ?? 0)
          expect((early[id]?.inGrams ?? 0) + (late[id]?.inGrams ?? 0)).toBe(whole[id]?.inGrams ?? 0)
          expect((early[id]?.outGrams ?? 0) + (late[id]?.outGrams ?? 0)).toBe(whole[id]?.outGrams ?? 0)
        }
      } finally {
        await own.done()
      }
    }),
    { numRuns: 15 },
  )
})

const play = async (
  own: Reception,
  { what, id, day, grams, corrected }: typeof Act extends fc.Arbitrary<infer A> ? A : never,
) => {
  const businessDate = `2026-03-0${day}`
  if (what === 'sale') return void (await own.tell(saleOf(own.newId(), id, grams, businessDate)))
  const source =
    what === 'deposit'
      ? sourceOf('deposit', (await own.receive(id, grams, businessDate)).data)
      : sourceOf('exit', (await own.exit({ kind: 'bins', lines: [line(id, grams)], businessDate })).data)
  if (corrected !== null && corrected !== grams)
    await own.correct({ ...source, expectedNetGrams: grams, after: line(id, corrected) })
}

const sourceOf = (
  sourceKind: 'deposit' | 'exit',
  data: { depositId: string; lineId: string } | { exitId: string; lines: { lineId: string }[] },
) =>
  'depositId' in data
    ? { sourceKind, sourceId: data.depositId, lineId: data.lineId }
    : { sourceKind, sourceId: data.exitId, lineId: data.lines[0]?.lineId ?? '' }
