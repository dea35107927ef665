import { type Static, Type } from '@sinclair/typebox'
import { Line, Word } from './text.ts'

/** A command that a module adds to the hand: `recyclique <module> <command>`. The module runs it, in its own process. */
export const ModuleCommand = Type.Object(
  {
    name: Word,
    description: Line(200, { minLength: 1 }),
    /** What is typed behind it, in this order; those that are not `isOptional` stand first. */
    args: Type.Optional(
      Type.Array(
        Type.Object(
          { name: Word, description: Type.Optional(Line(200)), isOptional: Type.Optional(Type.Boolean()) },
          { additionalProperties: false },
        ),
        { maxItems: 10 },
      ),
    ),
    /** What may be typed with its name, in any order: `--from DATE`, or `--dry-run` for one that has no `value`; that one comes as `true`. */
    options: Type.Optional(
      Type.Array(
        Type.Object(
          { name: Word, description: Type.Optional(Line(200)), value: Type.Optional(Word) },
          { additionalProperties: false },
        ),
        { maxItems: 20 },
      ),
    ),
  },
  { additionalProperties: false },
)
export type ModuleCommand = Static<typeof ModuleCommand>
