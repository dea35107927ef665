import type { RecordSaleBody } from '@recyclique/contracts'
import { type Leaf, leaves } from './centre.ts'
import type { Chance } from './chance.ts'

export type Ticket = Omit<RecordSaleBody, 'sessionId'>

/** How often things of a root are bought: what a counter sells all day is clothes, books and plates. */
const SHARES: Record<string, number> = { textiles: 10, livres: 7, vaisselle: 7, jouets: 5, luminaires: 4, bricolage: 2 }

/**
 * A day's tickets as counters in small towns have them: half of them below 7 €, cash nine times in ten, a tenth with a donation, one
 * thing given away, one or two sold for a price for the lot.
 */
export const makeSales = (chance: Chance, count: number): Ticket[] =>
  Array.from({ length: count }, (_, at) => {
    if (at === 3) return giveAway(chance)
    return at % 9 === 5 ? sellTheLot(chance) : sell(chance)
  })

const sell = (chance: Chance): Ticket => {
  const lines = someLeaves(chance).map((leaf) => {
    const qty = leaf.maxCents <= 300 ? chance.between(1, 4) : 1
    return { ...line(chance, leaf, qty), unitCents: priceOf(chance, leaf) }
  })
  return pay(chance, { lines, totalCents: lines.reduce((all, { unitCents, qty }) => all + unitCents * qty, 0) })
}

/** Three things or more without a price of their own, and one price for all of them. */
const sellTheLot = (chance: Chance): Ticket => {
  const lines = [...someLeaves(chance), pickLeaf(chance), pickLeaf(chance)].map((leaf) => line(chance, leaf, 1))
  return pay(chance, { lines, totalCents: chance.pick([500, 800, 1000, 1500]), isGloballyPriced: true })
}

/** Something for somebody under age, for nothing: no payment, and the matter leaves all the same. */
const giveAway = (chance: Chance): Ticket => ({
  lines: [{ ...line(chance, pickLeaf(chance), 1), preset: 'don-18' }],
  totalCents: 0,
  payments: [],
})

const someLeaves = (chance: Chance): Leaf[] =>
  Array.from({ length: chance.pick([1, 1, 1, 2, 2, 3, 4]) }, () => pickLeaf(chance))

/** Dear things sell more rarely. */
const pickLeaf = (chance: Chance): Leaf =>
  chance.pick(leaves, ({ rootId, minCents }) => (SHARES[rootId] ?? 1) / (1 + minCents / 800))

const line = (chance: Chance, { id, pieceGrams }: Leaf, qty: number) => ({
  categoryId: id,
  qty,
  ...(chance.percent(70) ? { grams: Math.round((pieceGrams * qty * chance.between(70, 130)) / 100) } : {}),
})

/** Rounded as people say prices: to 10 cents below one euro, to 50 above. */
const priceOf = (chance: Chance, { minCents, maxCents }: Leaf): number => {
  const step = maxCents <= 100 ? 10 : 50
  return Math.max(minCents, Math.floor(chance.between(minCents, maxCents) / step) * step)
}

const pay = (chance: Chance, ticket: Pick<Ticket, 'lines' | 'totalCents' | 'isGloballyPriced'>): Ticket => {
  const { totalCents } = ticket
  const methodId = chance.pick(['cash', 'card', 'cheque', 'voucher'], (method) => METHOD_SHARES[method] ?? 0)
  if (methodId !== 'cash' || chance.percent(40)) return { ...ticket, payments: [{ methodId, cents: totalCents }] }
  const handed = Math.ceil(totalCents / 500) * 500
  const rest = handed - totalCents
  if (rest === 0) return { ...ticket, payments: [{ methodId, cents: handed }] }
  // Who gets little back often leaves it to the association.
  const isLeft = rest <= 200 && chance.percent(40)
  return {
    ...ticket,
    payments: [{ methodId, cents: handed }],
    ...(isLeft ? { donationCents: rest } : { changeCents: rest }),
  }
}

const METHOD_SHARES: Record<string, number> = { cash: 90, card: 7, cheque: 2, voucher: 1 }
