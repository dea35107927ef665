import { Type } from '@sinclair/typebox'
import { hook } from '../hook.ts'
import { Text } from '../text.ts'

/**
 * What is said of an error that reached the border? The first answer is given; nobody's is the kernel's own. Matched by `kind`
 * and `code`, never by a class: the error may come from another process. A catch-all is `trylast`, or it takes everything.
 */
export const ErrorHandle = hook({
  name: 'error.handle',
  version: 1,
  words: 'What should be answered now that something went wrong?',
  mode: 'first',
  args: Type.Object({
    kind: Type.String({ maxLength: 32 }),
    code: Type.String({ maxLength: 64 }),
    message: Type.String(),
    module: Type.Optional(Type.String()),
    hook: Type.Optional(Type.String()),
    requestId: Type.Optional(Type.String()),
  }),
  answer: Type.Object({ status: Type.Integer({ minimum: 400, maximum: 599 }), words: Text(300, { minLength: 1 }) }),
  deadlineMs: 200,
  onError: 'skip',
  idempotent: true,
})
