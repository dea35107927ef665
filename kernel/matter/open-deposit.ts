import { DepositOpened, type OpenDepositBody, type Partner, type Post, type User } from '@recyclique/contracts'
import { personal } from '../centre/personal.ts'
import { findRecord, usable } from '../centre/records.ts'
import { draft, type Rule } from '../ledger/rule.ts'
import { whenOf } from './when.ts'

interface State {
  readonly post: Post | undefined
  readonly partner: Partner | undefined
  readonly volunteer: User | undefined
}

/** Opens a deposit at a post. A post may have several open at once: people do not wait for each other. */
export const openDeposit: Rule<OpenDepositBody, State> = {
  load: async (read, { postId, partnerId, volunteerId }) => ({
    post: await findRecord(read, 'post', postId),
    partner: partnerId === undefined ? undefined : await findRecord(read, 'partner', partnerId),
    volunteer: volunteerId === undefined ? undefined : await findRecord(read, 'user', volunteerId),
  }),
  decide(state, { id, body }, moment) {
    const { postId, origin, partnerId, locality, volunteerId, note } = body
    usable(state.post, 'post', postId, '/postId')
    if (partnerId !== undefined) usable(state.partner, 'partner', partnerId, '/partnerId')
    if (volunteerId !== undefined) usable(state.volunteer, 'user', volunteerId, '/volunteerId')
    const opened: DepositOpened = {
      depositId: id,
      postId,
      origin,
      ...(partnerId === undefined ? {} : { partnerId }),
      ...(locality === undefined ? {} : { locality }),
      ...(volunteerId === undefined ? {} : { volunteerId }),
      hasNote: note !== undefined,
    }
    return {
      facts: [draft(DepositOpened, opened, whenOf(body, moment))],
      apart: personal(`deposit/${id}`, 'note', note, moment.recordedAt),
    }
  },
}
