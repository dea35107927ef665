import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type RebuildReport, rebuild } from '../../kernel/ledger/rebuild.ts'
import { openSealer } from '../../kernel/ledger/seal.ts'
import { type VerifyReport, verifyLedger } from '../../kernel/ledger/verify.ts'
import { projection } from '../../kernel/projection.ts'
import { inspectSqlite, takeOverSqlite } from '../../kernel/store/sqlite-inspection.ts'
import { tables } from '../../kernel/tables.ts'

/** True for the full sizes of the property tests, which take minutes. */
export const IS_LONG = process.env.RECYCLIQUE_LONG === '1'

/** Verifies the ledger in a folder as `openTestLedger` lays it out. */
export const verifyIn = (dir: string): Promise<VerifyReport> =>
  verifyLedger({
    inspect: () => inspectSqlite(join(dir, 'ledger.sqlite'), tables),
    tables,
    projection,
    sealer: openSealer(join(dir, 'keys')),
    headFile: join(dir, 'keys', 'head'),
  })

/** Rebuilds the tables of the ledger in a folder. */
export const rebuildIn = (dir: string): Promise<RebuildReport> =>
  rebuild({
    takeOver: () => takeOverSqlite(join(dir, 'ledger.sqlite'), tables),
    tables,
    projection,
    sealer: openSealer(join(dir, 'keys')),
    headFile: join(dir, 'keys', 'head'),
  })

/** Works on a copy of a ledger's folder that nobody writes to at the moment, as it would stand after a power cut. */
export const withCopy = async <T>(dir: string, work: (copy: string) => Promise<T>): Promise<T> => {
  const copy = `${dir}-copy`
  rmSync(copy, { recursive: true, force: true })
  cpSync(dir, copy, { recursive: true })
  try {
    return await work(copy)
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}
