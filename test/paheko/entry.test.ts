import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { apiAddress } from '../../modules/paheko/address.ts'
import { eurosOf } from '../../modules/paheko/cents.ts'
import { type Entry, entryOf, payloadOf, TooOld } from '../../modules/paheko/entry.ts'
import { referenceOf } from '../../modules/paheko/reference.ts'
import { type Mapping, NATURES } from '../../modules/paheko/settings.ts'
import { type SyncState, stateAfter, worstOf } from '../../modules/paheko/state.ts'
import { fitted, fittedLines } from '../../modules/paheko/text.ts'
import { yearOf } from '../../modules/paheko/years.ts'
import { closingOf } from './support/closing.ts'

const MAPPING: Mapping = { accounts: NATURES, methods: {}, categories: {}, subtypes: {} }
const made = (more: Parameters<typeof closingOf>[0] = {}, mapping: Partial<Mapping> = {}): Entry =>
  entryOf(
    { ...closingOf(more), businessDate: '2026-03-12' },
    { reference: 'R-1', mapping: { ...MAPPING, ...mapping }, yearBegins: '2026-01-01' },
  )
const spelled = ({ lines }: Entry) => lines.map((line) => `${line.account} ${line.debitCents} ${line.creditCents}`)

describe('the entry of a session', () => {
  test('each way to pay on debit, sales and donations apart on credit', () => {
    expect(spelled(made())).toEqual(['5115 500 0', '530 1700 0', '7073 0 2000', '754 0 200'])
  })

  test('a category has the account that is set for it or for one above it, by a code or by a nature', () => {
    const lines = [
      { categoryIds: ['maison', 'livres'], categoryName: 'Livres', cents: 1_200 },
      { categoryIds: ['adhesions', 'adulte'], categoryName: 'Adulte', cents: 500 },
      { categoryIds: ['maison', 'livraison'], categoryName: 'Livraison', cents: 300 },
    ]
    const categories = { adhesions: 'memberships', livraison: '7061', maison: '707' }
    expect(spelled(made({ booking: { lines } }, { categories }))).toEqual([
      ...['5115 500 0', '530 1700 0'],
      ...['707 0 1200', '756 0 500', '7061 0 300', '754 0 200'],
    ])
  })

  test('payments are the source: what the lines do not come to stays with the sales', () => {
    expect(spelled(made({ booking: { lines: [] } }))).toContain('7073 0 2000')
  })

  test('refunds of this year and of earlier ones stand apart, each balanced', () => {
    const booking = {
      payments: [
        { methodId: 'card', nature: 'refund' as const, cents: -400 },
        { methodId: 'cash', nature: 'refund' as const, cents: -250 },
      ],
      lines: [
        { categoryIds: ['livres'], categoryName: 'Livres', cents: -250, soldOn: '2025-12-30' },
        { categoryIds: ['livres'], categoryName: 'Livres', cents: -400, soldOn: '2026-03-11' },
      ],
    }
    expect(spelled(made({ booking }))).toEqual(['7073 400 0', '672 250 0', '5115 0 400', '530 0 250'])
  })

  test('what was counted too little or too much, what goes to the bank, and what was paid from the drawer', () => {
    const perMethod = [
      { methodId: 'card', expectedCents: 500, countedCents: 700, varianceCents: 200 },
      { methodId: 'cash', expectedCents: 6_700, countedCents: 6_500, varianceCents: -200 },
    ]
    const moves = [
      { kind: 'disbursement' as const, subtype: 'timbres', cents: -150 },
      { kind: 'disbursement' as const, cents: -50 },
      { kind: 'top-up' as const, cents: 1_000 },
    ]
    const entry = made(
      { perMethod, bankCents: 3_000, booking: { payments: [], lines: [], moves } },
      { subtypes: { timbres: '626' } },
    )
    expect(spelled(entry)).toEqual([
      ...['5115 200 0', '778 0 200', '530 0 200', '678 200 0'],
      ...['530 0 150', '626 150 0', '530 0 50', '471 50 0', '530 1000 0', '580 0 1000', '530 0 3000', '580 3000 0'],
    ])
  })

  test('a way to pay has the account that is set for it before the one that the till knows', () => {
    expect(spelled(made({}, { methods: { card: '511' } }))[0]).toBe('511 500 0')
  })

  test('a close of an older program holds no accounts, and that is said', () => {
    const { booking: _, ...old } = closingOf()
    const close = { ...old, businessDate: '2026-03-12' }
    expect(() => entryOf(close, { reference: 'R', mapping: MAPPING, yearBegins: undefined })).toThrow(TooOld)
  })

  test('whatever a session took, its entry is balanced, has one side a line, and no zero', () => {
    const cents = fc.integer({ min: -100_000, max: 100_000 })
    const payment = fc.record({
      methodId: fc.constantFrom('card', 'cash'),
      nature: fc.constantFrom('sale' as const, 'donation' as const, 'refund' as const),
      cents,
    })
    const line = fc.record(
      {
        categoryIds: fc.constantFrom<string[]>(['a'], ['a', 'b'], ['c']),
        categoryName: fc.constant('x'),
        cents,
        soldOn: fc.constantFrom('2025-05-05', '2026-02-02'),
      },
      { requiredKeys: ['categoryIds', 'categoryName', 'cents'] },
    )
    const move = fc.record({
      kind: fc.constantFrom('bank' as const, 'transfer' as const, 'disbursement' as const),
      cents,
    })
    fc.assert(
      fc.property(fc.array(payment), fc.array(line), fc.array(move), (payments, lines, moves) => {
        const entry = made({ booking: { payments, lines, moves } }, { categories: { b: 'memberships', c: '706' } })
        const sum = (side: 'debitCents' | 'creditCents') => entry.lines.reduce((all, one) => all + one[side], 0)
        expect(sum('debitCents')).toBe(sum('creditCents'))
        for (const { debitCents, creditCents } of entry.lines) {
          expect(Math.min(debitCents, creditCents)).toBe(0)
          expect(Math.max(debitCents, creditCents)).toBeGreaterThan(0)
        }
      }),
    )
  })

  test('what is sent: texts in euros, one side a line, ADVANCED, a number for the year', () => {
    const sent = payloadOf(made(), 4)
    expect(sent).toMatchObject({ id_year: 4, type: 'ADVANCED', date: '2026-03-12', reference: 'R-1' })
    expect(sent.lines[1]).toEqual({ account: '530', debit: '17.00', label: 'Espèces' })
    expect([1, 99, 100, 4_750, 99_999_999_999].map(eurosOf)).toEqual(['0.01', '0.99', '1.00', '47.50', '999999999.99'])
    for (const wrong of [0, -5, 1.5, Number.NaN]) expect(() => eurosOf(wrong)).toThrow(RangeError)
  })
})

