import {
  type ArgsOf,
  type PaymentMethod,
  RefundAuthorize,
  type RefundSaleBody,
  type SaleLine,
  SaleRefunded,
} from '@recyclique/contracts'
import { datedBy, findSession, openSessionOf, type Session } from '../cash/session.ts'
import { personal } from '../centre/personal.ts'
import { recordsById } from '../centre/records.ts'
import { refuse } from '../errors.ts'
import { skippedIn, TILL_BUDGET_MS } from '../ledger/asked.ts'
import { draft, type Rule } from '../ledger/rule.ts'
import { checkMethods } from './settle.ts'
import { type Amounts, findSold, type Sold, soldOf } from './sold.ts'

export interface RefundSale extends RefundSaleBody {
  readonly saleId: string
}

interface State {
  readonly session: Session | undefined
  readonly found: Sold | 'counter-entry' | undefined
  readonly methods: ReadonlyMap<string, PaymentMethod>
}

type RefundedLine = SaleRefunded['lines'][number]

const NOTHING: Amounts = { qty: 0, cents: 0, grams: 0 }

/** Gives money back, never more of a line than earlier refunds left. The way to pay may differ from the sale's. */
export const refundSale: Rule<RefundSale, State> = {
  asks: { hook: RefundAuthorize, budgetMs: TILL_BUDGET_MS },
  load: async (read, body) => ({
    session: await findSession(read, body.sessionId),
    found: await findSold(read, body.saleId),
    methods: await recordsById(
      read,
      'payment-method',
      body.payments.map(({ methodId }) => methodId),
    ),
  }),
  decide(state, command, moment) {
    const { id, body } = command
    const sold = soldOf(state.found, body.saleId)
    const session = openSessionOf(state.session, body.sessionId)
    checkMode(sold, session)
    if (sold.isVoided) refuse('refund-over-remainder', { line: 1, cents: 0, qty: 0 }, '/lines')
    const lines = refundLines(sold, body)
    const totalCents = lines.reduce((all, { cents }) => all + cents, 0)
    checkMethods(body.payments, state.methods)
    const paid = body.payments.reduce((all, { cents }) => all + cents, 0)
    if (paid !== totalCents) refuse('payments-differ', { paid, change: 0, total: totalCents, donation: 0 }, '/payments')
    const refund: SaleRefunded = {
      refundId: id,
      saleId: body.saleId,
      registerId: session.registerId,
      sessionId: session.id,
      lines,
      totalCents,
      payments: body.payments.map((one) => ({ ...one, direction: 'out', nature: 'refund' })),
      areGoodsBack: body.areGoodsBack,
      hasNote: body.note !== undefined,
      ...skippedIn(command),
    }
    const dated = datedBy(session, moment)
    return {
      facts: [draft(SaleRefunded, refund, dated)],
      apart: personal(`refund/${id}`, 'note', body.note, moment.recordedAt),
      question: questionAbout(refund, { soldOn: sold.soldOn, mode: dated.mode, actor: command.actor }),
    }
  },
}

/** What the fact does not say of itself: the day of the sale, the session's mode, and who gives the money back. */
type Around = Pick<ArgsOf<typeof RefundAuthorize>, 'soldOn' | 'mode' | 'actor'>

const questionAbout = (refund: SaleRefunded, around: Around): ArgsOf<typeof RefundAuthorize> => {
  const { saleId, registerId, sessionId, lines, totalCents, payments, areGoodsBack } = refund
  return { saleId, registerId, sessionId, lines, totalCents, payments, areGoodsBack, ...around }
}

/** A training sale is refunded in a training session, a real one never there. */
export const checkMode = ({ mode }: Sold, session: Session): void => {
  const isTraining = (one: string) => one === 'training'
  if (isTraining(mode) !== isTraining(session.mode))
    refuse('mode-differs', { sale: mode, session: session.mode }, '/sessionId')
}

const refundLines = ({ sale, refunded }: Sold, { lines, areGoodsBack }: RefundSaleBody): RefundedLine[] => {
  if (lines.length === 0) refuse('refund-empty', {}, '/lines')
  const seen = new Set<number>()
  return lines.map(({ line, qty, cents }, index) => {
    const field = `/lines/${index}`
    const sold =
      sale.lines[line - 1] ?? refuse('unknown-reference', { what: 'line', id: String(line) }, `${field}/line`)
    if (seen.has(line)) refuse('line-doubled', { line }, `${field}/line`)
    seen.add(line)
    if (qty === 0 && cents === 0) refuse('refund-empty', {}, field)
    const gone = refunded.get(line) ?? NOTHING
    const left = { qty: sold.qty - gone.qty, cents: sold.lineCents - gone.cents }
    if (qty > left.qty || cents > left.cents) refuse('refund-over-remainder', { line, ...left }, field)
    const { categoryId, categoryName } = sold
    return { line, categoryId, categoryName, qty, cents, grams: areGoodsBack ? gramsBack(sold, gone, qty) : 0 }
  })
}

/**
 * What these pieces weigh: the line's weight up to the last of them, less its weight up to those that were refunded before. So the
 * last piece takes the rounding, and no piece brings back the weight of another one that stayed with the customer.
 */
const gramsBack = ({ qty: soldQty, lineGrams = 0 }: SaleLine, gone: Amounts, qty: number): number => {
  const upTo = (pieces: number) => Math.floor((lineGrams * pieces) / soldQty)
  return upTo(gone.qty + qty) - upTo(gone.qty)
}
