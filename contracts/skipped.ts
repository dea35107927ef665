import { type Static, Type } from '@sinclair/typebox'
import { HookErrorKind } from './question.ts'

/**
 * Modules that were asked before this was kept and did not answer, in the order in which the kernel asked: who, and of which kind
 * the silence was. Absent where everybody answered, and where nobody was to be asked.
 */
export const Skipped = Type.Array(Type.Object({ module: Type.String(), kind: HookErrorKind }), { minItems: 1 })
export type Skipped = Static<typeof Skipped>