describe('texts', () => {
  test('a text is cut by its bytes, between two characters, and loses what nobody can see', () => {
    expect(Buffer.byteLength(fitted('é'.repeat(150), 200))).toBeLessThanOrEqual(200)
    expect(fitted(`a\u0000b\tc\n d${'🚲'.repeat(60)}`, 20)).toBe('a b c d🚲🚲…')
    expect(fitted('\ud800', 200).isWellFormed()).toBe(true)
    expect(fittedLines(['a\u0000', 'b'], 2000)).toBe('a\nb')
  })

  test('a reference follows from the session, and can stand in a query', () => {
    const session = {
      sessionId: '01900000-0000-7000-8000-9f3c21ab04de',
      registerId: 'caisse-1',
      businessDate: '2026-03-12',
    }
    expect(referenceOf('RECYCLIQUE-', session)).toBe('RECYCLIQUE-2026-03-12-caisse-1-9f3c21ab04de')
    expect(() => referenceOf("x' OR 1=1 --", session)).toThrow(/cannot be a reference/)
  })

  test.each([
    ['https://a.example.org', 'https://a.example.org/api'],
    ['https://a.example.org/admin/', 'https://a.example.org/api'],
    ['https://a.example.org//compta//admin/acc/index.php?x=1#y', 'https://a.example.org/compta/api'],
    [' https://a.example.org/index.php ', 'https://a.example.org/api'],
    ['http://127.0.0.1:8899/api/', 'http://127.0.0.1:8899/api'],
  ])('what people paste: %s', (pasted, address) => {
    expect(apiAddress(pasted)).toBe(address)
  })

  test('an address with a password in it is refused, without repeating it', () => {
    expect(() => apiAddress('https://u:s3cret@a.example.org')).toThrow(/set user and password as references/)
    expect(() => apiAddress('ftp://a.example.org')).toThrow(/write for example https/)
  })
})

test('the worst state stands for several, and only a solution takes a rejection away', () => {
  const all: SyncState[] = ['resolved', 'to-retry', 'quarantined', 'rejected']
  expect(worstOf(all)).toBe('rejected')
  expect(worstOf([])).toBe('resolved')
  expect(all.map((tried) => stateAfter('rejected', tried))).toEqual(['resolved', 'rejected', 'rejected', 'rejected'])
  expect(all.map((tried) => stateAfter('to-retry', tried))).toEqual(all)
})

test('the year of a day: one that is open, or why none', () => {
  const year = (id: number, status: number, start_date = '2026-01-01', end_date = '2026-12-31') => ({
    ...{ id, status, start_date, end_date, label: `E${id}`, id_chart: 1 },
  })
  expect(yearOf([year(1, 0)], '2026-12-31')).toMatchObject({ is: 'open', year: { id: 1 } })
  expect(yearOf([year(1, 1), year(2, 0)], '2026-01-01')).toMatchObject({ is: 'open', year: { id: 2 } })
  expect(yearOf([year(1, 1)], '2026-05-05')).toEqual({ is: 'closed', label: 'E1' })
  expect(yearOf([year(1, 2)], '2026-05-05')).toEqual({ is: 'locked', label: 'E1' })
  expect(yearOf([year(1, 0), year(2, 0, '2026-07-01', '2027-06-30')], '2026-08-01')).toMatchObject({ is: 'several' })
  expect(yearOf([year(1, 0)], '2027-01-01')).toEqual({ is: 'none' })
})
