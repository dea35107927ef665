import { Type } from '@sinclair/typebox'
import { hook } from '../hook.ts'
import { Instant, Slug } from '../text.ts'

/**
 * The kernel is up: what a module needs to know before its first question. Historic, since modules come when they come: each
 * process hears the newest one before anything else is asked of it.
 */
export const OnKernelStarted = hook({
  name: 'kernel.started',
  version: 1,
  words: 'The kernel is up: what does each module need to know and do before its first question?',
  mode: 'collect',
  dispatch: 'parallel',
  historic: { key: 'site', maxCount: 1, replay: 'instance' },
  args: Type.Object({ site: Slug, program: Type.String(), api: Type.String(), startedAt: Instant }),
  /** Words for the start report, where a module has some. */
  answer: Type.String({ maxLength: 200 }),
  deadlineMs: 2_000,
  onError: 'skip',
  idempotent: true,
})
