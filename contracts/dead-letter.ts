import { type Static, Type } from '@sinclair/typebox'
import { ModuleName } from './manifest.ts'
import { Instant, OneOf } from './text.ts'

/** Header of a fact that is given to a module once more, out of its order: `1`. */
export const RETRY_HEADER = 'rq-retry'

/** What a module says to `control.retry`: it took the fact this time, or why it could not. */
export const Retried = Type.Union([
  Type.Object({ ok: Type.Literal(true) }),
  Type.Object({
    ok: Type.Literal(false),
    error: Type.String({ maxLength: 2000 }),
    stack: Type.Optional(Type.String({ maxLength: 8000 })),
  }),
])
export type Retried = Static<typeof Retried>

/** `dead`: somebody should look at it. `retried`: the module took the fact when it was given to it again. `discarded`: somebody decided that it may be left. */
export const DeadLetterState = OneOf('dead', 'retried', 'discarded')
export type DeadLetterState = Static<typeof DeadLetterState>

/** A fact that a module could not take, as the API shows it. */
export const DeadLetterView = Type.Object({
  module: ModuleName,
  /** The fact's place in the ledger. */
  position: Type.Integer(),
  state: DeadLetterState,
  /** Why the module could not take it, the last time. */
  error: Type.String(),
  stack: Type.Optional(Type.String()),
  /** How often it was tried, by the module itself and on an operator's word. */
  attempts: Type.Integer(),
  /** The process that had it last. */
  instance: Type.String(),
  /** When it was tried for the last time. */
  at: Instant,
  /** Who retried or discarded it last. */
  decided: Type.Optional(Type.Object({ by: Type.String(), at: Instant, reason: Type.Optional(Type.String()) })),
  /** The fact itself; absent where the ledger has none at this position: then it was no kernel that wrote the message. */
  fact: Type.Optional(
    Type.Object({
      name: Type.String(),
      version: Type.Integer(),
      journal: Type.String(),
      seq: Type.Integer(),
      recordedAt: Instant,
      actor: Type.String(),
      data: Type.Unknown(),
    }),
  ),
})
export type DeadLetterView = Static<typeof DeadLetterView>
