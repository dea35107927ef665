import { Type } from '@sinclair/typebox'
import { type DataOf, fact } from '../fact.ts'
import { ModuleName } from '../manifest.ts'
import { OneOf, Text } from '../text.ts'

/** A hook's name, or `*` for the module as a whole. */
export const MarkedHook = Type.String({
  pattern: '^(\\*|[a-z0-9-]{1,32}(\\.[a-z0-9-]{1,32}){1,4})$',
  description: "a hook's name, or * for the centre as a whole",
})

/** Which of them it contains, the kernel says. */
export const VersionRange = Type.String({
  pattern: '^[ -~]{1,128}$',
  description: 'a range of versions such as <1.2.0',
})

/**
 * The operator wants something of a module: who wants it is the fact's actor.
 *
 * `disable` and `enable` say whether it shall work here; `block` and `unblock` forbid its name and allow it again, or with `versions` those alone. `require` says that a
 * hook fails without it (`*`: that the centre is not well without it), `excuse` that the hook goes on without it, `release` that the
 * hook's own policy holds again. Told only when something changes.
 */
export const ModuleOrdered = fact({
  name: 'module.ordered',
  version: 1,
  producer: 'kernel/registry/order-module.ts',
  journalForm: 'events',
  journal: () => 'events',
  data: Type.Object({
    module: ModuleName,
    order: OneOf('enable', 'disable', 'block', 'unblock', 'require', 'excuse', 'release'),
    /** With `require`, `excuse` and `release`. */
    hook: Type.Optional(MarkedHook),
    /** With `block` and `unblock`: a range as npm writes it. */
    versions: Type.Optional(VersionRange),
    reason: Type.Optional(Text(300)),
  }),
})
export type ModuleOrdered = DataOf<typeof ModuleOrdered>
