import { Type } from '@sinclair/typebox'
import { Cents, SignedCents } from '../amounts.ts'
import { MethodCount } from '../events/cash-session-closed.ts'
import { hook } from '../hook.ts'
import { Mode, Slug, Uuid } from '../text.ts'
import { Verdict } from './verdict.ts'

/** May this drawer be closed as it was counted? A refusal says what is to be done first. */
export const SessionCloseValidate = hook({
  name: 'session.close.validate',
  version: 1,
  words: 'May this drawer be closed as it was counted?',
  mode: 'collect',
  dispatch: 'parallel',
  args: Type.Object({
    sessionId: Uuid,
    registerId: Slug,
    mode: Mode,
    perMethod: Type.Array(MethodCount),
    varianceCents: SignedCents,
    bankCents: Cents,
  }),
  answer: Verdict,
  deadlineMs: 500,
  onError: 'skip',
  idempotent: true,
})
