import type { Manifest } from '@recyclique/contracts'
import { expect, test } from 'vitest'
import { circleThrough, conflictsWith, unmetNeeds } from '../../kernel/registry/needs.ts'
import { manifestOf } from './module-on-wire.ts'

const needing = (name: string, ...others: string[]): Manifest =>
  manifestOf(name, { requires: Object.fromEntries(others.map((other) => [other, '*'])) })
const at = (name: string, version: string) => [{ name, version }]

test.each([
  ['^1.2.3', ['1.2.3', '1.9.0'], ['1.2.2', '2.0.0']],
  ['^0.2.3', ['0.2.9'], ['0.3.0']],
  ['^0.0.3', ['0.0.3'], ['0.0.4']],
  ['~1.2.3', ['1.2.9'], ['1.3.0']],
  ['~1', ['1.9.9'], ['2.0.0']],
  ['*', ['7.0.0'], ['7.0.0-rc.1']],
  ['1.2.3', ['1.2.3'], ['1.2.4']],
  ['^2.1.0-rc.1', ['2.1.0-rc.1', '2.1.0'], ['2.2.0-rc.1']],
])('%s is met by %j, and not by %j', (range, good, bad) => {
  const manifest = manifestOf('figures', { requires: { auth: range } })
  for (const version of good) expect(unmetNeeds(manifest, at('auth', version)), version).toEqual([])
  for (const version of bad) expect(unmetNeeds(manifest, at('auth', version)), version).toHaveLength(1)
})

test('what is optional may be away, and where it is there its version counts', () => {
  const manifest = manifestOf('figures', { optional: { cache: '^2' } })
  expect(unmetNeeds(manifest, [])).toEqual([])
  expect(unmetNeeds(manifest, at('cache', '1.0.0'))).toEqual(["It waits for 'cache' ^2; at work is 1.0.0."])
})

test('every missing one is named', () => {
  expect(unmetNeeds(needing('figures', 'a', 'b'), [])).toHaveLength(2)
})

test('a circle is found over several, and told as the way round', () => {
  const all = [needing('b', 'c', 'x'), needing('c', 'd'), needing('d', 'a'), needing('x')]
  expect(circleThrough(needing('a', 'x', 'b'), all)).toEqual(['a', 'b', 'c', 'd', 'a'])
  expect(circleThrough(needing('x'), [...all, needing('a', 'b')])).toBeUndefined()
  expect(circleThrough(needing('self', 'self'), [])).toEqual(['self', 'self'])
})

test('a circle of others is not one’s own', () => {
  expect(circleThrough(needing('a', 'b'), [needing('b', 'c'), needing('c', 'b')])).toBeUndefined()
})

test('a conflict counts for the versions that it names, from both sides', () => {
  const picky = manifestOf('new-sync', { conflicts: { 'old-sync': '<2' } })
  const old = (version: string) => manifestOf('old-sync', { version })
  expect(conflictsWith(picky, [old('1.9.0')])).toHaveLength(1)
  expect(conflictsWith(old('1.9.0'), [picky])).toHaveLength(1)
  expect(conflictsWith(picky, [old('2.0.0')])).toEqual([])
})
