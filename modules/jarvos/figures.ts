import type { KernelApi } from './kernel-api.ts'

export interface Period {
  readonly from: string
  readonly to: string
}

export interface TakingsRow {
  readonly key: string
  readonly name: string
  readonly salesCents: number
  readonly refundsCents: number
  readonly donationsCents: number
  readonly netCents: number
  readonly tickets: number
}

interface Flow {
  readonly inGrams: number
  readonly outGrams: number
}

export interface Stock {
  readonly total: Flow & { readonly closingGrams: number }
  readonly categories: readonly (Flow & { readonly categoryId: string; readonly name: string })[]
}

export const takingsBy = (kernel: KernelApi, by: string, { from, to }: Period): Promise<{ rows: TakingsRow[] }> =>
  kernel.get('/v1/reports/takings', { from, to, by })

export const stockOf = (kernel: KernelApi, { from, to }: Period): Promise<Stock> =>
  kernel.get('/v1/stock', { from, to })

/** What a person asks first: money and matter of some days, in one. */
export const readFigures = async (kernel: KernelApi, period: Period) => {
  const [byDay, byCategory, stock] = await Promise.all([
    takingsBy(kernel, 'day', period),
    takingsBy(kernel, 'category', period),
    stockOf(kernel, period),
  ])
  const sum = (field: 'netCents' | 'salesCents' | 'donationsCents' | 'refundsCents' | 'tickets') =>
    byDay.rows.reduce((all, row) => all + row[field], 0)
  return {
    takings: {
      ...{ netCents: sum('netCents'), salesCents: sum('salesCents'), refundsCents: sum('refundsCents') },
      ...{ donationsCents: sum('donationsCents'), tickets: sum('tickets') },
      byCategory: byCategory.rows.map(({ key, name, netCents }) => ({ categoryId: key, name, netCents })),
    },
    matter: {
      ...{ inGrams: stock.total.inGrams, outGrams: stock.total.outGrams },
      byCategory: stock.categories
        .filter(({ inGrams, outGrams }) => inGrams !== 0 || outGrams !== 0)
        .map(({ categoryId, name, inGrams, outGrams }) => ({ categoryId, name, inGrams, outGrams })),
    },
  }
}

export type Figures = Awaited<ReturnType<typeof readFigures>>
