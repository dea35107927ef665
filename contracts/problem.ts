import { type Static, Type } from '@sinclair/typebox'

/** One of several things that are wrong: where, why, and where a module says so, which one and its own code. */
export const ProblemPart = Type.Object({
  field: Type.String(),
  why: Type.String(),
  module: Type.Optional(Type.String()),
  moduleCode: Type.Optional(Type.String()),
})
export type ProblemPart = Static<typeof ProblemPart>

/** What went wrong, for a program (`code`) and for a person (`detail`). RFC 9457, media type `application/problem+json`. */
export const Problem = Type.Object({
  type: Type.String({ description: 'where the kernel explains it: /errors#code' }),
  title: Type.String(),
  status: Type.Integer(),
  detail: Type.String({ description: 'words that the person at the till can act on' }),
  code: Type.String({ description: 'stable: never changes its meaning' }),
  field: Type.Optional(Type.String({ description: 'JSON pointer to what is wrong in the body' })),
  errors: Type.Optional(Type.Array(ProblemPart)),
  module: Type.Optional(Type.String({ description: 'the module that refused, or that the problem is about' })),
  moduleCode: Type.Optional(Type.String({ description: 'the code that the module gave its refusal' })),
  requestId: Type.String(),
})
export type Problem = Static<typeof Problem>

export const PROBLEM_TYPE = 'application/problem+json'
