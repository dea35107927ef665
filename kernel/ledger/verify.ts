import type { Inspection } from '../store/inspection.ts'
import type { Tables } from '../store/table.ts'
import type { Projection } from './apply.ts'
import { checkLedger, type Walked } from './check-ledger.ts'
import { compareTables } from './compare-tables.ts'
import { FlawList, type LedgerFlaw, wordsOf } from './flaw.ts'
import { openHeadCheck } from './head-check.ts'
import { GENESIS } from './row.ts'
import type { Sealer } from './seal.ts'

export interface VerifyParts {
  /** Opens one frozen view of the store (`inspectSqlite`); it is closed again. */
  readonly inspect: () => Promise<Inspection>
  readonly tables: Tables
  readonly projection: Projection
  readonly sealer: Sealer
  /** The path of the head file. */
  readonly headFile: string
  /** The site that every row must bear; without it, the first row's. */
  readonly site?: string | undefined
  readonly onProgress?: (done: number, all: number) => void
}

/** What was looked at and what is not as the kernel wrote it: the first flaw first, at most twenty of `found`. */
export interface VerifyReport {
  readonly ok: boolean
  readonly facts: number
  readonly head: { readonly position: number; readonly hash: string }
  readonly seals: number
  /** How many state tables were compared with a replay. */
  readonly tables: number
  /** What is no flaw and yet worth knowing. */
  readonly notes: readonly string[]
  readonly found: number
  readonly flaws: readonly LedgerFlaw[]
}

/**
 * Says whether the ledger and all that follows from it stand as the kernel wrote them.
 *
 * Recomputes the chain from the stored bytes, checks numbers, seals and the head file, replays every fact, and compares each
 * state table row by row. Runs beside a selling kernel and holds nothing up. It never throws for what it finds: a file that
 * cannot be read is a flaw like any other. What it cannot see: an end that was cut off ledger, seals *and* head file alike.
 */
export const verifyLedger = async (parts: VerifyParts): Promise<VerifyReport> => {
  const flaws = new FlawList()
  // Before the view is frozen: see head-check.ts.
  const heads = openHeadCheck(parts.headFile, flaws)
  let inspection: Inspection | undefined
  try {
    inspection = await parts.inspect()
    return await verdict(parts, { inspection, heads, flaws })
  } catch (error) {
    flaws.add({ what: 'row', position: 1, why: `the ledger cannot be opened: ${wordsOf(error)}` })
    return reportOf(NOTHING, 0, flaws)
  } finally {
    heads.close()
    await inspection?.close()
  }
}

const NOTHING: Walked = { facts: 0, head: { position: 0, hash: GENESIS }, seals: 0, isWhole: false, notes: [] }

type Opened = Pick<Parameters<typeof checkLedger>[0], 'inspection' | 'heads' | 'flaws'>

const verdict = async (parts: VerifyParts, opened: Opened): Promise<VerifyReport> => {
  const { inspection, flaws } = opened
  const { sealer, projection, site, onProgress = () => undefined } = parts
  // On a thread of its own where the file is large; awaited last.
  const damage = inspection.damage().catch((error: unknown) => [wordsOf(error)])
  const walked = await checkLedger({ ...opened, sealer, projection, site, onProgress })
  const compared = walked.isWhole ? await compareTables(inspection, parts.tables, flaws) : 0
  for (const words of await damage) flaws.add({ what: 'table', why: `the file is damaged: ${words}` })
  const notes = walked.isWhole
    ? walked.notes
    : [...walked.notes, 'the tables were not compared: the ledger could not be read to its end']
  return reportOf({ ...walked, notes }, compared, flaws)
}

const reportOf = ({ facts, head, seals, notes }: Walked, tables: number, flaws: FlawList): VerifyReport => ({
  ok: flaws.found === 0,
  facts,
  head,
  seals,
  tables,
  notes,
  found: flaws.found,
  flaws: flaws.first(),
})
