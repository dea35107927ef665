import { type Static, Type } from '@sinclair/typebox'

/**
 * An answer over HTTP that is more than the bus carries at once, or that is made bit by bit: the process keeps it, and the kernel takes
 * it part by part (`body`, kernel → instance, the answer's name in the subject). The kernel asks for each part, so that nothing comes
 * that it has no room for, and only who was asked can answer.
 */

/** What stands in the answer in place of its body. */
export const BodyClaim = Type.Object({
  /** A name that nobody can guess, new for each answer. */
  name: Type.String({ pattern: '^[a-z0-9-]{1,32}$' }),
  /** How long it is, where that is known before: the browser can show how far it is. */
  bytes: Type.Optional(Type.Integer({ minimum: 0 })),
})
export type BodyClaim = Static<typeof BodyClaim>

/** What the kernel wants: the part with this number, from 1, each once and in order; or no more of it: the reader has gone. */
export const BodyWish = Type.Union([
  Type.Object({ part: Type.Integer({ minimum: 1 }) }),
  Type.Object({ stop: Type.Literal(true) }),
])
export type BodyWish = Static<typeof BodyWish>

/** A part under the number that was asked for; the end, with the bytes of all parts together; or why there will be no end. */
export const BodyPart = Type.Union([
  Type.Object({
    part: Type.Integer({ minimum: 1 }),
    /** In base64; empty: nothing yet, ask for the next number. */
    data: Type.String(),
  }),
  Type.Object({
    part: Type.Integer({ minimum: 1 }),
    done: Type.Literal(true),
    bytes: Type.Integer({ minimum: 0 }),
  }),
  Type.Object({ error: Type.String({ maxLength: 500 }) }),
])
export type BodyPart = Static<typeof BodyPart>
