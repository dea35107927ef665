import { type Static, Type } from '@sinclair/typebox'
import { HookErrorKind } from './question.ts'
import { Instant, OneOf } from './text.ts'

/** How a call ended, or one asking of it; of an error what programs go by, and never its words: those may say what was asked. */
const Ended = {
  ms: Type.Number({ minimum: 0 }),
  error: Type.Optional(Type.Object({ kind: HookErrorKind, code: Type.String() })),
}

/**
 * One call of a hook, when it is over, for a module that looks on: who was asked, how long it took, how it ended. No arguments, no
 * answers: looking on is for figures and for finding what is slow, and shows nothing of what people do.
 */
export const SeenCall = Type.Object({
  hook: Type.String(),
  callId: Type.String(),
  /** The call from inside which this one was made. */
  parentId: Type.Optional(Type.String()),
  depth: Type.Integer({ minimum: 0 }),
  at: Instant,
  ...Ended,
  /** In the order in which they ended; who was asked twice stands here twice, and a wrapper behind those inside it. */
  asked: Type.Array(
    Type.Object({
      module: Type.String(),
      instance: Type.Optional(Type.String()),
      isWrapper: Type.Boolean(),
      is: OneOf('answered', 'nothing', 'failed'),
      ...Ended,
    }),
  ),
})
export type SeenCall = Static<typeof SeenCall>

/** `seen`, kernel → one process of a module, without an answer. `missed`: so many more there were since the last time, which nobody was shown. */
export const SeenCalls = Type.Object({ calls: Type.Array(SeenCall), missed: Type.Integer({ minimum: 0 }) })
export type SeenCalls = Static<typeof SeenCalls>
