import { type ExitRecorded, type KeptFact, MatterCorrected, type MatterLogged, parse } from '@recyclique/contracts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { mergeCategory } from '../../kernel/centre/merge-category.ts'
import type { CorrectLine } from '../../kernel/matter/correct-line.ts'
import { correctionsOf } from '../../kernel/matter/corrections.ts'
import { byId, category, line, openReception, type Reception, refusal, TODAY } from './reception.ts'

let r: Reception
beforeEach(async () => {
  r = await openReception()
})
afterEach(() => r.done())

const textile = (grossGrams: number) => ({ categoryId: 'textile', grossGrams })

const ofLine = ({ data }: KeptFact<MatterLogged>) =>
  ({ sourceKind: 'deposit', sourceId: data.depositId, lineId: data.lineId, expectedNetGrams: data.netGrams }) as const

const ofExit = ({ data }: KeptFact<ExitRecorded>) =>
  ({
    sourceKind: 'exit',
    sourceId: data.exitId,
    lineId: data.lines[0]?.lineId ?? '',
    expectedNetGrams: data.lines[0]?.netGrams ?? 0,
  }) as const

test('960 kg that were 960 g: confirmed, then corrected, with old value, author and both totals (scenario 11)', async () => {
  const { depositId } = (await r.open()).data
  await r.weigh(depositId, textile(4_000))
  expect(await refusal(r.weigh(depositId, textile(960_000)))).toMatchObject({ code: 'weight-unusual' })
  const wrong = await r.weigh(depositId, { ...textile(960_000), confirmed: true })
  await r.close(depositId)

  const fact = await r.correct({ ...ofLine(wrong), after: textile(960) }, 'benevole-7')
  expect(fact).toMatchObject({ journal: 'post-quai', actor: 'benevole-7', businessDate: TODAY })
  expect(fact.data).toMatchObject({
    line: 2,
    revision: 2,
    before: { netGrams: 960_000, isConfirmed: true },
    after: { netGrams: 960, isConfirmed: false, method: 'weighed', destination: 'shop' },
    sourceGramsBefore: 964_000,
    sourceGramsAfter: 4_960,
  })
  expect(parse(MatterCorrected.data, fact.data)).toEqual(fact.data)
  expect(await r.moved()).toEqual([{ grams: 4_000 }, { grams: 960_000 }, { grams: -960_000 }, { grams: 960 }])
})

test('a correction counts on the day of the line, whenever it is made', async () => {
  const weighed = await r.receive('textile', 9_000)
  r.setClock('2026-04-02T09:00:00.000Z')
  expect(await r.correct({ ...ofLine(weighed), after: textile(900) })).toMatchObject({ businessDate: TODAY })
  expect(byId(await r.stock(TODAY, TODAY)).textile).toMatchObject({ inGrams: 900, closingGrams: 900 })
  expect(byId(await r.stock('2026-04-01', '2026-04-30')).textile).toMatchObject({ openingGrams: 900, inGrams: 0 })
})

test('of two corrections at once only one applies', async () => {
  const weighed = await r.receive('textile', 9_000)
  const both = await Promise.allSettled([
    r.correct({ ...ofLine(weighed), after: textile(900) }),
    r.correct({ ...ofLine(weighed), after: { categoryId: 'livres', grossGrams: 9_000 } }),
  ])
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'already-corrected' } })
})

test('of two corrections that leave the weight alone only one applies, when both say which revision they saw', async () => {
  const weighed = await r.receive('textile', 9_000)
  const both = await Promise.allSettled(
    ['livres', 'divers'].map((categoryId) =>
      r.correct({ ...ofLine(weighed), revision: 1, after: { categoryId, grossGrams: 9_000 } }),
    ),
  )
  expect(both).toMatchObject([
    { status: 'fulfilled' },
    { status: 'rejected', reason: { code: 'already-corrected', field: '/revision' } },
  ])
})

test('an exit of tonnes is corrected without a confirmation', async () => {
  const exit = await r.exit({ kind: 'bins', lines: [line('divers', 1_000)] })
  const fact = await r.correct({ ...ofExit(exit), after: { categoryId: 'divers', grossGrams: 12_000_000 } })
  expect(fact.data).toMatchObject({ sourceGramsAfter: 12_000_000 })
})

test('every correction can be read again, with its note, its author and what stood there before', async () => {
  const weighed = await r.receive('textile', 9_000)
  const { sourceId } = ofLine(weighed)
  await r.correct({ ...ofLine(weighed), after: textile(900), note: 'virgule oubliée' }, 'benevole-7')
  await r.correct({ ...ofLine(weighed), expectedNetGrams: 900, after: null })
  expect(await correctionsOf(r.store.read, sourceId)).toMatchObject([
    { actor: 'benevole-7', before: { netGrams: 9_000 }, after: { netGrams: 900 }, note: 'virgule oubliée' },
    { actor: 'manager', before: { netGrams: 900 }, after: null, sourceGramsBefore: 900, sourceGramsAfter: 0 },
  ])
})

test('a line is corrected again by who saw the last correction', async () => {
  const weighed = await r.receive('textile', 9_000)
  await r.correct({ ...ofLine(weighed), after: textile(900) })
  const again = await r.correct({ ...ofLine(weighed), expectedNetGrams: 900, after: textile(950) })
  expect(again.data).toMatchObject({ revision: 3, before: { netGrams: 900 }, sourceGramsAfter: 950 })
})

