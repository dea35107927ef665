import { type Static, Type } from '@sinclair/typebox'
import { ModuleState } from './control.ts'
import { ModuleName } from './manifest.ts'
import { Instant, OneOf } from './text.ts'

/**
 * One process of a module. `replaying`: it is told the past first. `standby`: it is there and waits. `suspect`: not heard of for some
 * seconds, and given no new work. `lost`: not heard of for longer. `gone`: it ended.
 */
export const InstanceView = Type.Object({
  id: Type.String(),
  version: Type.String(),
  state: OneOf('active', 'suspect', 'draining', 'lost', 'replaying', 'standby', 'gone'),
  startedAt: Instant,
  lastSeenAt: Instant,
  position: Type.Integer(),
  /** Facts and calls that it has in hand, as it says itself. */
  inFlight: Type.Integer(),
  /** Questions of the kernel that it has not answered. */
  pending: Type.Integer(),
  health: Type.Optional(
    Type.Object({
      ok: Type.Boolean(),
      words: Type.Optional(Type.String()),
      details: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
      at: Instant,
    }),
  ),
})
export type InstanceView = Static<typeof InstanceView>

/** A module that is asked too often in vain is not asked for a while: hook by hook. */
export const BreakerView = Type.Object({
  hook: Type.String(),
  state: OneOf('closed', 'open', 'half-open'),
  /** Silences in a row. */
  failures: Type.Integer(),
  openUntil: Type.Optional(Instant),
  inFlight: Type.Integer(),
  /** Questions that were not asked, because it was open or too many were under way. */
  skipped: Type.Integer(),
})
export type BreakerView = Static<typeof BreakerView>

export const TransitionView = Type.Object({
  at: Instant,
  from: Type.String(),
  to: Type.String(),
  reason: Type.String(),
  version: Type.String(),
})
export type TransitionView = Static<typeof TransitionView>

/** Versions of a module that an operator forbids. */
export const BlockedVersions = Type.Object({
  /** As npm writes a range. */
  versions: Type.String(),
  by: Type.String(),
  reason: Type.Optional(Type.String()),
  since: Instant,
})
export type BlockedVersions = Static<typeof BlockedVersions>

/** A module as the API lists it. `reasons` holds everything that keeps it from being active, in sentences; nothing: it is active. */
export const ModuleView = Type.Object({
  name: ModuleName,
  version: Type.String(),
  description: Type.String(),
  state: ModuleState,
  reasons: Type.Array(Type.String()),
  /** What should be known of it although it works, in sentences; absent where there is nothing. */
  notes: Type.Optional(Type.Array(Type.String())),
  /** What the operator wants. */
  desired: OneOf('enabled', 'disabled'),
  blocked: Type.Boolean(),
  /** Absent where there are none. */
  blockedVersions: Type.Optional(Type.Array(BlockedVersions)),
  /** Its age among the modules; a higher number is newer, and asked earlier. Absent until it is let in for the first time. */
  rank: Type.Optional(Type.Integer()),
  hears: Type.Array(Type.String()),
  answers: Type.Array(Type.String()),
  tells: Type.Array(Type.String()),
  requires: Type.Record(Type.String(), Type.String()),
  routes: Type.Array(Type.String()),
  /** How many facts wait for it; absent while the bus is away or when it hears nothing. */
  lag: Type.Optional(Type.Integer()),
  /** Facts that it could not take, and that nobody has retried or discarded yet. */
  deadLetters: Type.Integer(),
  /** Processes that came after one had died: in the last hour, and since the kernel started. */
  restarts: Type.Object({ lastHour: Type.Integer(), total: Type.Integer() }),
  breakers: Type.Array(BreakerView),
  /** What can be set, by the module's own schema; a value only where it is known here, and then never a secret one. */
  config: Type.Array(
    Type.Object({
      key: Type.String(),
      value: Type.Optional(Type.Unknown()),
      origin: Type.Optional(Type.String()),
      secret: Type.Boolean(),
    }),
  ),
  instances: Type.Array(InstanceView),
  /** The last ones, newest first; only where one module is asked for. */
  transitions: Type.Optional(Type.Array(TransitionView)),
})
export type ModuleView = Static<typeof ModuleView>
