import { Type } from '@sinclair/typebox'
import { InstanceId, ModuleState } from '../control.ts'
import { type DataOf, fact } from '../fact.ts'
import { ModuleName } from '../manifest.ts'

/**
 * A module went from one state to another: it came, it was refused, it went, it fell silent, it is well again.
 *
 * Told only when something changes. `rank` is its age among the modules, given when the installation's list names it or it is let in for the
 * first time, whichever is first, and kept for ever: the order in which modules are asked follows from it.
 */
export const ModuleChanged = fact({
  name: 'module.changed',
  version: 1,
  producer: 'kernel/registry/change-module.ts',
  journalForm: 'events',
  journal: () => 'events',
  data: Type.Object({
    module: ModuleName,
    version: Type.String({ maxLength: 64 }),
    /** Absent until it has one. */
    rank: Type.Optional(Type.Integer({ minimum: 1 })),
    from: ModuleState,
    to: ModuleState,
    /** Why, in a sentence for a person. */
    reason: Type.String({ maxLength: 500 }),
    /** The process that brought it about, where it was one. */
    instance: Type.Optional(InstanceId),
  }),
})
export type ModuleChanged = DataOf<typeof ModuleChanged>
