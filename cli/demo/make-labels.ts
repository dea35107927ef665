import { setTimeout as pause } from 'node:timers/promises'
import { type Api, Refused } from '../api.ts'

/** It hears of the demo's categories a moment after they are there. */
const HEARD_WITHIN_MS = 20_000
const LOOK_AGAIN_MS = 200

const MODULE = 'barcodes'
const BOOK = 'livre'

/**
 * Labels of single things, and books by their ISBN, in a demo whose module `barcodes` is at work; gives the address of their page. Without the
 * module there is nothing to do. Repeated, it changes nothing.
 */
export const makeLabels = async (api: Api): Promise<string | undefined> => {
  const { items } = await api.get<{ items: { name: string; state: string }[] }>('/v1/modules')
  if (items.find(({ name }) => name === MODULE)?.state !== 'active') return undefined
  await nameBooks(api)
  const labels = { kind: 'object', categoryId: BOOK, count: 21, cents: 250 }
  const { number } = await onceHeard(() =>
    api.post<{ number: number }>(`/m/${MODULE}/batches`, { body: labels, key: 'demo-labels' }),
  )
  return `/m/${MODULE}/batches/${number}`
}

/** What somebody set stays. */
const nameBooks = async (api: Api): Promise<void> => {
  const place = `/v1/modules/${MODULE}/config`
  const { items } = await api.get<{ items: { key: string; value?: unknown }[] }>(place)
  const families = items.find(({ key }) => key === 'families')?.value
  if (Array.isArray(families) && families.length > 0) return
  const books = ['978', '979'].map((startsWith) => ({ startsWith, categoryId: BOOK, label: 'Livre' }))
  await api.patch(place, { body: { config: { families: books }, origin: 'demo' }, key: 'demo-families' })
}

const onceHeard = async <T>(make: () => Promise<T>): Promise<T> => {
  const end = Date.now() + HEARD_WITHIN_MS
  for (;;) {
    try {
      return await make()
    } catch (error) {
      if (!(error instanceof Refused) || error.code !== 'category-unknown' || Date.now() > end) throw error
      await pause(LOOK_AGAIN_MS)
    }
  }
}
