import {
  CashSessionClosed,
  CashVarianceFlagged,
  parse,
  SaleRecorded,
  SaleRefunded,
  SaleVoided,
} from '@recyclique/contracts'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { closeSession } from '../../kernel/cash/close-session.ts'
import { category, refusal } from '../matter/reception.ts'
import { card, cash, cheque, openTill, type Till, thing } from '../sales/till.ts'

let t: Till
beforeAll(async () => {
  t = await openTill()
})
beforeEach(() => t.fresh())
afterAll(() => t.done())

const cashOf = ({ data }: { data: CashSessionClosed }) => data.perMethod.find(({ methodId }) => methodId === 'especes')
const flagsOf = (sessionId: string) =>
  t.store.read.all<{ data: string }>(
    "SELECT data FROM ledger WHERE name = 'cash.variance.flagged' AND data LIKE '%' || ? || '%'",
    sessionId,
  )

test('expected cash = float + cash in − change − refunds − disbursements ± transfers', async () => {
  const other = t.session
  await t.fresh({ floatCents: 5_050 })
  await t.sell({ lines: [thing(1_200)], payments: [cash(2_000)], changeCents: 800 })
  const mixed = await t.sell({ lines: [thing(900)], donationCents: 100, payments: [card(700), cash(300)] })
  await t.refund(mixed, [{ line: 1, qty: 1, cents: 400 }])
  await t.takeBack(await t.sell({ lines: [thing(999)], payments: [cash(1_000)], changeCents: 1 }))
  await t.move('top-up', 2_000)
  await t.move('bank', 1_500)
  await t.move('disbursement', 250)
  await t.move('transfer', 600, { toSessionId: other })
  await t.move('transfer', 75, { sessionId: other, toSessionId: t.session })

  // 50,50 + 20,00 − 8,00 + 3,00 − 4,00 + 10,00 − 0,01 − 10,00 + 0,01 + 20,00 − 15,00 − 2,50 − 6,00 + 0,75
  const closed = await t.close([cash(5_875), card(700)])
  expect(closed.data).toMatchObject({
    floatCents: 5_050,
    perMethod: [
      { methodId: 'carte', expectedCents: 700, countedCents: 700, varianceCents: 0 },
      { methodId: 'especes', expectedCents: 5_875, countedCents: 5_875, varianceCents: 0 },
    ],
    varianceCents: 0,
    movesCents: -275,
  })
  expect(parse(CashSessionClosed.data, closed.data)).toEqual(closed.data)
})

test('the sums of a session take refunds and voids into account (R2 2026-04-19: rollups that ignore reversals)', async () => {
  const sold = await t.sell({ lines: [thing(900)], donationCents: 100, payments: [cash(1_000)] })
  await t.refund(sold, [{ line: 1, qty: 1, cents: 400 }])
  await t.takeBack(await t.sell({ lines: [thing(700)], donationCents: 300 }))
  expect((await t.close([cash(5_600)])).data).toMatchObject({
    saleCount: 2,
    refundCount: 1,
    voidCount: 1,
    salesCents: 900,
    donationsCents: 100,
    refundsCents: -400,
  })
})

test('a session is closed in its drawer’s journal, and knows its next float afterwards', async () => {
  const closed = await t.close([cash(5_000)], { bankCents: 4_000 })
  expect(closed).toMatchObject({ name: 'cash.session.closed', journal: `drawer-${closed.data.registerId}`, seq: 2 })
  expect(await t.store.read.one('SELECT * FROM session WHERE id = ?', t.session)).toMatchObject({
    status: 'closed',
    closed_position: closed.position,
    next_float_cents: 1_000,
  })
})

test('the next float is what was counted less what goes to the bank (TiBillet/LaBoutik#56)', async () => {
  await t.sell({ lines: [thing(10_000)] })
  const { data } = await t.close([cash(14_900)], { bankCents: 9_900, reason: 'un billet perdu' })
  expect(data).toMatchObject({ bankCents: 9_900, nextFloatCents: 5_000, varianceCents: -100 })
})

