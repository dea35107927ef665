import { cashApply } from './cash/apply.ts'
import { centreApply } from './centre/apply.ts'
import { type Projection, projectionOf } from './ledger/apply.ts'
import { matterApply } from './matter/apply.ts'
import { registryApply } from './registry/apply.ts'
import { salesApply } from './sales/apply.ts'

/** What every fact changes. Main, verify and rebuild share it: a replay means the same as the sale did. */
export const projection: Projection = projectionOf([
  ...centreApply,
  ...cashApply,
  ...salesApply,
  ...matterApply,
  ...registryApply,
])
