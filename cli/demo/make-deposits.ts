import type { ExitLineBody, OpenDepositBody, WeighBody } from '@recyclique/contracts'
import { type Leaf, leaves, records } from './centre.ts'
import type { Chance } from './chance.ts'

/** People at the door with what they bring. */
export type Delivery = { deposit: Omit<OpenDepositBody, 'businessDate'>; lines: WeighBody[] }

const POST = 'accueil'
const TEXTILES = new Set(leaves.filter(({ rootId }) => rootId === 'textiles').map(({ id }) => id))
const SHARES: Record<string, number> = {
  textiles: 8,
  livres: 6,
  vaisselle: 4,
  jouets: 4,
  electromenager: 3,
  ameublement: 2,
}
const LOCALITIES = ['Montreuil', 'Bagnolet', 'Romainville', 'Les Lilas', 'Fontenay-sous-Bois', '93100']

/** A day's deposits: three things weighed in each, mostly brought by people themselves, 100 kg and more in all. */
export const makeDeposits = (chance: Chance, count: number): Delivery[] =>
  Array.from({ length: count }, () => ({
    deposit: {
      postId: POST,
      origin: chance.pick(['voluntary', 'voluntary', 'voluntary', 'home-collection', 'waste-centre'] as const),
      locality: chance.pick(LOCALITIES),
      volunteerId: chance.pick(['bruno', 'camille']),
    },
    lines: Array.from({ length: 3 }, () => weighing(chance)),
  }))

const weighing = (chance: Chance): WeighBody => {
  const leaf = chance.pick(leaves, ({ rootId }) => SHARES[rootId] ?? 1)
  const net = netOf(chance, leaf)
  const vessel =
    net > 40_000 ? undefined : records.containers.find(({ id }) => id === (net > 8_000 ? 'chariot' : 'bac'))
  return {
    categoryId: leaf.id,
    grossGrams: net + (vessel?.tareGrams ?? 0),
    ...(vessel ? { containerId: vessel.id } : {}),
    destination: chance.pick(['shop', 'shop', 'shop', 'recycling'] as const),
  }
}

/** Heavy things come one by one, light ones by the bag; the scale shows 100 g steps. Never above what is usual. */
const netOf = (chance: Chance, { pieceGrams, usualGrams }: Leaf): number => {
  const pieces = pieceGrams >= 4_000 ? 1 : chance.between(2, 14)
  const grams = (pieceGrams * pieces * chance.between(70, 130)) / 100
  return Math.min(usualGrams, Math.max(200, Math.round(grams / 100) * 100))
}

/** What stood in the shop before anything was written down, each kind weighed once: without it the stock would fall below zero. */
export const openingStock = (): Delivery => ({
  deposit: { postId: POST, origin: 'voluntary', note: 'Inventaire de départ' },
  lines: leaves.map(({ id, pieceGrams, usualGrams }) => ({
    categoryId: id,
    grossGrams: Math.min(usualGrams, pieceGrams * 40),
  })),
})

/** What the textile recycler fetches of what was brought: two thirds, by category. */
export const makePickup = (deliveries: readonly Delivery[]): ExitLineBody[] => {
  const grams = new Map<string, number>()
  for (const { categoryId, grossGrams } of deliveries.flatMap(({ lines }) => lines))
    if (TEXTILES.has(categoryId)) grams.set(categoryId, (grams.get(categoryId) ?? 0) + grossGrams)
  return [...grams].map(([categoryId, all]) => ({
    categoryId,
    grossGrams: Math.max(100, Math.round((all * 2) / 300) * 100),
  }))
}
