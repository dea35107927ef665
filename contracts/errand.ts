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

/** A value, or an error. A command's value is a `CommandResult`. */
export const ErrandReply = AskReply
export type ErrandReply = Static<typeof ErrandReply>

/** A file that a command hands over, for the person who typed it: the hand writes it where they stand, and over nothing that is there. */
export const CommandFile = Type.Object(
  {
    name: Type.String({
      pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$',
      description: 'a file name of A-Z, a-z, 0-9, ., _ and -, without a folder',
    }),
    /** In base64. */
    data: Type.String({ pattern: '^[A-Za-z0-9+/]*={0,2}$', description: 'base64' }),
  },
  { additionalProperties: false },
)
export type CommandFile = Static<typeof CommandFile>

/** Text and files. */
export const CommandWithFiles = Type.Object(
  { text: Type.String(), files: Type.Array(CommandFile, { maxItems: 20 }) },
  { additionalProperties: false },
)

/** What a command gives: the text for the person who typed it, alone or with files. */
export const CommandResult = Type.Union([Type.String(), CommandWithFiles])
export type CommandResult = Static<typeof CommandResult>
