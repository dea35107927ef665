import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { expect, test } from 'vitest'

/**
 * Every conformance case of the hooks specification, and how it is shown.
 *
 * `call`: written once and run three ways, as functions in memory, as modules in processes of their own that start in any order, and with
 * two processes a module. `live`: a kernel, a server and processes as they run, on the clock of the day. `workshop`: files, folders
 * and programs on disk, in processes where the case is about processes.
 */
const CASES: Record<string, readonly ('call' | 'live' | 'workshop')[]> = {
  ...are('O01', 'O56', 'call'),
  O57: ['workshop'],
  ...are('O58', 'O63', 'call'),
  O64: ['workshop'],
  O65: ['workshop'],
  ...are('O66', 'O72', 'call'),
  O73: ['workshop'],
  ...are('O74', 'O75', 'call'),
  O76: ['workshop'],
  ...are('O77', 'O83', 'call'),
  O84: ['workshop'],
  ...are('O85', 'O86', 'call'),
  ...are('O87', 'O111', 'workshop'),
  ...are('O112', 'O114', 'live'),
  ...are('O115', 'O116', 'workshop'),
  X01: ['call', 'live'],
  X02: ['call', 'live'],
  X03: ['live'],
  X04: ['live'],
  X05: ['call', 'live'],
  X06: ['call', 'live'],
  X07: ['call', 'live'],
  X08: ['call'],
  X09: ['live'],
  X10: ['call', 'live'],
  X11: ['call', 'live'],
  X12: ['call'],
  X13: ['live'],
  X14: ['live'],
  X15: ['live'],
  X16: ['call'],
  X17: ['workshop'],
  X18: ['call', 'live'],
}

function are(from: string, to: string, how: 'call' | 'live' | 'workshop') {
  const [first, last] = [Number(from.slice(1)), Number(to.slice(1))]
  const numbers = Array.from({ length: last - first + 1 }, (_, nth) => named('O', first + nth))
  return Object.fromEntries(numbers.map((number) => [number, [how]]))
}

function named(letter: string, number: number) {
  return `${letter}${String(number).padStart(2, '0')}`
}

const kindOf = (file: string) => {
  const [kind = ''] = basename(file).split('-')
  return kind === 'live' || kind === 'workshop' ? kind : 'call'
}

/** Each numbered title with the kind of its file. */
const told = globSync('test/conformance/*.test.ts').flatMap((file) =>
  [...readFileSync(file, 'utf8').matchAll(/^\s*test\(\s*['"`]([OX]\d+) /gm)].map(
    ([, number = '']) => `${number} ${kindOf(file)}`,
  ),
)

test('the table holds each of the 134 cases', () => {
  const all = [
    ...Array.from({ length: 116 }, (_, nth) => named('O', nth + 1)),
    ...Array.from({ length: 18 }, (_, nth) => named('X', nth + 1)),
  ]
  expect(Object.keys(CASES).sort()).toEqual(all.sort())
  expect(all).toHaveLength(134)
})

test('each case has a test of each kind that the table says, and no other', () => {
  const wanted = Object.entries(CASES).flatMap(([number, kinds]) => kinds.map((kind) => `${number} ${kind}`))
  expect([...new Set(told)].sort()).toEqual(wanted.sort())
})

test('a number that is told in memory is told once: it is one file’s theme', () => {
  const calls = told.filter((one) => one.endsWith(' call'))
  expect(calls.filter((one, nth) => calls.indexOf(one) < nth)).toEqual([])
})

test('the three ways are the three projects, and each holds every file of calls', () => {
  const config = readFileSync('vitest.config.ts', 'utf8')
  expect(config).toContain("inProcesses('processes')")
  expect(config).toContain("inProcesses('replicas')")
  expect(config).toContain("exclude: ['test/conformance/{every-case,hooks-of-the-kernel,workshop-*,live-*}.test.ts']")
})
