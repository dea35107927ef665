import { ExitRecorded, parse } from '@recyclique/contracts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { byId, category, line, openReception, type Reception, refusal, TODAY } from './reception.ts'

let r: Reception
beforeEach(async () => {
  r = await openReception()
})
afterEach(() => r.done())

test('an exit to a recycler takes its lines out of stock and sums them', async () => {
  const fact = await r.exit({
    kind: 'recycler',
    partnerId: 'le-relais',
    reference: 'BSD-2026/014',
    lines: [{ categoryId: 'textile', grossGrams: 52_000, containerId: 'chariot' }, line('divers', 8_000)],
  })
  expect(fact).toMatchObject({ journal: 'exits', seq: 1, mode: 'live', businessDate: TODAY })
  expect(fact.data).toMatchObject({ kind: 'recycler', reference: 'BSD-2026/014', totalGrams: 58_000 })
  expect(fact.data.lines.map(({ netGrams }) => netGrams)).toEqual([50_000, 8_000])
  expect(new Set([fact.data.exitId, ...fact.data.lines.map(({ lineId }) => lineId)]).size).toBe(3)
  expect(parse(ExitRecorded.data, fact.data)).toEqual(fact.data)
  expect(await r.moved()).toEqual([{ grams: -50_000 }, { grams: -8_000 }])
})

test('five hundred lines have five hundred ids', async () => {
  const lines = Array.from({ length: 500 }, () => line('divers', 1))
  const { data } = await r.exit({ kind: 'bins', lines })
  expect(new Set([data.exitId, ...data.lines.map(({ lineId }) => lineId)]).size).toBe(501)
  expect(parse(ExitRecorded.data, data)).toEqual(data)
})

test('an exit to recycling raises what went out, and what was received stays (scenario 12)', async () => {
  await r.receive('textile', 20_000)
  const before = byId(await r.stock(TODAY, TODAY)).textile
  await r.exit({ kind: 'recycler', partnerId: 'le-relais', lines: [line('textile', 15_000)] })
  const after = byId(await r.stock(TODAY, TODAY)).textile
  expect(after).toMatchObject({ inGrams: before?.inGrams, outGrams: 15_000, closingGrams: 5_000 })
  expect(after?.out).toEqual({ sale: 0, recycler: 15_000, partner: 0, donation: 0, bins: 0, 'waste-centre': 0 })
})

test.each([
  ['recycler', undefined],
  ['recycler', 'emmaus'],
  ['partner', undefined],
  ['partner', 'le-relais'],
] as const)('an exit of kind %s with partner %s is refused', async (kind, partnerId) => {
  const exit = r.exit({ kind, ...(partnerId ? { partnerId } : {}), lines: [line('textile', 1_000)] })
  expect(await refusal(exit)).toMatchObject({ code: 'partner-required', field: '/partnerId' })
})

test('an exit names a partner that is known and in use', async () => {
  const to = (partnerId: string) => r.exit({ kind: 'donation', partnerId, lines: [line('textile', 1_000)] })
  expect(await refusal(to('nobody'))).toMatchObject({ code: 'unknown-reference', field: '/partnerId' })
  await r.record('partner', { id: 'emmaus', name: 'Emmaüs', kind: 'partner', archived: true })
  expect(await refusal(to('emmaus'))).toMatchObject({ code: 'archived', field: '/partnerId' })
})

test.each(['donation', 'bins', 'waste-centre'] as const)('an exit of kind %s needs no partner', async (kind) => {
  expect((await r.exit({ kind, lines: [line('textile', 1_000)] })).data.kind).toBe(kind)
})

test('only bins can be ultimate waste', async () => {
  const lines = [line('divers', 1_000)]
  expect((await r.exit({ kind: 'bins', isUltimate: true, lines })).data.isUltimate).toBe(true)
  expect(await refusal(r.exit({ kind: 'donation', isUltimate: true, lines }))).toMatchObject({
    code: 'exit-invalid',
    field: '/isUltimate',
  })
})

test('one wrong line refuses the whole exit, and the refusal names the line', async () => {
  const withSecond = (second: object) =>
    refusal(r.exit({ kind: 'bins', lines: [line('divers', 1_000), { ...line('divers', 1_000), ...second }] }))
  expect(await withSecond({ tareGrams: 1_000 })).toMatchObject({
    code: 'weight-not-over-tare',
    field: '/lines/1/grossGrams',
  })
  expect(await withSecond({ tareGrams: 1, containerId: 'chariot' })).toMatchObject({ field: '/lines/1/tareGrams' })
  expect(await withSecond({ categoryId: 'nuages' })).toMatchObject({ field: '/lines/1/categoryId' })
  expect(await r.moved()).toEqual([])
})

test('an exit leaves in tonnes, and nobody is asked whether that is right', async () => {
  expect((await r.exit({ kind: 'bins', lines: [line('divers', 12_000_000)] })).data.totalGrams).toBe(12_000_000)
})

test('an archived category leaves by no exit', async () => {
  await r.record('category', category({ id: 'deee', archived: true }))
  expect(await refusal(r.exit({ kind: 'bins', lines: [line('deee', 1_000)] }))).toMatchObject({ code: 'archived' })
})

test('an exit of last week is a late paper entry, one of tomorrow is refused', async () => {
  const lines = [line('divers', 1_000)]
  expect(await r.exit({ kind: 'bins', lines, businessDate: '2026-03-03' })).toMatchObject({
    mode: 'deferred',
    businessDate: '2026-03-03',
  })
  expect(await refusal(r.exit({ kind: 'bins', lines, businessDate: '2026-03-11' }))).toMatchObject({
    code: 'date-in-future',
  })
})

test('a training exit has a journal of its own and moves nothing', async () => {
  const fact = await r.exit({ kind: 'bins', mode: 'training', lines: [line('divers', 1_000)] })
  expect(fact).toMatchObject({ journal: 'training-exits', mode: 'training' })
  expect(await r.moved()).toEqual([])
})

test('a note of an exit never enters the fact', async () => {
  const fact = await r.exit({ kind: 'bins', lines: [line('divers', 1_000)], note: 'clé chez Madame Dupont' })
  expect(fact.data.hasNote).toBe(true)
  expect(JSON.stringify(fact)).not.toContain('Dupont')
})
