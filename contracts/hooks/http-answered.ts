import { Type } from '@sinclair/typebox'
import { hook } from '../hook.ts'
import { OneOf } from '../text.ts'

/**
 * A request was answered, and the answer has gone: for figures, for alarms, for whoever follows up. It can change nothing any more, and
 * delays nobody. Told of the API and of the routes of modules, not of what modules themselves ask from inside. As well as it can: where too many are
 * on their way some are left out, so what must not be missed is heard as a fact.
 */
export const OnHttpAnswered = hook({
  name: 'http.answered',
  version: 1,
  words: 'A request was answered: what does each module do now that the answer has gone?',
  mode: 'collect',
  dispatch: 'parallel',
  args: Type.Object({
    method: OneOf('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'),
    /** As the kernel understood it, without its query. */
    path: Type.String({ maxLength: 2_048 }),
    status: Type.Integer({ minimum: 100, maximum: 599 }),
    /** From the first byte of the request to the last of the answer. */
    ms: Type.Number({ minimum: 0 }),
    requestId: Type.String(),
    /** Who acts, where that is known. */
    actor: Type.Optional(Type.String({ maxLength: 128 })),
  }),
  /** There is nothing to answer. */
  answer: Type.Null(),
  deadlineMs: 2_000,
  onError: 'skip',
})
