import { type Static, Type } from '@sinclair/typebox'
import { OneOf } from './text.ts'

/**
 * The wire of a question: what the kernel sends to one instance of a module, and what comes back. The body is JSON; only a W3C trace
 * travels in a header (`traceparent`), where there is one.
 */

/** A call's name, also a token of subjects: whoever holds it can proceed or ask on from inside it. */
export const CallId = Type.String({ pattern: '^[a-z0-9-]{1,32}$' })

/** `hook`, kernel → instance: one question to one handler. */
export const HookCall = Type.Object({
  hook: Type.String(),
  version: Type.Integer(),
  /** Which of the module's handlers, by the name that its manifest gives it. */
  handler: Type.String(),
  /** Those that the handler asked for, and no others. */
  args: Type.Record(Type.String(), Type.Unknown()),
  callId: CallId,
  /** After this nobody waits: milliseconds since 1970. */
  deadline: Type.Number(),
  /** The kernel that asks, as a subject token: questions from inside this one go to it (`within`). */
  kernel: CallId,
  parentId: Type.Optional(CallId),
  /** 0 for a call that stands in no other. */
  depth: Type.Integer({ minimum: 0 }),
  /** For a wrapper: the subject to which it says `proceed`, once. */
  proceed: Type.Optional(Type.String()),
  /** For a historic call: its place in the history; the module says at its next announce how far it has come. */
  seq: Type.Optional(Type.Integer({ minimum: 1 })),
})
export type HookCall = Static<typeof HookCall>

/**
 * `thrown`: the module said so. `timeout`: it did not answer in time. `unavailable`: nobody was there. `invalid`: what was asked or
 * answered does not fit. `denied`: a rule forbids it.
 */
export const HookErrorKind = OneOf('thrown', 'timeout', 'unavailable', 'invalid', 'denied')
export type HookErrorKind = Static<typeof HookErrorKind>

/** One link of a chain of causes. */
export const HookCause = Type.Object({
  name: Type.String(),
  code: Type.Optional(Type.String()),
  message: Type.String(),
})
export type HookCause = Static<typeof HookCause>

/** An error as it is sent. Who is to blame is added by the kernel, which knows whom it asked. */
export const HookFault = Type.Object({
  kind: HookErrorKind,
  /** For programs; never changes its meaning. */
  code: Type.String(),
  message: Type.String(),
  causes: Type.Optional(Type.Array(HookCause, { maxItems: 8 })),
})
export type HookFault = Static<typeof HookFault>

/** The answer: a value, none (null is none as well), an error, or of a wrapper: what `proceed` gave, let through as it is. */
export const HookReply = Type.Union([
  Type.Object({ v: Type.Unknown() }),
  Type.Object({ none: Type.Literal(true) }),
  Type.Object({
    error: HookFault,
    /** An outcome-style wrapper threw after it had proceeded, where it was to force an error. */
    afterPart: Type.Optional(Type.Boolean()),
  }),
  Type.Object({ same: Type.Literal(true) }),
  /** An answer in parts: the kernel takes them from this instance one by one (`part`), until the question's deadline. */
  Type.Object({ stream: CallId }),
])
export type HookReply = Static<typeof HookReply>

/** `part`, kernel → instance, the stream's name in the subject: its next part, or its end. */
export const PartReply = Type.Union([
  Type.Object({ v: Type.Unknown() }),
  Type.Object({ done: Type.Literal(true) }),
  Type.Object({ error: HookFault }),
])
export type PartReply = Static<typeof PartReply>

/** What the kernel answers to `proceed` and to `ask`: the outcome of the rest of the plan, or of the call. */
export const AskReply = Type.Union([Type.Object({ v: Type.Unknown() }), Type.Object({ error: HookFault })])
export type AskReply = Static<typeof AskReply>

/** `ask`, module → a kernel: a hook is to be asked, its name stands in the subject. `within`, to one kernel: from inside this call. */
export const AskCall = Type.Object({
  args: Type.Record(Type.String(), Type.Unknown()),
  within: Type.Optional(CallId),
})
export type AskCall = Static<typeof AskCall>
