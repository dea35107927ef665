import { Type } from '@sinclair/typebox'
import { hook } from '../hook.ts'
import { LongSlug, Mode, Name, Slug, Tag, Text, Uuid } from '../text.ts'

/** Which steps does the closing screen show before the count is sent: a coin counter, a reminder, a page of the module's own. */
export const CloseSteps = hook({
  name: 'close.steps',
  version: 1,
  words: 'Which steps should a person go through before this drawer is closed?',
  mode: 'collect',
  dispatch: 'parallel',
  args: Type.Object({ sessionId: Uuid, registerId: Slug, mode: Mode, methodIds: Type.Array(LongSlug) }),
  answer: Type.Object({
    key: Tag,
    title: Name,
    words: Type.Optional(Text(500)),
    /** A page of the module, as a path below its own routes. */
    page: Type.Optional(Type.String({ pattern: '^/[A-Za-z0-9/_.-]{0,127}$', description: 'a path such as /coins' })),
    /** The screen does not go on until the person has been there. */
    isObligatory: Type.Boolean(),
  }),
  deadlineMs: 500,
  onError: 'skip',
  idempotent: true,
})
