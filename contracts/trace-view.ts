import { type Static, Type } from '@sinclair/typebox'
import { Instant } from './text.ts'

const closed = { additionalProperties: false }
const HookName = Type.String({ pattern: '^[a-z0-9.-]{1,128}$', description: "a hook's name" })

/** What of the calls is to be written to the kernel's log, and for how long. It always ends by itself. */
export const TraceWish = Type.Object(
  {
    /** Calls of these, and all that is asked inside them; absent: every call. */
    hooks: Type.Optional(Type.Array(HookName, { minItems: 1, maxItems: 50, uniqueItems: true })),
    minutes: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1_440, default: 10 })),
    /** Counted without those inside others. */
    calls: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000, default: 1_000 })),
    /** What was asked and answered as well: names and free text may stand in it, and then in the log. */
    withArguments: Type.Optional(Type.Boolean({ default: false })),
  },
  closed,
)
export type TraceWish = Static<typeof TraceWish>

/** How the switch stands. */
export const TraceView = Type.Object({
  isOn: Type.Boolean(),
  hooks: Type.Optional(Type.Array(HookName)),
  until: Type.Optional(Instant),
  callsLeft: Type.Optional(Type.Integer({ minimum: 0 })),
  withArguments: Type.Optional(Type.Boolean()),
})
export type TraceView = Static<typeof TraceView>
