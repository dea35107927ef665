import { type Static, Type } from '@sinclair/typebox'
import { Text, Word } from './text.ts'

/**
 * Something that an assistant can do with this module. Who does it: a handler of its own; or where it says so a hook, which is asked
 * with the input as its arguments, or one of its routes (`GET /today`), which gets the input as its query or its JSON body.
 */
export const ModuleTool = Type.Object(
  {
    name: Word,
    /** What it does and when to take it, for the assistant that chooses. */
    description: Text(1_000, { minLength: 1 }),
    /** JSON Schema of the input, type `object`; absent: no input. */
    input: Type.Optional(Type.Unknown()),
    /** It changes nothing. Absent: it may, and a person is to agree first. */
    isReadOnly: Type.Optional(Type.Boolean()),
    hook: Type.Optional(Type.String({ maxLength: 128 })),
    route: Type.Optional(Type.String({ maxLength: 140 })),
    timeoutMs: Type.Optional(Type.Integer({ minimum: 1, maximum: 120_000 })),
  },
  { additionalProperties: false },
)
export type ModuleTool = Static<typeof ModuleTool>
