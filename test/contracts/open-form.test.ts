import { openForm, parse } from '@recyclique/contracts'
import { Type } from '@sinclair/typebox'
import { expect, test } from 'vitest'

const closed = { additionalProperties: false }
const Line = Type.Object({ id: Type.String(), words: Type.Optional(Type.String()) }, closed)
const Ticket = Type.Object({ lines: Type.Array(Line), by: Type.Union([Line, Type.Null()]) }, closed)

test('who reads passes over what a later writer adds, however deep, and nothing else', () => {
  const later = { lines: [{ id: 'a', aLaterField: 1 }], by: { id: 'b', aLaterField: 2 }, aLaterField: 3 }
  expect(() => parse(Ticket, later)).toThrow('is not known here')
  expect(parse(openForm(Ticket), later)).toBe(later)
  expect(() => parse(openForm(Ticket), { lines: [{ words: 'no id' }], by: null })).toThrow('/lines/0/id is missing')
  expect(() => parse(openForm(Ticket), { lines: [{ id: 'a', words: 7 }], by: null })).toThrow('/lines/0/words must be')
})

test('the closed form stays as it was, and the open one is made once', () => {
  expect(openForm(Ticket)).toBe(openForm(Ticket))
  expect(() => parse(Ticket, { lines: [], by: null, more: 1 })).toThrow('is not known here')
})
