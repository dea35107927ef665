import { type Static, Type } from '@sinclair/typebox'
import { Tag, Text } from '../text.ts'

const closed = { additionalProperties: false }

/** Yes. Whoever has nothing against it may as well not answer. */
export const Allow = Type.Object({ verdict: Type.Literal('allow') }, closed)

/**
 * No. `words` are read by the person who stands there, so they say what to do now; `code` is for programs and never changes its
 * meaning; `field` is a JSON pointer into what was asked about.
 */
export const Refuse = Type.Object(
  {
    verdict: Type.Literal('refuse'),
    code: Tag,
    words: Text(300, { minLength: 1 }),
    field: Type.Optional(Type.String({ maxLength: 128 })),
  },
  closed,
)

/** Yes, with a word of care that is shown and does not stop anything. */
export const Caution = Type.Object(
  { verdict: Type.Literal('caution'), code: Tag, words: Text(300, { minLength: 1 }) },
  closed,
)

export const Verdict = Type.Union([Allow, Refuse, Caution])
export type Verdict = Static<typeof Verdict>
