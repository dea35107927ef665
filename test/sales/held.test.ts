import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { category, refusal } from '../matter/reception.ts'
import { cash, openTill, type Till, thing } from './till.ts'

let t: Till
let heldTicketId: string
beforeAll(async () => {
  t = await openTill()
})
beforeEach(async () => {
  await t.fresh()
  heldTicketId = t.newId()
})
afterAll(() => t.done())

const held = () =>
  t.store.read.one<{ label: string | null; lines: string }>(
    'SELECT * FROM held_ticket WHERE id = ? AND is_gone = 0',
    heldTicketId,
  )
const sellIt = () => t.sell({ lines: [thing(300)], heldTicketId })

test('a held ticket is put aside: no sale, no fact, no number', async () => {
  const before = t.ledger.head
  expect((await t.hold(heldTicketId, { label: 'dame au vélo' })).facts).toEqual([])
  expect(t.ledger.head).toEqual(before)
  expect(await held()).toMatchObject({ label: 'dame au vélo', lines: JSON.stringify([thing(300)]) })
})

test('a held ticket that is held again is replaced', async () => {
  await t.hold(heldTicketId)
  await t.hold(heldTicketId, { lines: [thing(700)] })
  expect(await held()).toMatchObject({ lines: JSON.stringify([thing(700)]) })
})

test('a held ticket is gone once it is sold, and nothing of it stands in the next ticket (B48-P2)', async () => {
  await t.hold(heldTicketId)
  await sellIt()
  expect(await held()).toBeUndefined()
  expect((await t.sell({ lines: [thing(100, { categoryId: 'textile' })] })).data.lines).toHaveLength(1)
})

test('a held ticket is sold once: of two tills at the same moment one is refused', async () => {
  await t.hold(heldTicketId)
  const both = await Promise.allSettled([sellIt(), sellIt()])
  expect(both).toMatchObject([
    { status: 'fulfilled' },
    { status: 'rejected', reason: { code: 'unknown-reference', field: '/heldTicketId' } },
  ])
})

test('a held ticket stays when its sale is refused', async () => {
  await t.hold(heldTicketId)
  await refusal(t.sell({ lines: [thing(300)], heldTicketId, payments: [cash(299)] }))
  expect(await held()).toBeDefined()
})

test('a ticket that was dropped cannot be sold', async () => {
  await t.hold(heldTicketId)
  await t.drop(heldTicketId)
  expect(await refusal(sellIt())).toMatchObject({ code: 'unknown-reference' })
})

test('a ticket that was sold or dropped cannot be dropped again: nobody shall believe that it was', async () => {
  expect(await refusal(t.drop(heldTicketId))).toMatchObject({ code: 'not-found' })
  await t.hold(heldTicketId)
  await sellIt()
  expect(await refusal(t.drop(heldTicketId))).toMatchObject({ code: 'not-found' })
})

test('a request to hold that comes after the sale brings no ghost back (Meeting, B48-P2)', async () => {
  await t.hold(heldTicketId)
  await sellIt()
  expect(await refusal(t.hold(heldTicketId))).toMatchObject({ code: 'held-ticket-gone' })
  expect(await held()).toBeUndefined()
})

test('a ticket that another session holds is not taken over by holding it here', async () => {
  await t.hold(heldTicketId)
  await t.fresh()
  expect(await refusal(t.hold(heldTicketId))).toMatchObject({ code: 'held-ticket-gone' })
})

test('a ticket that another session holds cannot be sold here', async () => {
  await t.hold(heldTicketId)
  await t.fresh()
  expect(await refusal(sellIt())).toMatchObject({ code: 'unknown-reference', field: '/heldTicketId' })
})

test('an unknown and an archived category cannot be held', async () => {
  await t.record('category', category({ id: 'passe', archived: true }))
  const of = (categoryId: string) => refusal(t.hold(heldTicketId, { lines: [thing(1), thing(1, { categoryId })] }))
  expect(await of('nuages')).toMatchObject({ code: 'unknown-reference', field: '/lines/1/categoryId' })
  expect(await of('passe')).toMatchObject({ code: 'archived', field: '/lines/1/categoryId' })
})
