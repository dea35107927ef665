import type { Inspection } from '../store/inspection.ts'
import type { Tables } from '../store/table.ts'
import { type FlawList, type LedgerFlaw, MOST_SHOWN, placeOf, plainKey, wordsOf } from './flaw.ts'
import type { LedgerRow } from './row.ts'

/** Names each row of a state table that is not what the facts make of it. The replay must be over. */
export const compareTables = async (inspection: Inspection, tables: Tables, flaws: FlawList): Promise<number> => {
  const names = Object.keys(tables).filter((name) => tables[name]?.keep === 'state')
  for (const table of names) {
    try {
      for (const { key, position, why } of await inspection.differences(table, MOST_SHOWN + 1))
        flaws.add({ what: 'table', ...(await paperOf(inspection, position)), table, key: plainKey(key), why })
    } catch (error) {
      flaws.add({ what: 'table', table, why: `the table cannot be read: ${wordsOf(error)}` })
    }
  }
  return names.length
}

const paperOf = async (inspection: Inspection, position: number | undefined): Promise<Partial<LedgerFlaw>> => {
  if (position === undefined || !Number.isSafeInteger(position)) return {}
  const [found] = await inspection
    .stored<LedgerRow>('ledger', { from: BigInt(position), limit: 1, bytesOf: 'data' })
    .catch(() => [])
  if (found?.row.position !== position) return { position }
  return placeOf({ ...found.row, data: Buffer.from(found.bytes).toString('utf8') })
}
