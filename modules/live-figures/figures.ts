import type {
  ExitRecorded,
  KeptFact,
  MatterCorrected,
  MatterLogged,
  SaleRecorded,
  SaleRefunded,
  SaleVoided,
} from '@recyclique/contracts'

/** The ways that kilos take: in at the door, out over the till (sold, or free of charge), out by an exit. */
export type Flow = 'in' | 'till' | 'exit'

/** What a fact adds to the figures of a day; counter-entries add less than nothing. Facts of training add nothing. */
export type Change =
  | { kind: 'money'; day: string; takingsCents: number; donationsCents: number; tickets: number }
  | { kind: 'kilos'; day: string; flow: Flow; categoryId: string; categoryName: string; grams: number }

/** A ticket: money on the day of its session, and the weight of its lines out of the door. */
export const figuresOfSale = (fact: KeptFact<SaleRecorded>): Change[] => ticket(fact, 1)

/** A ticket taken back whole: exactly what it had added. */
export const figuresOfVoid = (fact: KeptFact<SaleVoided>): Change[] => ticket(fact, -1)

/** Money given back counts on the day of the refund; the ticket stays a ticket. Kilos only as far as the goods came back. */
export const figuresOfRefund = (fact: KeptFact<SaleRefunded>): Change[] =>
  counted(fact, [
    money(fact, { takingsCents: -fact.data.totalCents, donationsCents: 0, tickets: 0 }),
    ...fact.data.lines.map((line) => kilos(fact, 'till', line, -line.grams)),
  ])

export const figuresOfWeighing = (fact: KeptFact<MatterLogged>): Change[] =>
  counted(fact, [kilos(fact, 'in', fact.data, fact.data.netGrams)])

export const figuresOfExit = (fact: KeptFact<ExitRecorded>): Change[] =>
  counted(
    fact,
    fact.data.lines.map((line) => kilos(fact, 'exit', line, line.netGrams)),
  )

/** Takes the old values away and adds the new ones, on the day of the line itself: that is the correction's own business date. */
export const figuresOfCorrection = (fact: KeptFact<MatterCorrected>): Change[] => {
  const { before, after, sourceKind } = fact.data
  const flow = sourceKind === 'deposit' ? 'in' : 'exit'
  return counted(fact, [
    ...(before ? [kilos(fact, flow, before, -before.netGrams)] : []),
    ...(after ? [kilos(fact, flow, after, after.netGrams)] : []),
  ])
}

const ticket = (fact: KeptFact<SaleRecorded | SaleVoided>, sign: 1 | -1): Change[] => {
  const { totalCents, donationCents, lines } = fact.data
  return counted(fact, [
    money(fact, { takingsCents: sign * totalCents, donationsCents: sign * donationCents, tickets: sign }),
    ...lines.map((line) => kilos(fact, 'till', line, sign * (line.lineGrams ?? 0))),
  ])
}

/** A change of nothing is none: a line without weight brings no category into the list. */
const counted = (fact: KeptFact, changes: Change[]): Change[] =>
  fact.mode === 'training' ? [] : changes.filter((one) => one.kind === 'money' || one.grams !== 0)

const money = (
  { businessDate: day }: KeptFact,
  amounts: { takingsCents: number; donationsCents: number; tickets: number },
): Change => ({ kind: 'money', day, ...amounts })

const kilos = (
  { businessDate: day }: KeptFact,
  flow: Flow,
  { categoryId, categoryName }: { categoryId: string; categoryName: string },
  grams: number,
): Change => ({ kind: 'kilos', day, flow, categoryId, categoryName, grams })