test('no more goes to the bank than was counted', async () => {
  const close = (bankCents: number) => t.close([cash(5_000)], { bankCents })
  expect(await refusal(close(5_001))).toMatchObject({ code: 'move-invalid', field: '/bankCents' })
  expect((await close(5_000)).data.nextFloatCents).toBe(0)
})

test('a session that holds a ticket does not close, and says how many wait (scenario 8)', async () => {
  const ids = [t.newId(), t.newId()]
  for (const id of ids) await t.hold(id)
  expect((await refusal(t.close([cash(5_000)]))).message).toContain('2 held ticket(s) wait')
  await t.drop(ids[0] ?? '')
  await t.sell({ lines: [thing(300)], heldTicketId: ids[1] ?? '' })
  expect((await t.close([cash(5_300)])).data.saleCount).toBe(1)
})

test('a ticket that is held in the same turn as the close is seen by it', async () => {
  const [, close] = await Promise.allSettled([t.hold(t.newId()), t.close([cash(5_000)])])
  expect(close).toMatchObject({ status: 'rejected', reason: { code: 'tickets-held' } })
})

test('a ticket that another session holds keeps nobody from closing', async () => {
  await t.hold(t.newId())
  await t.fresh()
  expect((await t.close([cash(5_000)])).data.saleCount).toBe(0)
})

test('every method with something expected is counted: a missing one is refused by name', async () => {
  await t.sell({ lines: [thing(700)], payments: [card(700)] })
  const { code, field, message } = await refusal(t.close([cash(5_000)]))
  expect({ code, field }).toEqual({ code: 'count-missing', field: '/counted' })
  expect(message).toBe("Count 'carte' as well: 700 cents are expected.")
})

test('a method with nothing expected may be left out, or counted as nothing', async () => {
  const { data } = await t.close([cash(5_000), card(0)])
  expect(data.perMethod.map(({ methodId }) => methodId)).toEqual(['carte', 'especes'])
  await t.fresh()
  expect((await t.close([cash(5_000)])).data.perMethod).toHaveLength(1)
})

test('a card that gave back more than it took is counted below zero, and nothing differs; cash cannot be', async () => {
  const sale = await t.sell({ lines: [thing(400)], payments: [cash(400)] })
  await t.refund(sale, [{ line: 1, qty: 1, cents: 400 }], { payments: [card(400)] })
  expect(await refusal(t.close([cash(-5_400), card(-400)]))).toMatchObject({ code: 'cash-below-zero' })
  const { data } = await t.close([cash(5_400), card(-400)])
  expect(data).toMatchObject({ varianceCents: 0, hasReason: false })
})

test('an empty drawer without a sale closes with nothing counted', async () => {
  await t.fresh({ floatCents: 0 })
  expect((await t.close([])).data).toMatchObject({ nextFloatCents: 0, varianceCents: 0, saleCount: 0 })
})

test('a method that is counted twice, and one that nobody knows, are refused', async () => {
  expect(await refusal(t.close([cash(2_500), cash(2_500)]))).toMatchObject({
    code: 'count-doubled',
    field: '/counted/1/methodId',
  })
  expect(await refusal(t.close([cash(5_000), { methodId: 'troc', cents: 0 }]))).toMatchObject({
    code: 'unknown-reference',
    field: '/counted/1/methodId',
  })
})

test('2 € less than expected need a reason (scenario 8)', async () => {
  const { code, field, message } = await refusal(t.close([cash(4_800)]))
  expect({ code, field }).toEqual({ code: 'variance-unexplained', field: '/reason' })
  expect(message).toContain('-200 cents')
  const closed = await t.close([cash(4_800)], { reason: 'erreur de rendu' })
  expect(cashOf(closed)).toMatchObject({ expectedCents: 5_000, countedCents: 4_800, varianceCents: -200 })
})

