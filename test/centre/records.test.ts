import type { RecordKind, RecordOf } from '@recyclique/contracts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { changeRecord } from '../../kernel/centre/change-record.ts'
import { allRecords, findRecord, recordsById } from '../../kernel/centre/records.ts'
import { openDeposit } from '../../kernel/matter/open-deposit.ts'
import { category, refusal } from '../matter/reception.ts'
import { cash, openTill, type Till } from '../sales/till.ts'

let t: Till
beforeAll(async () => {
  t = await openTill()
})
afterAll(() => t.done())

const partner = (id: string, more: object = {}) => ({ id, name: id, kind: 'recycler' as const, ...more })
const method = (id: string, kind: RecordOf<'payment-method'>['kind'], more: object = {}) =>
  t.record('payment-method', { id, name: id, kind, debitAccount: '530', refundAccount: '530', ...more })
const find = <K extends RecordKind>(kind: K, id: string) => findRecord(t.store.read, kind, id)

test('a record that is set up is a fact that carries it whole, in the journal of master data', async () => {
  const [fact] = (await t.record('partner', partner('le-relais'))).facts
  expect(fact).toMatchObject({ name: 'partner.changed', journal: 'master', data: partner('le-relais') })
  expect(await find('partner', 'le-relais')).toEqual(partner('le-relais'))
})

test('a change carries the whole record again: what it leaves out is gone', async () => {
  await method('bon', 'voucher', { minCents: 100 })
  await method('bon', 'voucher')
  expect(await find('payment-method', 'bon')).not.toHaveProperty('minCents')
})

test('a record that is unchanged gives no fact, in whatever order its fields come', async () => {
  await t.record('partner', partner('emmaus'))
  const before = t.ledger.head
  const { id, name, kind } = partner('emmaus')
  expect((await t.record('partner', { kind, name, id })).facts).toEqual([])
  expect(t.ledger.head).toEqual(before)
})

test('nothing is deleted: what is archived stays readable, and comes back', async () => {
  await t.record('partner', partner('recyclo', { archived: true }))
  expect((await allRecords(t.store.read, 'partner')).map(({ id }) => id)).toContain('recyclo')
  expect(await find('partner', 'recyclo')).toMatchObject({ archived: true })
  await t.record('partner', partner('recyclo'))
  expect(await find('partner', 'recyclo')).not.toHaveProperty('archived')
})

test('ids that do not exist are missing from a look-up of several, and no ids ask nothing', async () => {
  expect([...(await recordsById(t.store.read, 'category', ['livres', 'nuages', 'livres'])).keys()]).toEqual(['livres'])
  expect((await recordsById(t.store.read, 'category', [])).size).toBe(0)
})

test('the same id may stand for a register and for a post: each kind has its own', async () => {
  await t.record('post', { id: 'caisse', name: 'Quai' })
  expect((await find('register', 'caisse'))?.name).toBe('Caisse')
  expect((await find('post', 'caisse'))?.name).toBe('Quai')
})

test('a person’s name stands in the personal data only: no fact bears it', async () => {
  const user = { id: 'benevole-7', roles: ['caisse'] }
  const [fact] = (await t.act(changeRecord, { kind: 'user', record: user, personName: 'Léa Martin' })).facts
  expect(fact).toMatchObject({ name: 'user.changed', data: user })
  expect(JSON.stringify(await t.ledger.rows(1, 1_000))).not.toContain('Martin')
  expect(await t.personal('user/benevole-7')).toMatchObject({ kind: 'name', text: 'Léa Martin' })
})

test('a name that changes alone changes no fact, and a change of roles leaves the name alone', async () => {
  const change = (roles: string[], personName?: string) =>
    t.act(changeRecord, { kind: 'user', record: { id: 'paul', roles }, personName })
  await change(['caisse'], 'Paul')
  expect((await change(['caisse'], 'Paul Petit')).facts).toEqual([])
  expect((await change(['caisse', 'quai'])).facts).toHaveLength(1)
  expect(await t.personal('user/paul')).toMatchObject({ text: 'Paul Petit' })
})

