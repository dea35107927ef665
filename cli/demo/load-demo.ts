import { type Api, apiAt } from '../api.ts'
import { CannotDo } from '../bad-use.ts'
import { categories, records, siteOfDemo } from './centre.ts'
import { chanceOf } from './chance.ts'
import { makeDeposits, makePickup, openingStock } from './make-deposits.ts'
import { makeLabels } from './make-labels.ts'
import { makeSales } from './make-sales.ts'
import { pastDays } from './past-days.ts'
import { receive } from './receive.ts'
import { openTill, sellPaperDay, sellTo } from './sell.ts'

const DAYS = 5

/**
 * Fills an empty centre with a made-up one: its categories, people and places, an inventory, five days from the notebook and a morning at the till.
 * All of it over the API, as people do it. Each act has a key of its own: a load that was cut off goes on when it is repeated, and one
 * that was finished changes nothing. Throws a `CannotDo` for a centre that has things of its own.
 */
export const loadDemo = async (url: string, say: (line: string) => void): Promise<void> => {
  const api = apiAt(url)
  await mustBeOurs(api)
  say('loading the demo centre')
  await setUp(api)
  // The day on which the till was opened first is the demo's today, also when the load goes on tomorrow.
  const till = await openTill(api, 'caisse-1')
  const [inventoryDay = '', ...days] = pastDays(till.businessDate, 1 + DAYS)
  await receive(api, [openingStock()], { day: inventoryDay })
  const deliveries = []
  for (const day of days) {
    const chance = chanceOf(day)
    const sales = makeSales(chance, chance.between(15, 25))
    const brought = makeDeposits(chance, 4)
    await sellPaperDay(api, { day, registerId: 'caisse-1', sales })
    await receive(api, brought, { day })
    deliveries.push(...brought)
    say(`${day}: ${sales.length} sales, ${brought.flatMap(({ lines }) => lines).length} weighings`)
  }
  await sendOff(api, { day: till.businessDate, lines: makePickup(deliveries) })
  const morning = chanceOf(till.businessDate)
  await sellTo(api, till, makeSales(morning, 6))
  await receive(api, makeDeposits(morning, 1), { day: till.businessDate, isLive: true })
  const labels = await makeLabels(api)
  if (labels) say(`labels to print and to scan: ${labels}`)
  say(`the demo centre is there: till 'caisse-1' is open, and a deposit at 'accueil'`)
}

/** True for a centre that was never set up: no category, no till. */
export const isEmptyCentre = async (api: Api): Promise<boolean> => (await idsThere(api)).length === 0

const mustBeOurs = async (api: Api): Promise<void> => {
  const ours = new Set([...categories, ...records.registers].map(({ id }) => id))
  const others = (await idsThere(api)).filter((id) => !ours.has(id))
  if (others.length === 0) return
  throw new CannotDo(
    `this centre is not empty (it has '${others[0]}'), and the demo would mix with it: start another one with --data FOLDER`,
  )
}

type Listed = { items: { id: string }[] }

const idsThere = async (api: Api): Promise<string[]> => {
  const lists = await Promise.all(['categories', 'registers'].map((place) => api.get<Listed>(`/v1/${place}?limit=500`)))
  return lists.flatMap(({ items }) => items.map(({ id }) => id))
}

const setUp = async (api: Api): Promise<void> => {
  await nameSite(api)
  // Roots before leaves, so one after the other.
  for (const { id, ...category } of categories) await api.put(`/v1/categories/${id}`, { body: category })
  for (const [place, list] of Object.entries(records))
    for (const { id, ...record } of list) await api.put(`/v1/${place}/${id}`, { body: record })
}

/** A centre that somebody has named keeps its name. */
const nameSite = async (api: Api): Promise<void> => {
  const [site] = (await api.get<{ items: { id: string; name: string }[] }>('/v1/sites')).items
  if (site?.name === 'Ma ressourcerie') await api.put(`/v1/sites/${site.id}`, { body: siteOfDemo })
}

type SendOff = { day: string; lines: ReturnType<typeof makePickup> }

/** The textile recycler came this morning. */
const sendOff = async (api: Api, { day, lines }: SendOff): Promise<void> => {
  if (lines.length === 0) return
  const reference = `BSD-${day.slice(0, 4)}-0042`
  await api.post('/v1/exits', {
    key: `demo.${day}.pickup`,
    body: { kind: 'recycler', partnerId: 'fil-du-tri', reference, lines },
  })
}
