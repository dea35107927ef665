import { wayRound } from '@recyclique/contracts'
import { expect, test } from 'vitest'

const round = (name: string, needs: Record<string, string[]>) => wayRound(name, new Map(Object.entries(needs)))

test('of several ways round the shortest is told', () => {
  expect(round('a', { a: ['b', 'c'], b: ['d'], d: ['a'], c: ['a'] })).toEqual(['a', 'c', 'a'])
  expect(round('a', { a: ['b', 'a'], b: ['a'] })).toEqual(['a', 'a'])
})

test('whoever only leads into a circle does not stand in it', () => {
  expect(round('a', { a: ['b', 'away'], b: ['c'], c: ['b'] })).toBeUndefined()
  expect(round('nobody', {})).toBeUndefined()
})
