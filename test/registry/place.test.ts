import { expect, test } from 'vitest'
import { type Claim, placeFor } from '../../kernel/registry/place.ts'

const claim = (more: Partial<Claim>): Claim => ({
  ...{ found: undefined, resumeAfter: undefined, remembered: undefined, hearsFrom: 'start', head: 100 },
  ...{ hasSisters: false, isKnown: false, hasDead: false },
  ...more,
})
const at = (floor: number, delivered = floor, underWay = 0) => ({ floor, delivered, underWay })

test('a module that joins hears everything, or what comes from now on', () => {
  expect(placeFor(claim({}))).toBe(0)
  expect(placeFor(claim({ hearsFrom: 'now' }))).toBe(100)
})

test('a durable that is lost begins where the module’s own store ends, else where the kernel remembers', () => {
  expect(placeFor(claim({ resumeAfter: 40, remembered: 30 }))).toBe(40)
  expect(placeFor(claim({ remembered: 30 }))).toBe(30)
})

test('a durable that stands where the module’s store ends stays', () => {
  expect(placeFor(claim({ found: at(40), resumeAfter: 40 }))).toBe('stay')
})

test('a module that lost or restored its store is told again from there', () => {
  expect(placeFor(claim({ found: at(40), resumeAfter: 0 }))).toBe(0)
  expect(placeFor(claim({ found: at(40), resumeAfter: 25 }))).toBe(25)
  expect(placeFor(claim({ found: at(40), resumeAfter: 60 }))).toBe(60)
})

test('an empty store of a module that joins from now on does not ask for the past', () => {
  expect(placeFor(claim({ hearsFrom: 'now', resumeAfter: 0 }))).toBe(100)
  expect(placeFor(claim({ hearsFrom: 'now', resumeAfter: 0, found: at(40) }))).toBe('stay')
})

test('while a sister lives nothing is rewound, and a lost durable begins where she was', () => {
  expect(placeFor(claim({ found: at(40), resumeAfter: 5, hasSisters: true }))).toBe('stay')
  expect(placeFor(claim({ resumeAfter: 5, remembered: 40, hasSisters: true }))).toBe(40)
})

test('a process that announces again in the middle of a fact is left in peace', () => {
  expect(placeFor(claim({ found: at(40, 41, 1), resumeAfter: 40, isKnown: true }))).toBe('stay')
  expect(placeFor(claim({ found: at(40, 41, 1), resumeAfter: 3, isKnown: true }))).toBe(3)
  expect(placeFor(claim({ found: at(40, 41, 1), isKnown: true, hasDead: true }))).toBe('stay')
})

test('a fact that was taken, and whose acknowledgement died with the server, is not waited for', () => {
  expect(placeFor(claim({ found: at(0, 17, 1), resumeAfter: 17, isKnown: true }))).toBe(17)
  expect(placeFor(claim({ found: at(17), resumeAfter: 17, isKnown: true }))).toBe('stay')
})

test('the fact that a dead process held is given out at once', () => {
  expect(placeFor(claim({ found: at(40, 41, 1), hasDead: true }))).toBe(40)
  expect(placeFor(claim({ found: at(40, 41, 1), resumeAfter: 40, hasDead: true }))).toBe(40)
  expect(placeFor(claim({ found: at(40), hasDead: true }))).toBe('stay')
})
