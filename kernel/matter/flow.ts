import type { Flow, PeriodQuery } from '@recyclique/contracts'
import type { Read } from '../store/port.ts'

/** The ways out, as reports show them. */
export type OutFlow = Exclude<Flow, 'deposit' | 'refund' | 'void'>

/**
 * What came in and what went out, in grams. Always: Σ `out` = `outGrams`.
 *
 * Goods that come back with a refund or a void were never a deposit: they make `sale` smaller, below zero when more came back
 * than was sold in the period. A correction counts in the flow of the line that it corrects.
 */
export interface Flows {
  readonly inGrams: number
  readonly out: Readonly<Record<OutFlow, number>>
  readonly outGrams: number
}

/** What one flow moved, in grams with their sign: in is positive. */
export interface Moved {
  readonly flow: Flow
  readonly grams: number
}

export const flowsOf = (moved: readonly Moved[]): Flows => {
  const out = { sale: 0, recycler: 0, partner: 0, donation: 0, bins: 0, 'waste-centre': 0 }
  let inGrams = 0
  let outGrams = 0
  for (const { flow, grams } of moved) {
    if (flow === 'deposit') inGrams += grams
    else {
      out[flow === 'refund' || flow === 'void' ? 'sale' : flow] -= grams
      outGrams -= grams
    }
  }
  return { inGrams, out, outGrams }
}

/** In and out day by day, by business date, both days of the period included. Days on which nothing moved are left out. */
export const flowByDay = async (read: Read, { from, to }: PeriodQuery): Promise<({ day: string } & Flows)[]> => {
  const rows = await read.all<Moved & { day: string }>(
    `SELECT business_date AS day, flow, SUM(grams) AS grams FROM flow_day
     WHERE business_date BETWEEN ? AND ? GROUP BY business_date, flow ORDER BY business_date`,
    from,
    to,
  )
  return [...Map.groupBy(rows, ({ day }) => day)].map(([day, moved]) => ({ day, ...flowsOf(moved) }))
}