test('a shortage and a surplus that cancel each other out need a reason too', async () => {
  await t.sell({ lines: [thing(1_000)], payments: [card(1_000)] })
  const counted = [cash(4_000), card(2_000)]
  expect(await refusal(t.close(counted))).toMatchObject({ code: 'variance-unexplained' })
  expect((await t.close(counted, { reason: 'inversés' })).data).toMatchObject({ varianceCents: 0, hasReason: true })
  expect(await flagsOf(t.session)).toHaveLength(1)
})

test('the reason stands in the personal data, never in the fact', async () => {
  const closed = await t.close([cash(4_800)], { reason: 'Paul a rendu deux fois' })
  expect(closed.data.hasReason).toBe(true)
  expect(JSON.stringify(closed)).not.toContain('Paul')
  expect(await t.personal(`session/${t.session}`)).toMatchObject({
    kind: 'variance-reason',
    text: 'Paul a rendu deux fois',
  })
})

test('a variance is told apart, beside the close, in the same journal', async () => {
  const counted = [cash(5_150)]
  const body = { sessionId: t.session, counted, reason: 'pourboire' }
  const [closed, flagged] = (await t.act(closeSession, body)).facts
  expect(flagged).toMatchObject({
    name: 'cash.variance.flagged',
    journal: closed?.journal,
    seq: (closed?.seq ?? 0) + 1,
  })
  expect(parse(CashVarianceFlagged.data, flagged?.data)).toMatchObject({ sessionId: t.session, varianceCents: 150 })
})

test('a count that is right flags nothing, with or without a word', async () => {
  expect((await t.close([cash(5_000)], { reason: 'tout est bon' })).data.hasReason).toBe(true)
  expect(await flagsOf(t.session)).toEqual([])
})

test('a training session closes in training', async () => {
  const { registerId } = (await t.fresh({ mode: 'training' })).data
  await t.sell({ lines: [thing(900)] })
  expect(await t.close([cash(5_900)])).toMatchObject({ mode: 'training', journal: `training-drawer-${registerId}` })
})

test('the Z is frozen: what happens to its sales, its methods and its register later changes nothing of it', async () => {
  const sale = await t.sell({ lines: [thing(900)], payments: [cheque(900, '42')] })
  const closed = await t.close([cash(5_000), cheque(900, '42')].map(({ methodId, cents }) => ({ methodId, cents })))
  const onDisk = () => t.store.read.one('SELECT data, hash FROM ledger WHERE position = ?', closed.position)
  const session = () => t.store.read.one('SELECT * FROM session WHERE id = ?', closed.data.sessionId)
  const before = [await onDisk(), await session()]
  await t.fresh()
  await t.refund(sale, [{ line: 1, qty: 1, cents: 900 }])
  const account = { debitAccount: '999', refundAccount: '999' }
  await t.record('payment-method', { id: 'cheque', name: 'Chèques', kind: 'cheque', ...account })
  await t.record('register', { id: closed.data.registerId, name: 'Ancienne', archived: true })
  expect([await onDisk(), await session()]).toEqual(before)
})

/** What the facts of a session come to, method by method: counted again from the chain, without the kernel's own tables. */
const recount = async ({ sessionId, floatCents }: CashSessionClosed) => {
  const by = new Map([['especes', floatCents]])
  const put = (method: string, cents: number) => by.set(method, (by.get(method) ?? 0) + cents)
  for (const { name, data } of await t.ledger.rows(1, 100_000)) {
    const fact = JSON.parse(data)
    if (fact.sessionId !== sessionId) continue
    if (name === 'cash.moved') put('especes', fact.cents)
    if ([SaleRecorded, SaleRefunded, SaleVoided].some((spec) => spec.name === name))
      for (const { methodId, cents, direction } of fact.payments) put(methodId, direction === 'in' ? cents : -cents)
  }
  return Object.fromEntries([...by].filter(([, cents]) => cents !== 0))
}

