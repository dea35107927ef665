import { type Static, Type } from '@sinclair/typebox'
import { ModuleName } from './manifest.ts'
import { Right } from './rights.ts'
import { Instant, OneOf } from './text.ts'

/**
 * One right of a module. `granted` and `withheld`: somebody decided so. `waiting`: nobody decided yet, and the module waits for it.
 * `isAsked` is false for what was decided about and is not asked for any more, by no version that is there.
 */
export const RightView = Type.Object({
  right: Right,
  /** What it means. */
  words: Type.String(),
  state: OneOf('granted', 'withheld', 'waiting'),
  isAsked: Type.Boolean(),
  since: Type.Optional(Instant),
  /** A user, or `kernel` where the centre's policy decided. */
  by: Type.Optional(Type.String()),
  reason: Type.Optional(Type.String()),
})
export type RightView = Static<typeof RightView>

/** When the kernel grants by itself: what a module asks for the first time (`first`), nothing (`ask`), everything (`all`). */
export const GRANT_POLICIES = ['first', 'ask', 'all'] as const
export type GrantPolicy = (typeof GRANT_POLICIES)[number]

/** What a module asks for, what it has and what it waits for, as the API shows it. */
export const PermissionsView = Type.Object({
  module: ModuleName,
  policy: OneOf(...GRANT_POLICIES),
  /** Nobody comes onto the bus under this name. */
  blocked: Type.Boolean(),
  /** The program that its manifest starts in the place of Node: on the machine itself nothing holds it to net, listen, fs and runs. */
  program: Type.Optional(Type.String()),
  rights: Type.Array(RightView),
})
export type PermissionsView = Static<typeof PermissionsView>
