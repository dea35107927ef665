import { expect, test } from 'vitest'
import { planStart } from '../../cli/workshop/order.ts'

const module = (name: string, requires: Record<string, string> = {}, version = '1.0.0') => ({
  name,
  manifest: { version, requires },
})
const names = (of: readonly { module: { name: string } }[]) => of.map(({ module: { name } }) => name)

test('without needs the given order stands', () => {
  expect(names(planStart([module('c'), module('a'), module('b')]).turns)).toEqual(['c', 'a', 'b'])
})

test('a need moves only who needs', () => {
  const { turns } = planStart([module('x'), module('top', { base: '*' }), module('y'), module('base')])
  expect(names(turns)).toEqual(['x', 'y', 'base', 'top'])
})

test('a circle refuses each member with its own way round, and nobody else', () => {
  const plan = planStart([
    module('a', { b: '*' }),
    module('b', { c: '*' }),
    module('c', { a: '*' }),
    module('beside', { a: '*' }),
    module('apart'),
  ])
  expect(plan.refused.map(({ module: { name }, why }) => [name, why])).toEqual([
    ['a', 'it needs itself: a → b → c → a'],
    ['b', 'it needs itself: b → c → a → b'],
    ['c', 'it needs itself: c → a → b → c'],
  ])
  expect(names(plan.turns)).toEqual(['beside', 'apart'])
})

test('one that needs itself alone is a circle of one', () => {
  expect(planStart([module('a', { a: '*' })]).refused[0]?.why).toBe('it needs itself: a → a')
})

test('who needs another version waits, and so does who needs the one that waits', () => {
  const { turns } = planStart([
    module('auth', {}, '1.5.0'),
    module('analytics', { auth: '^2.0.0' }),
    module('report', { analytics: '*' }),
  ])
  expect(turns.map(({ waitsFor }) => waitsFor)).toEqual([
    [],
    ['auth ^2.0.0, but that is 1.5.0'],
    ['analytics, which waits itself'],
  ])
})
