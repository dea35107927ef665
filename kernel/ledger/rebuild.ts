import type { Takeover } from '../store/inspection.ts'
import type { Tables } from '../store/table.ts'
import type { Projection } from './apply.ts'
import { checkLedger, type Walked } from './check-ledger.ts'
import { compareTables } from './compare-tables.ts'
import { FlawList, type LedgerFlaw } from './flaw.ts'
import { openHeadCheck } from './head-check.ts'
import type { Sealer } from './seal.ts'

export interface RebuildParts {
  /** Takes the store for itself (`takeOverSqlite`), or throws a `StoreInUse`; it is closed again. */
  readonly takeOver: () => Promise<Takeover>
  readonly tables: Tables
  readonly projection: Projection
  readonly sealer: Sealer
  readonly headFile: string
  readonly site?: string | undefined
  /** Asked before anything is changed, with the rows that will change; without it, yes. */
  readonly agree?: (differences: readonly LedgerFlaw[]) => boolean | Promise<boolean>
  readonly onProgress?: (done: number, all: number) => void
}

export interface RebuildReport {
  readonly isRebuilt: boolean
  readonly facts: number
  readonly head: { readonly position: number; readonly hash: string }
  readonly tables: number
  /** Rows of the state that were not what the facts say, the first twenty of `differing`. */
  readonly differences: readonly LedgerFlaw[]
  readonly differing: number
  /** What is wrong with the ledger itself: then nothing is rebuilt from it. */
  readonly flaws: readonly LedgerFlaw[]
}

/**
 * Makes every state table again from the facts, in one transaction, on the database of a kernel that is stopped. Held tickets,
 * personal data and all else that stands apart are not touched.
 *
 * The ledger is checked first: from altered facts it builds nothing, since that would make the tables agree with the alteration.
 */
export const rebuild = async (parts: RebuildParts): Promise<RebuildReport> => {
  const takeover = await parts.takeOver()
  const ofLedger = new FlawList()
  const heads = openHeadCheck(parts.headFile, ofLedger)
  try {
    const { sealer, projection, site, onProgress = () => undefined } = parts
    const opened = { inspection: takeover, heads, flaws: ofLedger }
    const walked = await checkLedger({ ...opened, sealer, projection, site, onProgress })
    if (ofLedger.found > 0) return reportOf(walked, { isRebuilt: false, tables: 0, ofLedger, ofTables: new FlawList() })
    const ofTables = new FlawList()
    const tables = await compareTables(takeover, parts.tables, ofTables)
    const isRebuilt = (await parts.agree?.(ofTables.first())) ?? true
    if (isRebuilt) await takeover.replaceState()
    return reportOf(walked, { isRebuilt, tables, ofLedger, ofTables })
  } finally {
    heads.close()
    await takeover.close()
  }
}

interface Outcome {
  readonly isRebuilt: boolean
  readonly tables: number
  readonly ofLedger: FlawList
  readonly ofTables: FlawList
}

const reportOf = ({ facts, head }: Walked, { isRebuilt, tables, ofLedger, ofTables }: Outcome): RebuildReport => ({
  isRebuilt,
  facts,
  head,
  tables,
  differences: ofTables.first(),
  differing: ofTables.found,
  flaws: ofLedger.first(),
})
