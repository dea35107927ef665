import { cashTables } from './cash/tables.ts'
import { centreTables } from './centre/tables.ts'
import { ledgerTables } from './ledger/tables.ts'
import { matterTables } from './matter/tables.ts'
import { registryTables } from './registry/tables.ts'
import { salesTables } from './sales/tables.ts'
import type { Tables } from './store/table.ts'
import { wishTables } from './wishes/tables.ts'

/** Every table that the kernel keeps. Main, verify and rebuild share this list, so that none of them can forget one. */
export const tables: Tables = {
  ...ledgerTables,
  ...centreTables,
  ...cashTables,
  ...salesTables,
  ...matterTables,
  ...registryTables,
  ...wishTables,
}
