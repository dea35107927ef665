import { type Payment, SaleVoided, type VoidSaleBody } from '@recyclique/contracts'
import { datedBy, findSession, openSessionOf, type Session } from '../cash/session.ts'
import { personal } from '../centre/personal.ts'
import { refuse } from '../errors.ts'
import { draft, type Rule } from '../ledger/rule.ts'
import { findSold, type Sold, soldOf } from './sold.ts'

export interface VoidSale extends VoidSaleBody {
  readonly saleId: string
}

interface State {
  readonly session: Session | undefined
  readonly found: Sold | 'counter-entry' | undefined
}

/** Takes a sale back whole, in the session in which it was made and before anything of it was refunded. */
export const voidSale: Rule<VoidSale, State> = {
  load: async (read, body) => ({
    session: await findSession(read, body.sessionId),
    found: await findSold(read, body.saleId),
  }),
  decide(state, { id, body }, moment) {
    const { sale, isVoided, refunded } = soldOf(state.found, body.saleId)
    const session = openSessionOf(state.session, body.sessionId)
    if (isVoided) refuse('void-too-late', { why: 'it is voided already' })
    if (refunded.size > 0) refuse('void-too-late', { why: 'a part of it was refunded' })
    if (sale.sessionId !== session.id)
      refuse('void-too-late', { why: 'it belongs to another cash session' }, '/sessionId')
    const voided: SaleVoided = {
      voidId: id,
      saleId: sale.saleId,
      registerId: sale.registerId,
      sessionId: session.id,
      lines: sale.lines,
      totalCents: sale.totalCents,
      donationCents: sale.donationCents,
      payments: sale.payments.map(turned),
      hasNote: body.note !== undefined,
    }
    return {
      facts: [draft(SaleVoided, voided, datedBy(session, moment))],
      apart: personal(`void/${id}`, 'note', body.note, moment.recordedAt),
    }
  },
}

const turned = (payment: Payment): Payment => ({ ...payment, direction: payment.direction === 'in' ? 'out' : 'in' })