test('another category takes the weight over, and the totals of the deposit stay', async () => {
  const weighed = await r.receive('textile', 9_000)
  const fact = await r.correct({ ...ofLine(weighed), after: { categoryId: 'livres', grossGrams: 9_000 } })
  expect(fact.data).toMatchObject({ sourceGramsBefore: 9_000, sourceGramsAfter: 9_000 })
  const stock = byId(await r.stock(TODAY, TODAY))
  expect(stock.textile).toMatchObject({ inGrams: 0, closingGrams: 0 })
  expect(stock.livres).toMatchObject({ inGrams: 9_000, closingGrams: 9_000 })
})

test('a line is struck out, and can come back', async () => {
  const weighed = await r.receive('textile', 9_000)
  const struck = await r.correct({ ...ofLine(weighed), after: null })
  expect(struck.data).toMatchObject({ after: null, sourceGramsBefore: 9_000, sourceGramsAfter: 0 })
  expect(parse(MatterCorrected.data, struck.data)).toEqual(struck.data)
  expect(await refusal(r.correct({ ...ofLine(weighed), expectedNetGrams: 0, after: null }))).toMatchObject({
    code: 'nothing-to-correct',
  })
  const back = await r.correct({ ...ofLine(weighed), expectedNetGrams: 0, after: textile(9_000) })
  expect(back.data).toMatchObject({ before: null, sourceGramsBefore: 0, sourceGramsAfter: 9_000 })
  expect(await r.moved()).toEqual([{ grams: 9_000 }, { grams: -9_000 }, { grams: 9_000 }])
})

test('a correction that changes nothing is refused', async () => {
  const weighed = await r.receive('textile', 200_000)
  const same = r.correct({ ...ofLine(weighed), after: { ...textile(200_000), confirmed: true } })
  expect(await refusal(same)).toMatchObject({ code: 'nothing-to-correct', field: '/after' })
})

test('the new values obey the rules of a weighing', async () => {
  const weighed = await r.receive('textile', 9_000)
  const to = (after: CorrectLine['after']) => refusal(r.correct({ ...ofLine(weighed), after }))
  expect(await to({ ...textile(500), tareGrams: 500 })).toMatchObject({
    code: 'weight-not-over-tare',
    field: '/after/grossGrams',
  })
  expect(await to(textile(960_000))).toMatchObject({ code: 'weight-unusual', field: '/after/confirmed' })
  expect(await to({ categoryId: 'nuages', grossGrams: 1 })).toMatchObject({ code: 'unknown-reference' })
  const counted = { ...ofLine(weighed), after: { ...textile(500), method: 'counted' as const } }
  expect(await refusal(r.correct(counted))).toMatchObject({ code: 'quantity-missing', field: '/after/qty' })
})

test('a line keeps the category, name and tare of its day, whatever became of them', async () => {
  const { depositId } = (await r.open()).data
  const weighed = await r.weigh(depositId, { categoryId: 'deee', grossGrams: 12_400, containerId: 'chariot' })
  await r.record('container', { id: 'chariot', name: 'Chariot', tareGrams: 3_000, archived: true })
  await r.act(mergeCategory, { categoryId: 'deee', intoId: 'divers' })
  const after = { categoryId: 'deee', grossGrams: 14_400, containerId: 'chariot' }
  const fact = await r.correct({ ...ofLine(weighed), after })
  expect(fact.data.after).toMatchObject({ categoryName: 'deee', tareGrams: 2_000, netGrams: 12_400 })
})

test('a correction cannot bring an archived category to a line that did not have it', async () => {
  const weighed = await r.receive('textile', 9_000)
  await r.record('category', category({ id: 'deee', archived: true }))
  const after = { categoryId: 'deee', grossGrams: 9_000 }
  expect(await refusal(r.correct({ ...ofLine(weighed), after }))).toMatchObject({ code: 'archived' })
})

test('a line of an exit is corrected in the journal, the flow and the sign of exits', async () => {
  const exit = await r.exit({ kind: 'recycler', partnerId: 'le-relais', lines: [line('textile', 15_000)] })
  const fact = await r.correct({ ...ofExit(exit), after: textile(14_000), note: 'pesée du Relais' })
  expect(fact.journal).toBe('exits')
  expect(fact.data).toMatchObject({ flow: 'recycler', sourceGramsBefore: 15_000, sourceGramsAfter: 14_000 })
  expect(fact.data).not.toHaveProperty('postId')
  expect(fact.data.after).not.toHaveProperty('destination')
  expect(parse(MatterCorrected.data, fact.data)).toEqual(fact.data)
  expect(JSON.stringify(fact)).not.toContain('pesée')
  expect(byId(await r.stock(TODAY, TODAY)).textile).toMatchObject({ outGrams: 14_000, out: { recycler: 14_000 } })
})

test('a line that is not of this deposit is not found', async () => {
  const one = await r.receive('textile', 9_000)
  const other = await r.receive('textile', 9_000)
  const crossed = { ...ofLine(one), sourceId: other.data.depositId, after: null }
  expect(await refusal(r.correct(crossed))).toMatchObject({ code: 'not-found' })
  expect(await refusal(r.correct({ ...crossed, sourceKind: 'exit' }))).toMatchObject({ code: 'not-found' })
})

test('a correction in training stays in training and moves nothing', async () => {
  const { depositId } = (await r.open({ mode: 'training' })).data
  const weighed = await r.weigh(depositId, {})
  const fact = await r.correct({ ...ofLine(weighed), after: textile(900) })
  expect(fact).toMatchObject({ journal: 'training-post-quai', mode: 'training' })
  expect(await r.moved()).toEqual([])
})
