import { afterEach, beforeEach, expect, test } from 'vitest'
import { MOST_DEATHS, openFatalFacts } from '../../kernel/registry/fatal-facts.ts'
import type { Change } from '../../kernel/store/table.ts'
import { openTestLedger, type TestLedger } from '../support/ledger.ts'

let r: TestLedger
beforeEach(async () => {
  r = await openTestLedger()
})
afterEach(() => r.close())

const open = () =>
  openFatalFacts({
    read: r.store.read,
    write: (changes: readonly Change[]) =>
      r.store.write(async (tx) => {
        for (const change of changes) await tx.change(change)
      }),
  })
const dies = async (times: number, position = 41) => {
  const fatal = await open()
  let deaths = 0
  for (let n = 0; n < times; n += 1) deaths = await fatal.died('stock', { position, floor: 40 })
  return deaths
}

test('deaths with one fact in hand add up, also over a new start of the kernel', async () => {
  expect(await dies(3)).toBe(3)
  expect(await dies(1)).toBe(4)
})

test('a death with another fact in hand begins to count anew', async () => {
  await dies(4)

  expect(await dies(1, 42)).toBe(1)
  expect(await dies(1)).toBe(1)
})

test('a store that stands right before a fact that was too much has passed it, and no other', async () => {
  await dies(MOST_DEATHS - 1)
  expect((await open()).passedFrom('stock', 40)).toBe(undefined)
  await dies(1)
  const fatal = await open()

  expect([39, 40, 41].map((own) => fatal.passedFrom('stock', own))).toEqual([undefined, 41, undefined])
  expect(fatal.passedFrom('other', 40)).toBe(undefined)
})

test('a module that is told its past again may try once more', async () => {
  await dies(MOST_DEATHS)
  const fatal = await open()
  await fatal.rewound('stock', 40)
  expect(fatal.passedFrom('stock', 40)).toBe(41)
  await fatal.rewound('stock', 0)

  expect(fatal.passedFrom('stock', 40)).toBe(undefined)
  expect((await open()).passedFrom('stock', 40)).toBe(undefined)
})
