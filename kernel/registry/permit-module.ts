import { ModulePermitted } from '@recyclique/contracts'
import { draft, type Rule } from '../ledger/rule.ts'
import { type Permissions, permissionsOf } from './permission.ts'

/** What somebody decided about a module's rights. It need not have been there yet. */
export type PermitModule = ModulePermitted

/** The operator's word, or the policy's. What is so already yields no fact; what is forgotten is everything. */
export const permitModule: Rule<PermitModule, Permissions> = {
  load: (read, { module }) => permissionsOf(read, module),
  decide(before, { body }, { today }) {
    const { decision } = body
    const isForgotten = decision === 'forgotten'
    const rights = isForgotten
      ? [...before.rights.keys()]
      : [...new Set(body.rights)].filter((right) => before.rights.get(right)?.decision !== decision)
    const isNews = isForgotten ? before.isDecided : rights.length > 0 || (!before.isDecided && decision === 'granted')
    return { facts: isNews ? [draft(ModulePermitted, { ...body, rights }, { businessDate: today })] : [] }
  },
}
