import {
  type KeptFact,
  type Payment,
  ReceiptDuplicated,
  SaleRecorded,
  SaleRefunded,
  SaleVoided,
  signedCents,
} from '@recyclique/contracts'
import { on } from '../ledger/apply.ts'
import { type Movement, movement } from '../matter/movement.ts'
import { type Change, insert, update } from '../store/table.ts'

/** What a ticket and its counter-entries change: the ticket itself, the drawer, what is left to refund, and matter. */
export const salesApply = [
  on(SaleRecorded, (fact) => {
    const { data } = fact
    return [
      ticket(fact, { id: data.saleId, kind: 'sale', cents: data.totalCents, donation: data.donationCents, sale: null }),
      ...payments(fact, data),
      ...movements(
        fact,
        'sale',
        data.saleId,
        data.lines.map(({ lineCents, lineGrams = 0, ...line }) => ({
          ...line,
          qty: -line.qty,
          grams: -lineGrams,
          cents: lineCents,
        })),
      ),
    ]
  }),
  on(SaleRefunded, (fact) => {
    const { data } = fact
    return [
      ticket(fact, { id: data.refundId, kind: 'refund', cents: -data.totalCents, donation: 0, sale: data.saleId }),
      ...payments(fact, data),
      ...data.lines.map(({ line, qty, cents, grams }) =>
        insert('refunded_line', { sale_id: data.saleId, line, position: fact.position, qty, cents, grams }),
      ),
      ...movements(
        fact,
        'refund',
        data.refundId,
        data.lines.map((line) => ({ ...line, qty: data.areGoodsBack ? line.qty : 0, cents: -line.cents })),
      ),
    ]
  }),
  on(SaleVoided, (fact) => {
    const { data } = fact
    return [
      ticket(fact, {
        id: data.voidId,
        kind: 'void',
        cents: -data.totalCents,
        donation: -data.donationCents,
        sale: data.saleId,
      }),
      update('ticket', { id: data.saleId }, { is_voided: 1 }),
      ...payments(fact, data),
      ...movements(
        fact,
        'void',
        data.voidId,
        data.lines.map(({ lineCents, lineGrams = 0, ...line }) => ({ ...line, grams: lineGrams, cents: -lineCents })),
      ),
    ]
  }),
  on(ReceiptDuplicated, ({ data }) => [update('ticket', { id: data.saleId }, { copies: data.copy })]),
]

type TicketFact = KeptFact<{ registerId: string; sessionId: string }>

const ticket = (
  { position, journal, seq, mode, businessDate, recordedAt, data }: TicketFact,
  own: { id: string; kind: string; cents: number; donation: number; sale: string | null },
): Change =>
  insert('ticket', {
    id: own.id,
    kind: own.kind,
    position,
    journal,
    seq,
    mode,
    register_id: data.registerId,
    session_id: data.sessionId,
    business_date: businessDate,
    recorded_at: recordedAt,
    total_cents: own.cents,
    donation_cents: own.donation,
    sale_id: own.sale,
    is_voided: 0,
    copies: 0,
  })

const payments = (
  { position, mode, businessDate, data }: TicketFact,
  paid: { payments: readonly Payment[] },
): Change[] =>
  paid.payments.map((payment, n) =>
    insert('payment', {
      position,
      n,
      session_id: data.sessionId,
      register_id: data.registerId,
      mode,
      business_date: businessDate,
      method_id: payment.methodId,
      nature: payment.nature,
      cents: signedCents(payment),
    }),
  )

type Moved = Pick<Movement, 'line' | 'categoryId' | 'categoryName' | 'qty' | 'grams' | 'cents'>

const movements = (fact: TicketFact, flow: string, sourceId: string, lines: readonly Moved[]): Change[] =>
  lines.flatMap((moved, n) => movement(fact, { ...moved, n, flow, sourceId, place: fact.data.registerId }))
