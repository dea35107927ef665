import { CashMoved, type MoveCashBody } from '@recyclique/contracts'
import { personal } from '../centre/personal.ts'
import { refuse } from '../errors.ts'
import { draft, type Rule } from '../ledger/rule.ts'
import { datedBy, findSession, openSessionOf, type Session } from './session.ts'

export interface MoveCash extends MoveCashBody {
  readonly sessionId: string
}

interface State {
  readonly session: Session | undefined
  readonly other: Session | undefined
}

/** Cash comes or goes without a ticket. A transfer leaves one drawer and arrives in the other in the same commit. */
export const moveCash: Rule<MoveCash, State> = {
  load: async (read, { sessionId, toSessionId }) => ({
    session: await findSession(read, sessionId),
    other: toSessionId === undefined ? undefined : await findSession(read, toSessionId),
  }),
  decide(state, { id, body }, moment) {
    const session = openSessionOf(state.session, body.sessionId)
    const other = body.kind === 'transfer' ? target(state.other, session, body) : notATransfer(body)
    const moved = (own: Session, cents: number, counterpart: Session | undefined) => {
      const data: CashMoved = {
        moveId: id,
        sessionId: own.id,
        registerId: own.registerId,
        kind: body.kind,
        cents,
        ...(counterpart ? { otherSessionId: counterpart.id } : {}),
        ...(body.subtype ? { subtype: body.subtype } : {}),
        ...(body.evidence ? { evidence: body.evidence } : {}),
        hasNote: body.note !== undefined,
      }
      return draft(CashMoved, data, datedBy(own, moment))
    }
    const cents = body.kind === 'top-up' ? body.cents : -body.cents
    return {
      facts: [moved(session, cents, other), ...(other ? [moved(other, body.cents, session)] : [])],
      apart: personal(`cash-move/${id}`, 'note', body.note, moment.recordedAt),
    }
  },
}

const notATransfer = ({ toSessionId, kind }: MoveCash): undefined =>
  toSessionId === undefined
    ? undefined
    : refuse('move-invalid', { why: `Only a transfer names another session, not a ${kind}.` }, '/toSessionId')

const target = (other: Session | undefined, from: Session, { toSessionId }: MoveCash): Session => {
  if (toSessionId === undefined)
    return refuse('move-invalid', { why: 'Say into which session the transfer goes.' }, '/toSessionId')
  const to = openSessionOf(other, toSessionId, '/toSessionId')
  if (to.id === from.id) return refuse('move-invalid', { why: 'A transfer needs two drawers.' }, '/toSessionId')
  if ((to.mode === 'training') !== (from.mode === 'training'))
    return refuse('move-invalid', { why: 'Training money and real money stay apart.' }, '/toSessionId')
  return to
}
