import { readdirSync } from 'node:fs'
import { Category, FACTS, fact, parse, upcast } from '@recyclique/contracts'
import { Type } from '@sinclair/typebox'
import { expect, test } from 'vitest'

/** A fact that began with `euros`, counted cents from version 2 on and names its currency since version 3. */
const Paid = fact({
  name: 'bill.paid',
  version: 3,
  producer: 'test',
  journalForm: 'bills',
  journal: () => 'bills',
  data: Type.Object({ cents: Type.Integer(), currency: Type.String() }),
  upcast: {
    1: (old) => ({ cents: (old as { euros: number }).euros * 100 }),
    2: (old) => ({ ...(old as object), currency: 'EUR' }),
  },
})

test('data of an old version are brought to today’s, step by step', () => {
  expect(upcast(Paid, 1, { euros: 8 })).toEqual({ cents: 800, currency: 'EUR' })
  expect(upcast(Paid, 2, { cents: 800 })).toEqual({ cents: 800, currency: 'EUR' })
})

test('data of today’s version are given back as they are', () => {
  const data = { cents: 800, currency: 'CHF' }
  expect(upcast(Paid, 3, data)).toBe(data)
})

test('data from the future are refused with what to do, instead of being misread', () => {
  expect(() => upcast(Paid, 4, {})).toThrow('bill.paid version 4 is newer than this program (3): upgrade first')
})

test('a step that is missing is named', () => {
  const gap = { ...Paid, upcast: { 1: (old: unknown) => old } }
  expect(() => upcast(gap, 1, {})).toThrow('bill.paid has no way from version 2 to 3')
})

test('a fact needs no way from a version that it never had', () => {
  expect(fact({ ...Paid, version: 1, upcast: {} }).upcast).toEqual({})
})

test('every fact of the kernel stands in one file, under one name, in the past tense', () => {
  const files = readdirSync(new URL('../../contracts/events/', import.meta.url))
  expect(FACTS.map(({ name }) => `${name.replaceAll('.', '-')}.ts`).sort()).toEqual(files.sort())
  expect(new Set(FACTS.map(({ name }) => name)).size).toBe(FACTS.length)
  for (const { name } of FACTS) expect(name).toMatch(/(ed|set-back)$/)
})

test('every fact can be read from its first version on', () => {
  for (const spec of FACTS)
    for (let from = 1; from < spec.version; from += 1)
      expect(spec.upcast[from], `${spec.name} v${from}`).toBeTypeOf('function')
})

test('a fact of tomorrow is heard today: its data may bear fields that nobody knows yet, at any depth', () => {
  const closed = { additionalProperties: false }
  const inner = Type.Object({ cents: Type.Integer() }, closed)
  const Told = fact({
    ...{ name: 'bill.told', version: 1, producer: 'test', journalForm: 'bills', journal: () => 'bills' },
    data: Type.Object({ one: inner, many: Type.Array(inner), either: Type.Union([inner, Type.Null()]) }, closed),
  })
  const later = { cents: 1, later: true }
  expect(parse(Told.data, { one: later, many: [later], either: later, later })).toBeTruthy()
  expect(() => parse(Told.data, { one: later, many: [{ cents: 'x' }], either: null })).toThrow(/many\/0\/cents/)
  for (const { name, data } of FACTS) expect(JSON.stringify(data), name).not.toContain('"additionalProperties":false')
  expect(Category.additionalProperties).toBe(false)
})
