import { Type } from '@sinclair/typebox'
import { type DataOf, fact } from '../fact.ts'
import { ModuleName } from '../manifest.ts'
import { Right } from '../rights.ts'
import { OneOf, Text } from '../text.ts'

/**
 * It was decided what a module may: who decided is the fact's actor, the kernel itself where the centre's policy grants.
 *
 * `granted` and `withheld` hold for the rights that are named, until the next word about them. `forgotten` says that the module was
 * removed: nothing is decided any more, and one that comes back under this name begins anew. With no rights at all `granted` says
 * that the module was let in and asked for nothing. Told only when something changes.
 */
export const ModulePermitted = fact({
  name: 'module.permitted',
  version: 1,
  producer: 'kernel/registry/permit-module.ts',
  journalForm: 'events',
  journal: () => 'events',
  data: Type.Object({
    module: ModuleName,
    decision: OneOf('granted', 'withheld', 'forgotten'),
    rights: Type.Array(Right, { maxItems: 1_000 }),
    reason: Type.Optional(Text(300)),
  }),
})
export type ModulePermitted = DataOf<typeof ModulePermitted>
