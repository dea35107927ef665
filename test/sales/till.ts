import type {
  CashMoved,
  CashSessionClosed,
  CashSessionOpened,
  CloseSessionBody,
  DataOf,
  FactSpec,
  HoldTicketBody,
  KeptFact,
  MoveCashBody,
  OpenSessionBody,
  ReceiptDuplicated,
  RecordKind,
  RecordOf,
  RecordSaleBody,
  RefundSaleBody,
  SaleRecorded,
  SaleRefunded,
  SaleVoided,
  TicketLine,
  VoidSaleBody,
} from '@recyclique/contracts'
import { closeSession } from '../../kernel/cash/close-session.ts'
import { moveCash } from '../../kernel/cash/move-cash.ts'
import { openSession } from '../../kernel/cash/open-session.ts'
import { changeRecord } from '../../kernel/centre/change-record.ts'
import type { Kept } from '../../kernel/ledger/ledger.ts'
import { copyReceipt } from '../../kernel/sales/copy-receipt.ts'
import { dropTicket, holdTicket } from '../../kernel/sales/hold-ticket.ts'
import { recordSale } from '../../kernel/sales/record-sale.ts'
import { refundSale } from '../../kernel/sales/refund-sale.ts'
import { voidSale } from '../../kernel/sales/void-sale.ts'
import { category } from '../matter/reception.ts'
import { openTestLedger } from '../support/ledger.ts'

/** The day on which the till's clock stands at first. */
export const TODAY = '2026-03-10'

export type Till = Awaited<ReturnType<typeof openTill>>
export type Sale = KeptFact<SaleRecorded>

/**
 * A centre with a till, three ways to pay and three categories; and the till's acts in one word each. An act that names no
 * session belongs to the one that was opened last (`session`). Cheques are taken from 5 € to 200 €.
 */
export const openTill = async () => {
  const { do: act, close: done, ...t } = await openTestLedger(`${TODAY}T10:00:00.000Z`)
  const record = <K extends RecordKind>(kind: K, one: RecordOf<K>) => act(changeRecord, { kind, record: one })
  const method = (id: string, kind: RecordOf<'payment-method'>['kind'], more = {}) =>
    record('payment-method', { id, name: id, kind, debitAccount: '5112', refundAccount: '5112', ...more })
  let registers = 1

  const till = {
    ...t,
    act,
    record,
    done,
    session: '',
    async open(body: Partial<OpenSessionBody> = {}) {
      const opened = first<CashSessionOpened>(
        await act(openSession, { registerId: 'caisse', floatCents: 5_000, ...body }),
      )
      till.session = opened.data.sessionId
      return opened
    },
    /** Opens a drawer on a register that nobody has used: what one test does there, no other one sees. */
    async fresh(body: Partial<OpenSessionBody> = {}) {
      registers += 1
      const registerId = `caisse-${registers}`
      await record('register', { id: registerId, name: registerId })
      return till.open({ registerId, ...body })
    },
    /** Sells; unless said, the total is what the lines come to, and it is paid in cash. */
    sell: async (body: Partial<RecordSaleBody>, as: { key?: string; actor?: string } = {}): Promise<Sale> => {
      const { lines = [], totalCents = sumOf(lines), donationCents = 0 } = body
      const owed = totalCents + donationCents
      const payments = owed > 0 ? [cash(owed)] : []
      return first(await act(recordSale, { sessionId: till.session, payments, ...body, lines, totalCents }, as))
    },
    /** Refunds; unless said, in cash, and the goods come back. */
    refund: async (sale: Sale, lines: RefundSaleBody['lines'], body: Partial<RefundSaleBody> = {}) => {
      const back = lines.reduce((all, { cents }) => all + cents, 0)
      const payments = back > 0 ? [cash(back)] : []
      const { saleId } = sale.data
      const whole = { saleId, sessionId: till.session, lines, payments, areGoodsBack: true, ...body }
      return first<SaleRefunded>(await act(refundSale, whole))
    },
    takeBack: async (sale: Sale, body: Partial<VoidSaleBody> = {}) =>
      first<SaleVoided>(await act(voidSale, { saleId: sale.data.saleId, sessionId: till.session, ...body })),
    copy: async ({ data }: Sale) => first<ReceiptDuplicated>(await act(copyReceipt, { saleId: data.saleId })),
    hold: (ticketId: string, body: Partial<HoldTicketBody> = {}) =>
      act(holdTicket, { sessionId: till.session, lines: [thing(300)], ticketId, ...body }),
    drop: (ticketId: string) => act(dropTicket, { ticketId }),
    move: async (
      kind: MoveCashBody['kind'],
      cents: number,
      body: Partial<MoveCashBody> & { sessionId?: string } = {},
    ) => (await act(moveCash, { sessionId: till.session, kind, cents, ...body })).facts as KeptFact<CashMoved>[],
    close: async (
      counted: CloseSessionBody['counted'],
      body: Partial<CloseSessionBody> & { sessionId?: string } = {},
    ) => first<CashSessionClosed>(await act(closeSession, { sessionId: till.session, counted, ...body })),
    /** What an act moved, line by line. */
    moved: (sourceId: string) =>
      t.store.read.all<{ flow: string; qty: number; grams: number; cents: number; business_date: string }>(
        'SELECT flow, qty, grams, cents, business_date FROM movement WHERE source_id = ? ORDER BY n',
        sourceId,
      ),
    personal: (ref: string) =>
      t.store.read.one<{ kind: string; text: string }>('SELECT * FROM personal WHERE ref = ?', ref),
  }

  await Promise.all([
    record('site', { id: 'centre', name: 'Le centre', timeZone: 'Europe/Paris', vatRegime: 'exempt' }),
    record('register', { id: 'caisse', name: 'Caisse' }),
    method('especes', 'cash'),
    method('carte', 'card'),
    method('cheque', 'cheque', { minCents: 500, maxCents: 20_000 }),
    ...['livres', 'textile', 'vaisselle'].map((id) => record('category', category({ id }))),
    till.open(),
  ])
  return till
}

/** One line of a ticket: a book, at the price of the whole line if there is one. */
export const thing = (lotCents?: number, more: Partial<TicketLine> = {}): TicketLine => ({
  categoryId: 'livres',
  qty: 1,
  ...(lotCents === undefined ? {} : { lotCents }),
  ...more,
})

export const cash = (cents: number) => ({ methodId: 'especes', cents })
export const card = (cents: number) => ({ methodId: 'carte', cents })
export const cheque = (cents: number, chequeNumber: string) => ({ methodId: 'cheque', cents, chequeNumber })

const sumOf = (lines: readonly TicketLine[]) =>
  lines.reduce((all, { lotCents, unitCents = 0, qty }) => all + (lotCents ?? unitCents * qty), 0)

export const first = <F extends DataOf<FactSpec>>({ facts }: Kept): KeptFact<F> => {
  if (!facts[0]) throw new Error('no fact was kept')
  return facts[0] as KeptFact<F>
}