test('a kernel keeps one site: a second one is refused, the first one may change', async () => {
  const site = (id: string, name: string) =>
    t.record('site', { id, name, timeZone: 'Europe/Paris', vatRegime: 'exempt' })
  expect(await refusal(site('annexe', 'Annexe'))).toMatchObject({ code: 'wrong-site', field: '/id' })
  expect((await site('centre', 'Le grand centre')).facts).toHaveLength(1)
})

test('a second cash method is refused: a drawer holds one kind of cash', async () => {
  const { code, field, message } = await refusal(method('caisse-2', 'cash'))
  expect({ code, field }).toEqual({ code: 'second-cash-method', field: '/kind' })
  expect(message).toContain("'especes' is the cash method already")
})

test('the cash method itself may change, an archived one is no second one, and another kind cannot become one', async () => {
  expect((await method('especes', 'cash', { debitAccount: '531' })).facts).toHaveLength(1)
  expect((await method('francs', 'cash', { archived: true })).facts).toHaveLength(1)
  expect(await refusal(method('francs', 'cash'))).toMatchObject({ code: 'second-cash-method' })
  expect(await refusal(method('carte', 'cash'))).toMatchObject({ code: 'second-cash-method' })
})

test('the cash method cannot leave its use while a drawer is open: what was counted in is counted out under it', async () => {
  expect(await refusal(method('especes', 'cash', { archived: true }))).toMatchObject({
    code: 'still-in-use',
    field: '/archived',
  })
  expect(await refusal(method('especes', 'voucher'))).toMatchObject({ code: 'still-in-use', field: '/kind' })
})

test('of two first cash methods at the same moment one is refused', async () => {
  const alone = await openTill()
  const cashMethod = (id: string, archived = false) =>
    alone.record('payment-method', { id, name: id, kind: 'cash', debitAccount: '530', refundAccount: '530', archived })
  await alone.close([cash(5_000)])
  await cashMethod('especes', true)
  const both = await Promise.allSettled([cashMethod('pieces'), cashMethod('billets')])
  await alone.done()
  expect(both).toMatchObject([{ status: 'fulfilled' }, { status: 'rejected', reason: { code: 'second-cash-method' } }])
})

test('limits stand in their order: the lowest above the highest is refused', async () => {
  const wrong = { minCents: 501, maxCents: 500 }
  expect(await refusal(method('bon-2', 'voucher', wrong))).toMatchObject({ code: 'price-range', field: '/minCents' })
  const livres = t.record('category', category({ id: 'livres', ...wrong }))
  expect(await refusal(livres)).toMatchObject({ code: 'price-range', field: '/minCents' })
  expect((await method('bon-2', 'voucher', { minCents: 500, maxCents: 500 })).facts).toHaveLength(1)
})

test('a register with an open session cannot be archived, and can once it is closed', async () => {
  const { registerId } = (await t.fresh({ floatCents: 0 })).data
  const archive = () => t.record('register', { id: registerId, name: registerId, archived: true })
  const { code, field, message } = await refusal(archive())
  expect({ code, field }).toEqual({ code: 'still-in-use', field: '/archived' })
  expect(message).toContain('a cash session is open on it')
  await t.close([])
  expect((await archive()).facts).toHaveLength(1)
})

test('a post at which a deposit is being weighed cannot be archived', async () => {
  await t.record('post', { id: 'quai', name: 'Quai' })
  await t.act(openDeposit, { postId: 'quai', origin: 'voluntary' })
  const archive = t.record('post', { id: 'quai', name: 'Quai', archived: true })
  expect(await refusal(archive)).toMatchObject({ code: 'still-in-use', field: '/archived' })
})

test('the centre itself cannot be archived', async () => {
  const site = {
    id: 'centre',
    name: 'Le centre',
    timeZone: 'Europe/Paris',
    vatRegime: 'exempt',
    archived: true,
  } as const
  expect(await refusal(t.record('site', site))).toMatchObject({ code: 'still-in-use' })
})

test('the last user in use cannot be archived: nobody could act any more', async () => {
  const alone = await openTill()
  const user = (id: string, archived = false) => alone.record('user', { id, roles: [], archived })
  await Promise.all([user('lea'), user('paul')])
  await user('paul', true)
  const last = await refusal(user('lea', true))
  await alone.done()
  expect(last).toMatchObject({ code: 'still-in-use', field: '/archived' })
})
