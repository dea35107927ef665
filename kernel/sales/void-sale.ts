import {
  type ArgsOf,
  type Payment,
  RefundAuthorize,
  type SaleLine,
  SaleVoided,
  type VoidSaleBody,
} from '@recyclique/contracts'
import { datedBy, findSession, openSessionOf, type Session } from '../cash/session.ts'
import { personal } from '../centre/personal.ts'
import { refuse } from '../errors.ts'
import { skippedIn, TILL_BUDGET_MS } from '../ledger/asked.ts'
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
  asks: { hook: RefundAuthorize, budgetMs: TILL_BUDGET_MS },
  load: async (read, body) => ({
    session: await findSession(read, body.sessionId),
    found: await findSold(read, body.saleId),
  }),
  decide(state, command, moment) {
    const { id, body } = command
    const { sale, soldOn, isVoided, refunded } = soldOf(state.found, body.saleId)
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
      ...skippedIn(command),
    }
    const dated = datedBy(session, moment)
    return {
      facts: [draft(SaleVoided, voided, dated)],
      apart: personal(`void/${id}`, 'note', body.note, moment.recordedAt),
      question: questionAbout(voided, { soldOn, mode: dated.mode, actor: command.actor }),
    }
  },
}

/** What the fact does not say of itself: the day of the sale, the session's mode, and who gives the money back. */
type Around = Pick<ArgsOf<typeof RefundAuthorize>, 'soldOn' | 'mode' | 'actor'>

/** A void gives back everything, and the goods are back. */
const questionAbout = (voided: SaleVoided, around: Around): ArgsOf<typeof RefundAuthorize> => {
  const { saleId, registerId, sessionId, lines, totalCents, payments } = voided
  return {
    ...{ saleId, registerId, sessionId, lines: lines.map(givenBack), totalCents, payments, areGoodsBack: true },
    ...around,
  }
}

/** A line that comes back whole, in the form of a refund's. */
const givenBack = ({ line, categoryId, categoryName, qty, lineCents, lineGrams }: SaleLine) => ({
  ...{ line, categoryId, categoryName, qty, cents: lineCents, grams: lineGrams ?? 0 },
})

const turned = (payment: Payment): Payment => ({ ...payment, direction: payment.direction === 'in' ? 'out' : 'in' })
