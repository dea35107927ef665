import { join } from 'node:path'
import { openSealer } from '../../kernel/ledger/seal.ts'
import { type VerifyReport, verifyLedger } from '../../kernel/ledger/verify.ts'
import { projection } from '../../kernel/projection.ts'
import { inspectSqlite } from '../../kernel/store/sqlite-inspection.ts'
import { tables } from '../../kernel/tables.ts'
import type { KernelProcess } from '../support/kernel-process.ts'

/** Checks the whole ledger of a kernel, which may sell meanwhile or be stopped. */
export const verified = ({ dataDir, keysDir }: KernelProcess): Promise<VerifyReport> =>
  verifyLedger({
    inspect: () => inspectSqlite(join(dataDir, 'ledger.sqlite'), tables),
    tables,
    projection,
    sealer: openSealer(keysDir),
    headFile: join(keysDir, 'head'),
  })
