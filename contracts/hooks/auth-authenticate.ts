import { Type } from '@sinclair/typebox'
import { hook } from '../hook.ts'
import { LongSlug, OneOf } from '../text.ts'

/**
 * Who is this? The first module that knows these credentials answers; null: they are not of its kind. An error stops the call: a
 * module that could not look is not passed over for one that trusts more easily.
 */
export const AuthAuthenticate = hook({
  name: 'auth.authenticate',
  version: 1,
  words: 'Who is it that sends this request?',
  mode: 'first',
  args: Type.Object({
    scheme: OneOf('bearer', 'basic', 'badge', 'pin'),
    credential: Type.String({ minLength: 1, maxLength: 4_096 }),
    /** The till or the post at which it is presented. */
    place: Type.Optional(LongSlug),
  }),
  answer: Type.Object({ actor: LongSlug, roles: Type.Array(LongSlug, { maxItems: 20, uniqueItems: true }) }),
  deadlineMs: 500,
  onError: 'stop',
})
