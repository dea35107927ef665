import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { moduleFact, PostChanged, unkeepable } from '@recyclique/contracts'
import { Type } from '@sinclair/typebox'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { factOf } from '../../kernel/ledger/row.ts'
import { digestOf, type TellFact, tellFact } from '../../kernel/ledger/tell-fact.ts'
import { projection } from '../../kernel/projection.ts'
import { rebuildIn, verifyIn, withCopy } from '../support/check.ts'
import { play, setUp, steps } from '../support/history.ts'
import { openTestLedger, type TestLedger } from '../support/ledger.ts'

let t: TestLedger

beforeEach(async () => {
  t = await openTestLedger()
})
afterEach(() => t.close())

const printed = (code: string, more: Partial<TellFact> = {}): TellFact => ({
  ...{ name: 'labels.printed', version: 1, mode: 'live', data: { code } },
  ...more,
})
const tell = (body: TellFact) => t.do(tellFact, body, { actor: 'module.labels' })

test('what a module tells counts for its day, in its own journal, and is read as it was told', async () => {
  const { facts } = await tell(printed('A1', { version: 3 }))

  expect(facts).toMatchObject([
    {
      ...{ position: 1, seq: 1, journal: 'module-labels', mode: 'live', name: 'labels.printed', version: 3 },
      ...{ businessDate: '2026-03-10', actor: 'module.labels', data: { code: 'A1' } },
    },
  ])
})

test('a ledger in which modules told among sales is sound, and is rebuilt to the same tables', async () => {
  await setUp(t)
  const [first = [], second = []] = fc.sample(steps(40), { numRuns: 2, seed: 7 })
  await play(t, first)
  for (const mode of ['live', 'training', 'live'] as const) await tell(printed('A1', { mode }))
  await play(t, second)
  await tell(printed('A2', { data: { code: 'A2', nested: [1.5, null, { é: '\u0000"\\' }] } }))

  expect(await verifyIn(t.dir)).toMatchObject({ ok: true, flaws: [], found: 0 })
  await withCopy(t.dir, async (dir) => {
    expect(await rebuildIn(dir)).toMatchObject({ isRebuilt: true, differing: 0, flaws: [] })
    expect(await verifyIn(dir)).toMatchObject({ ok: true, flaws: [] })
  })
})

test('a fact that a module told changes no table, even under a name that the kernel’s own facts bear today', async () => {
  await setUp(t)
  const records = () => t.store.read.all('SELECT * FROM record')
  const before = await records()
  const { facts } = await tell(printed('', { name: PostChanged.name, version: 99, data: { id: 'door', name: 'mine' } }))

  expect(await records()).toEqual(before)
  expect(facts).toMatchObject([{ journal: 'module-post', version: 99, data: { id: 'door', name: 'mine' } }])
  const [row] = await t.ledger.rows(facts[0]?.position ?? 0, 1)
  expect(row && factOf(row, projection.specs).version).toBe(99)
  expect(await verifyIn(t.dir)).toMatchObject({ ok: true, flaws: [] })
})

test('an altered fact of a module is found like any other', async () => {
  await tell(printed('A1'))
  await tell(printed('A2'))
  await withCopy(t.dir, async (dir) => {
    const db = new DatabaseSync(join(dir, 'ledger.sqlite'))
    db.exec(`DROP TRIGGER no_update_ledger; UPDATE ledger SET data = '{"code":"B1"}' WHERE position = 1`)
    db.close()
    expect(await verifyIn(dir)).toMatchObject({
      ok: false,
      flaws: [expect.objectContaining({ position: 1, why: expect.stringMatching(/altered/) })],
    })
  })
})

test('the digest knows the data by what they say, and not by how they are written', () => {
  const [a, b] = [printed('', { data: { x: 1, y: 2 } }), printed('', { data: { y: 2, x: 1.0 } })]
  expect(digestOf(a)).toBe(digestOf(b))
  expect(digestOf(a)).toBe(digestOf({ ...a, version: 2 }))
  for (const other of [{ data: { x: 1 } }, { mode: 'training' as const }, { name: 'labels.burnt' }])
    expect(digestOf({ ...a, ...other })).not.toBe(digestOf(a))
})

test.each([
  [{ a: ['\ud800'] }, '/a/0'],
  [{ 'a/b': { '~': Number.POSITIVE_INFINITY } }, '/a~1b/~0'],
  [{ a: { '\udc00': 1 } }, '/a'],
])('%j cannot be kept: %s', (data, field) => {
  expect(unkeepable(data)).toMatchObject({ field })
})

test.each([{ a: '\u0000 😀', b: [null, true, -0, 1e300], c: {} }])('%j can be kept', (data) => {
  expect(unkeepable(data)).toBeUndefined()
})

test('a module’s fact is numbered in the journal of the module that its name begins with', () => {
  const spec = moduleFact({ name: 'labels.roll.changed', version: 1, data: Type.Object({}) })
  expect(spec).toMatchObject({ name: 'labels.roll.changed', journalForm: 'module-labels', upcast: {} })
  expect(spec.journal({})).toBe('module-labels')
})
