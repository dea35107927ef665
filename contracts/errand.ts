import { type Static, Type } from '@sinclair/typebox'
import { AskReply, CallId } from './question.ts'
import { Instant } from './text.ts'

/**
 * `command`, `tool` and `job`, kernel → one instance, the name behind the verb: do this, and say what came of it. Unlike a question it is
 * meant for this module and nobody else, and it may change something.
 */
export const ErrandCall = Type.Object({
  /** Of a command its words by name, of a tool its input as its schema wants it, of a job the data with which it was set. */
  args: Type.Unknown(),
  /** For whom it is done: a user, `module.<name>` (behind a `/` for whom that module does it), or `kernel` for a job. */
  actor: Type.String(),
  callId: CallId,
  /** After this nobody waits: milliseconds since 1970. */
  deadline: Type.Number(),
  /** Of a job: what it was set for, and the how-many-eth try this is. The same moment may come twice: then it was perhaps done before. */
  job: Type.Optional(Type.Object({ id: Type.String(), dueAt: Instant, attempt: Type.Integer({ minimum: 1 }) })),
})
export type ErrandCall = Static<typeof ErrandCall>

/** A value, or an error. A command's value is the text for the person who typed it. */
export const ErrandReply = AskReply
export type ErrandReply = Static<typeof ErrandReply>
