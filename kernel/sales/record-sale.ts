import {
  type ArgsOf,
  type Category,
  type Mode,
  type PaymentMethod,
  type RecordSaleBody,
  SaleRecorded,
  SaleValidate,
} from '@recyclique/contracts'
import { datedBy, findSession, openSessionOf, type Session } from '../cash/session.ts'
import { personal } from '../centre/personal.ts'
import { recordsById, usable } from '../centre/records.ts'
import { refuse } from '../errors.ts'
import { skippedIn, TILL_BUDGET_MS } from '../ledger/asked.ts'
import { draft, type Rule } from '../ledger/rule.ts'
import type { Read } from '../store/port.ts'
import { findHeld, noLongerHeld } from './hold-ticket.ts'
import { priceLines } from './price-lines.ts'
import { checkMethodLimits, settle } from './settle.ts'

interface SaleState {
  readonly session: Session | undefined
  readonly categories: ReadonlyMap<string, Category>
  readonly methods: ReadonlyMap<string, PaymentMethod>
  readonly isHeld: boolean
}

/** The rule of a sale: an open session, known things, a total that is right, money that comes to it, and no module against it. */
export const recordSale: Rule<RecordSaleBody, SaleState> = {
  asks: { hook: SaleValidate, budgetMs: TILL_BUDGET_MS },
  load: async (read, body) => ({
    session: await findSession(read, body.sessionId),
    categories: await recordsById(
      read,
      'category',
      body.lines.map(({ categoryId }) => categoryId),
    ),
    methods: await recordsById(
      read,
      'payment-method',
      body.payments.map(({ methodId }) => methodId),
    ),
    isHeld: body.heldTicketId === undefined || (await isHeld(read, body.heldTicketId, body.sessionId)),
  }),
  decide(state, command, moment) {
    const { id, body } = command
    const session = openSessionOf(state.session, body.sessionId)
    const donationCents = body.donationCents ?? 0
    if (body.lines.length === 0 && donationCents === 0) refuse('ticket-empty', {}, '/lines')
    if (!state.isHeld)
      refuse('unknown-reference', { what: 'held ticket', id: body.heldTicketId ?? '' }, '/heldTicketId')
    const lines = priceLines(body, ({ categoryId }, field) =>
      usable(state.categories.get(categoryId), 'category', categoryId, field),
    )
    checkMethodLimits(body.payments, state.methods)
    const payments = settle({
      handed: body.payments,
      methods: state.methods,
      changeCents: body.changeCents ?? 0,
      totalCents: body.totalCents,
      donationCents,
    })
    const sale: SaleRecorded = {
      saleId: id,
      registerId: session.registerId,
      sessionId: session.id,
      lines,
      totalCents: body.totalCents,
      donationCents,
      payments,
      isGloballyPriced: body.isGloballyPriced ?? false,
      ...(body.tag ? { tag: body.tag } : {}),
      hasNote: body.note !== undefined,
      ...skippedIn(command),
    }
    const dated = datedBy(session, moment)
    return {
      facts: [draft(SaleRecorded, sale, dated)],
      apart: [
        ...personal(`sale/${id}`, 'note', body.note, moment.recordedAt),
        ...(body.heldTicketId ? [noLongerHeld(body.heldTicketId)] : []),
      ],
      question: questionAbout(sale, dated.mode),
    }
  },
}

const questionAbout = (sale: SaleRecorded, mode: Mode): ArgsOf<typeof SaleValidate> => {
  const { registerId, sessionId, lines, totalCents, donationCents, payments, tag } = sale
  return { registerId, sessionId, mode, lines, totalCents, donationCents, payments, ...(tag ? { tag } : {}) }
}

const isHeld = async (read: Read, id: string, sessionId: string) => {
  const held = await findHeld(read, id)
  return held?.isGone === false && held.sessionId === sessionId
}