const Deed = fc.oneof(
  fc.record({ do: fc.constant('sell' as const), cents: fc.integer({ min: 1, max: 9_000 }), byCard: fc.boolean() }),
  fc.record({
    do: fc.constantFrom('take back', 'refund'),
    cents: fc.integer({ min: 1, max: 9_000 }),
    byCard: fc.boolean(),
  }),
  fc.record({ do: fc.constantFrom('top-up', 'disbursement', 'bank'), cents: fc.integer({ min: 1, max: 500 }) }),
)

test('whatever a session takes, its Z is what the facts of the chain come to', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(Deed, { maxLength: 8 }), async (deeds) => {
      await t.fresh({ floatCents: 10_000 })
      for (const deed of deeds) {
        if (deed.do === 'top-up' || deed.do === 'disbursement' || deed.do === 'bank') {
          await t.move(deed.do, deed.cents)
          continue
        }
        const pay = 'byCard' in deed && deed.byCard ? card : cash
        const sale = await t.sell({ lines: [thing(deed.cents)], payments: [pay(deed.cents)] })
        if (deed.do === 'take back') await t.takeBack(sale)
        if (deed.do === 'refund')
          await t.refund(sale, [{ line: 1, qty: 1, cents: deed.cents }], { payments: [pay(deed.cents)] })
      }
      const { data } = await t.close([cash(0), card(0)], { reason: 'un essai' })
      const expected = data.perMethod.map(({ methodId, expectedCents }) => [methodId, expectedCents] as const)
      expect(Object.fromEntries(expected.filter(([, cents]) => cents !== 0))).toEqual(await recount(data))
    }),
    { numRuns: 12 },
  )
})

test('the fact of a close is enough to keep the books by: payments, categories, days of refunded sales, cash that moved', async () => {
  const before = await t.sell({ lines: [thing(1_000)] })
  await t.close([cash(6_000)])
  await t.fresh()
  t.setClock('2026-03-12T10:00:00.000Z')
  await t.record('category', category({ id: 'livres', parentId: 'textile' }))
  const mixed = await t.sell({
    lines: [thing(900), thing(300, { categoryId: 'vaisselle' })],
    donationCents: 100,
    payments: [card(1_000), cash(500)],
    changeCents: 200,
  })
  await t.takeBack(await t.sell({ lines: [thing(700)], donationCents: 300 }))
  await t.refund(mixed, [{ line: 1, qty: 1, cents: 400 }], { payments: [card(400)] })
  await t.refund(before, [{ line: 1, qty: 1, cents: 250 }])
  await t.move('disbursement', 120, { subtype: 'timbres' })
  await t.move('disbursement', 30, { subtype: 'timbres' })
  await t.move('bank', 1_000)

  const { data } = await t.close([cash(3_900), card(600)])
  expect(data.booking).toEqual({
    methods: [
      { methodId: 'carte', name: 'carte', kind: 'card', debitAccount: '5112', refundAccount: '5112' },
      { methodId: 'especes', name: 'especes', kind: 'cash', debitAccount: '5112', refundAccount: '5112' },
    ],
    payments: [
      { methodId: 'carte', nature: 'refund', cents: -400 },
      { methodId: 'carte', nature: 'sale', cents: 1_000 },
      { methodId: 'especes', nature: 'donation', cents: 100 },
      { methodId: 'especes', nature: 'refund', cents: -250 },
      { methodId: 'especes', nature: 'sale', cents: 200 },
    ],
    lines: [
      { categoryIds: ['textile', 'livres'], categoryName: 'livres', cents: 900 },
      { categoryIds: ['textile', 'livres'], categoryName: 'livres', cents: -250, soldOn: '2026-03-10' },
      { categoryIds: ['textile', 'livres'], categoryName: 'livres', cents: -400, soldOn: '2026-03-12' },
      { categoryIds: ['vaisselle'], categoryName: 'vaisselle', cents: 300 },
    ],
    moves: [
      { kind: 'bank', cents: -1_000 },
      { kind: 'disbursement', subtype: 'timbres', cents: -150 },
    ],
  })
  expect(parse(CashSessionClosed.data, data)).toEqual(data)
})
