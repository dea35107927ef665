import { expect, test } from 'vitest'
import { type Crash, patienceAfter } from '../../cli/up/patience.ts'

const crashes = (...all: [atS: number, livedS: number][]): Crash[] =>
  all.map(([atS, livedS]) => ({ atMs: atS * 1000, livedMs: livedS * 1000 }))

test('the first crash is followed by a new start at once, the next ones by ever more patience', () => {
  expect(patienceAfter(crashes([1, 1]), 0.5)).toEqual({ again: true, delayMs: 50 })
  expect(patienceAfter(crashes([1, 1], [2, 1]), 0.5)).toEqual({ again: true, delayMs: 300 })
  expect(patienceAfter(crashes([1, 1], [2, 1], [3, 1]), 0.5)).toEqual({ again: true, delayMs: 1800 })
  expect(patienceAfter(crashes([1, 1], [2, 1], [3, 1], [4, 1]), 0.5)).toEqual({ again: true, delayMs: 10_800 })
})

test('chance spreads a delay by a quarter', () => {
  expect(patienceAfter(crashes([1, 1], [2, 1]), 0)).toMatchObject({ delayMs: 225 })
  expect(patienceAfter(crashes([1, 1], [2, 1]), 1)).toMatchObject({ delayMs: 375 })
})

test('a minute of health forgives what was before', () => {
  expect(patienceAfter(crashes([1, 1], [2, 1], [3, 1], [64, 60]), 0.5)).toEqual({ again: true, delayMs: 50 })
  expect(patienceAfter(crashes([1, 1], [64, 60], [65, 1]), 0.5)).toMatchObject({ delayMs: 50 })
  expect(patienceAfter(crashes([1, 1], [64, 60], [65, 1], [66, 1]), 0.5)).toMatchObject({ delayMs: 300 })
})

test('the fifth crash within ten minutes is the last one, however long each life was', () => {
  expect(patienceAfter(crashes([100, 60], [200, 60], [300, 60], [400, 60], [500, 60]), 0.5)).toEqual({ again: false })
})

test('five crashes in more than ten minutes are no quarantine', () => {
  expect(patienceAfter(crashes([0, 60], [200, 60], [300, 60], [400, 60], [600, 60]), 0.5)).toMatchObject({
    again: true,
  })
})
