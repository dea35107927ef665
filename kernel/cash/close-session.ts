import {
  type ArgsOf,
  CashSessionClosed,
  CashVarianceFlagged,
  type Category,
  type CloseSessionBody,
  type Mode,
  type PaymentMethod,
  SessionCloseValidate,
} from '@recyclique/contracts'
import { personal } from '../centre/personal.ts'
import { allRecords } from '../centre/records.ts'
import { refuse } from '../errors.ts'
import { skippedIn } from '../ledger/asked.ts'
import { draft, type Rule } from '../ledger/rule.ts'
import type { Read } from '../store/port.ts'
import { datedBy, findSession, openSessionOf, type Session } from './session.ts'
import { type BookingRows, bookingRows, sessionBooking } from './session-booking.ts'
import { type SessionTotals, sessionTotals } from './session-totals.ts'

export interface CloseSession extends CloseSessionBody {
  readonly sessionId: string
}

interface State {
  readonly session: Session | undefined
  readonly methods: readonly PaymentMethod[]
  readonly categories: readonly Category[]
  readonly totals: SessionTotals
  readonly rows: BookingRows
  readonly heldCount: number
}

/** Closing is done once a day, and what is found out then cannot be put right afterwards: it may wait longer than a sale. */
const CLOSE_BUDGET_MS = 750

/** Counts a drawer and closes it: what the ledger expects, what is there, why they differ; frozen in one fact. */
export const closeSession: Rule<CloseSession, State> = {
  asks: { hook: SessionCloseValidate, budgetMs: CLOSE_BUDGET_MS },
  load: async (read, { sessionId }) => ({
    session: await findSession(read, sessionId),
    methods: await allRecords(read, 'payment-method'),
    categories: await allRecords(read, 'category'),
    totals: await sessionTotals(read, sessionId),
    rows: await bookingRows(read, sessionId),
    heldCount: await heldCount(read, sessionId),
  }),
  decide({ session: found, methods, categories, totals, rows, heldCount }, command, moment) {
    const { body } = command
    const session = openSessionOf(found, body.sessionId)
    if (heldCount > 0) refuse('tickets-held', { count: heldCount })
    const perMethod = compare(expectedBy(session, methods, totals), body, methods)
    const varianceCents = perMethod.reduce((all, one) => all + one.varianceCents, 0)
    const differs = perMethod.some((one) => one.varianceCents !== 0)
    if (differs && body.reason === undefined) refuse('variance-unexplained', { variance: varianceCents }, '/reason')
    const bankCents = body.bankCents ?? 0
    const countedCash = perMethod.find(({ methodId }) => methodId === cashOf(methods)?.id)?.countedCents ?? 0
    if (bankCents > countedCash)
      refuse('move-invalid', { why: `Only ${countedCash} cents of cash were counted.` }, '/bankCents')
    const closed: CashSessionClosed = {
      sessionId: session.id,
      registerId: session.registerId,
      floatCents: session.floatCents,
      perMethod,
      varianceCents,
      bankCents,
      nextFloatCents: countedCash - bankCents,
      ...totals.counts,
      ...totals.sums,
      movesCents: totals.movesCents,
      hasReason: body.reason !== undefined,
      booking: sessionBooking(
        rows,
        { methods, categories },
        perMethod.map(({ methodId }) => methodId),
      ),
      ...skippedIn(command),
    }
    const { sessionId, registerId } = closed
    const dated = datedBy(session, moment)
    return {
      facts: [
        draft(CashSessionClosed, closed, dated),
        ...(differs ? [draft(CashVarianceFlagged, { sessionId, registerId, varianceCents }, dated)] : []),
      ],
      apart: personal(`session/${session.id}`, 'variance-reason', body.reason, moment.recordedAt),
      question: questionAbout(closed, dated.mode),
    }
  },
}

const questionAbout = (closed: CashSessionClosed, mode: Mode): ArgsOf<typeof SessionCloseValidate> => {
  const { sessionId, registerId, perMethod, varianceCents, bankCents } = closed
  return { sessionId, registerId, mode, perMethod, varianceCents, bankCents }
}

const heldCount = async (read: Read, sessionId: string) =>
  (
    await read.one<{ n: number }>(
      'SELECT COUNT(*) AS n FROM held_ticket WHERE session_id = ? AND is_gone = 0',
      sessionId,
    )
  )?.n ?? 0

/** What lies in the drawer: the method of kind cash that is in use. */
const cashOf = (methods: readonly PaymentMethod[]) =>
  methods.find(({ kind, archived }) => kind === 'cash' && !archived) ?? methods.find(({ kind }) => kind === 'cash')

/** Expected per method, in cents; the drawer's cash also has the float and the moves. */
export const expectedBy = (
  { floatCents }: Session,
  methods: readonly PaymentMethod[],
  { paidBy, movesCents }: SessionTotals,
): Map<string, number> => {
  const expected = new Map(paidBy)
  const cash = cashOf(methods)
  if (cash) expected.set(cash.id, (expected.get(cash.id) ?? 0) + floatCents + movesCents)
  return expected
}

const compare = (
  expected: ReadonlyMap<string, number>,
  { counted }: CloseSession,
  methods: readonly PaymentMethod[],
): CashSessionClosed['perMethod'] => {
  const countedBy = new Map<string, number>()
  for (const [index, { methodId, cents }] of counted.entries()) {
    const field = `/counted/${index}/methodId`
    if (!methods.some(({ id }) => id === methodId))
      refuse('unknown-reference', { what: 'payment method', id: methodId }, field)
    if (countedBy.has(methodId)) refuse('count-doubled', { method: methodId }, field)
    if (cents < 0 && methodId === cashOf(methods)?.id) refuse('cash-below-zero', {}, `/counted/${index}/cents`)
    countedBy.set(methodId, cents)
  }
  for (const [method, cents] of expected)
    if (cents !== 0 && !countedBy.has(method)) refuse('count-missing', { method, expected: cents }, '/counted')
  return [...new Set([...expected.keys(), ...countedBy.keys()])].sort().map((methodId) => {
    const expectedCents = expected.get(methodId) ?? 0
    const countedCents = countedBy.get(methodId) ?? 0
    return { methodId, expectedCents, countedCents, varianceCents: countedCents - expectedCents }
  })
}
