import { Cents, Misfit, OneOf, parse, parseJson, RecordSaleBody } from '@recyclique/contracts'
import { Type } from '@sinclair/typebox'
import { expect, test } from 'vitest'

const SALE = {
  sessionId: '00000000-0000-7000-8000-000000000001',
  lines: [{ categoryId: 'livres', qty: 1, lotCents: 300 }],
  totalCents: 300,
  payments: [{ methodId: 'especes', cents: 300 }],
}
const flawsOf = (body: unknown) => {
  try {
    parse(RecordSaleBody, body, 'The sale')
    return []
  } catch (error) {
    if (error instanceof Misfit) return error.flaws
    throw error
  }
}

test('what fits is given back, the very same value', () => {
  expect(parse(RecordSaleBody, SALE)).toBe(SALE)
})

test('what does not fit names the field and says in words what it must be', () => {
  expect(flawsOf({ ...SALE, totalCents: 3.5 })).toEqual([
    { field: '/totalCents', why: 'must be whole euro cents, not negative' },
  ])
})

test('a field deep inside is named by its place', () => {
  expect(flawsOf({ ...SALE, payments: [...SALE.payments, { methodId: 'Carte Bleue', cents: 1 }] })).toEqual([
    { field: '/payments/1/methodId', why: 'must be 1 to 48 of a-z, 0-9 and -, not at the ends' },
  ])
})

test('what is missing is called missing, and what is not known here unknown', () => {
  const { totalCents, ...rest } = SALE
  expect(flawsOf({ ...rest, total: totalCents })).toEqual([
    { field: '/totalCents', why: 'is missing' },
    { field: '/total', why: 'is not known here: take it out or check its spelling' },
  ])
})

test('one of a few words: the misfit lists them', () => {
  const lines = [{ ...SALE.lines[0], preset: 'gratuit' }]
  expect(flawsOf({ ...SALE, lines })).toMatchObject([
    { field: '/lines/0/preset', why: 'must be one of don, don-18, recyclage, decheterie' },
  ])
})

test('every wrong field is named at once, each once, and ten at most', () => {
  expect(flawsOf({ ...SALE, sessionId: 'x', totalCents: -1 })).toHaveLength(2)
  const lines = Array.from({ length: 30 }, () => ({ categoryId: 'livres', qty: 0 }))
  const flaws = flawsOf({ ...SALE, lines })
  expect(flaws).toHaveLength(10)
  expect(new Set(flaws.map(({ field }) => field)).size).toBe(10)
})

test('the message says what was read, and where it is wrong', () => {
  expect(() => parse(RecordSaleBody, { ...SALE, totalCents: '3' }, 'The sale')).toThrow(
    'The sale: /totalCents must be whole euro cents, not negative',
  )
  expect(() => parse(RecordSaleBody, null, 'The sale')).toThrow(/^The sale: the whole must be an object/)
})

test.each([Number.NaN, Number.POSITIVE_INFINITY, 1_000_000_001, -1, 0.5, '1', true, [], {}, null, undefined])(
  '%s is no amount of money',
  (value) => {
    expect(() => parse(Cents, value)).toThrow(Misfit)
  },
)

test('broken JSON is a misfit of the whole, not an error of the parser', () => {
  expect(() => parseJson(Cents, '{"a":', 'The body')).toThrow(/^The body: the whole is not JSON \(/)
  expect(() => parseJson(Cents, '', 'The body')).toThrow(Misfit)
  expect(parseJson(Cents, '300')).toBe(300)
})

test('a name that everything inherits is no field', () => {
  const Closed = Type.Object({ kind: OneOf('a', 'b') }, { additionalProperties: false })
  expect(() => parseJson(Closed, '{"kind":"a","__proto__":{"admin":true}}')).toThrow(Misfit)
  expect(() => parseJson(Closed, '{"kind":"constructor"}')).toThrow(/must be one of a, b/)
})
