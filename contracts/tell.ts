import { type Static, Type } from '@sinclair/typebox'
import { InstanceId } from './control.ts'
import { OneOf } from './text.ts'

/** The whole message that tells a fact, in bytes. */
export const MOST_TOLD_BYTES = 64 * 1024

/** The idempotency key of a tell: one of the module's own, so that two modules may bear the same. */
export const TellKey = Type.String({
  pattern: '^[A-Za-z0-9._:-]{1,96}$',
  description: "1 to 96 of A-Z, a-z, 0-9, '.', '_', ':' and '-'",
})

/** `tell.<name>`: a module's process tells a fact that its manifest lists. A request; answered by one kernel, once the fact is on disk. */
export const Tell = Type.Object({
  instance: InstanceId,
  /** The same key with the same data is the same fact, kept once. Absent: kept however often it comes. */
  key: Type.Optional(TellKey),
  mode: Type.Optional(OneOf('live', 'training')),
  /** As the manifest's schema for this fact wants it. */
  data: Type.Unknown(),
})
export type Tell = Static<typeof Tell>

/** Where the fact stands: its position in the ledger, its number in the journal `module-<module>`. */
export const Told = Type.Object({ position: Type.Integer({ minimum: 1 }), seq: Type.Integer({ minimum: 1 }) })
export type Told = Static<typeof Told>

/**
 * Why a fact was not kept. `tells-undeclared`, `tell-malformed` (no message of this form), `tell-too-large`, `data-invalid` (`field` is a JSON pointer into the
 * data) and `key-reused` (with other data) stay so. `module-not-at-work` and `ledger-unavailable` pass: the same message again, with the same key, later.
 */
export const TellFault = Type.Object({
  code: OneOf(
    'tells-undeclared',
    'tell-malformed',
    'tell-too-large',
    'data-invalid',
    'key-reused',
    'module-not-at-work',
    'ledger-unavailable',
  ),
  words: Type.String(),
  field: Type.Optional(Type.String()),
  /** It will pass: worth another try. */
  isPassing: Type.Boolean(),
})
export type TellFault = Static<typeof TellFault>

/** The answer to `tell`. */
export const TellAnswer = Type.Union([Told, Type.Object({ error: TellFault })])
export type TellAnswer = Static<typeof TellAnswer>
