import { createHash } from 'node:crypto'
import {
  type DataOf,
  ExitRecorded,
  type FactSpec,
  type KeptFact,
  MatterCorrected,
  MatterLogged,
  parse,
  type SaleLine,
  SaleRecorded,
  SaleRefunded,
  SaleVoided,
} from '@recyclique/contracts'

/** A UUID that says by itself which one it is. */
export const uuid = (n: number): string => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`

export type FactHead = Partial<Pick<KeptFact, 'businessDate' | 'mode'>>

/** Makes facts with positions 1, 2, 3 …, checked against their contracts. */
export const factMaker = (businessDate = '2026-03-14') => {
  let position = 0
  const make = <F extends FactSpec>(spec: F, data: DataOf<F>, head: FactHead = {}): KeptFact<DataOf<F>> => {
    position += 1
    return {
      position,
      id: uuid(position),
      journal: spec.journal(data),
      seq: position,
      mode: 'live',
      name: spec.name,
      version: spec.version,
      site: 'essai',
      recordedAt: '2026-03-14T10:00:00.000Z',
      businessDate,
      actor: 'claire',
      data: parse(spec.data, data, spec.name),
      hash: createHash('sha256').update(`fact ${position}`).digest('hex'),
      ...head,
    }
  }
  return {
    sale: (lines: Bought[] = [{}], own: Partial<SaleRecorded> = {}, head: FactHead = {}) =>
      make(
        SaleRecorded,
        { ...ticket(lines, own), saleId: own.saleId ?? uuid(position + 1), isGloballyPriced: false },
        head,
      ),
    void: (lines: Bought[], own: Partial<SaleVoided> = {}, head: FactHead = {}) =>
      make(SaleVoided, { ...ticket(lines, own), voidId: uuid(position + 1), saleId: uuid(1) }, head),
    refund: (lines: Back[], areGoodsBack: boolean, head: FactHead = {}) =>
      make(SaleRefunded, refund(lines, areGoodsBack, uuid(position + 1)), head),
    weighing: (categoryId: string, netGrams: number, head: FactHead = {}) =>
      make(
        MatterLogged,
        {
          depositId: uuid(1),
          postId: 'quai',
          lineId: uuid(position + 1),
          line: 1,
          ...measured(categoryId, netGrams),
          method: 'weighed',
          destination: 'shop',
        },
        head,
      ),
    exit: (lines: [categoryId: string, netGrams: number][], head: FactHead = {}) =>
      make(
        ExitRecorded,
        {
          exitId: uuid(position + 1),
          kind: 'bins',
          lines: lines.map(([categoryId, netGrams], at) => ({
            lineId: uuid(1000 + at),
            line: at + 1,
            ...measured(categoryId, netGrams),
          })),
          totalGrams: lines.reduce((all, [, grams]) => all + grams, 0),
          hasNote: false,
        },
        head,
      ),
    correction: (
      sourceKind: 'deposit' | 'exit',
      before: [categoryId: string, netGrams: number] | null,
      after: [categoryId: string, netGrams: number] | null,
      head: FactHead = {},
    ) =>
      make(
        MatterCorrected,
        {
          correctionId: uuid(position + 1),
          sourceKind,
          sourceId: uuid(1),
          ...(sourceKind === 'deposit' ? { postId: 'quai', flow: 'deposit' as const } : { flow: 'bins' as const }),
          lineId: uuid(2),
          line: 1,
          revision: 2,
          before: before && measured(...before),
          after: after && measured(...after),
          sourceGramsBefore: before?.[1] ?? 0,
          sourceGramsAfter: after?.[1] ?? 0,
          hasNote: false,
        },
        head,
      ),
  }
}

type Bought = { categoryId?: string; cents?: number; grams?: number }
type Back = { categoryId: string; cents: number; grams: number }

const nameOf = (categoryId: string): string => categoryId[0]?.toUpperCase() + categoryId.slice(1)

const ticket = (bought: Bought[], own: { donationCents?: number }) => {
  const lines: SaleLine[] = bought.map(({ categoryId = 'livres', cents = 150, grams }, at) => ({
    line: at + 1,
    categoryId,
    categoryName: nameOf(categoryId),
    qty: 1,
    lineCents: cents,
    ...(grams === undefined ? {} : { lineGrams: grams }),
  }))
  const totalCents = lines.reduce((all, { lineCents }) => all + lineCents, 0)
  const donationCents = own.donationCents ?? 0
  return {
    registerId: '1',
    sessionId: uuid(9),
    lines,
    totalCents,
    donationCents,
    payments: [],
    hasNote: false,
  }
}

const refund = (back: Back[], areGoodsBack: boolean, refundId: string): SaleRefunded => ({
  refundId,
  saleId: uuid(1),
  registerId: '1',
  sessionId: uuid(9),
  lines: back.map(({ categoryId, cents, grams }, at) => ({
    line: at + 1,
    categoryId,
    categoryName: nameOf(categoryId),
    qty: 1,
    cents,
    grams: areGoodsBack ? grams : 0,
  })),
  totalCents: back.reduce((all, { cents }) => all + cents, 0),
  payments: [],
  areGoodsBack,
  hasNote: false,
})

const measured = (categoryId: string, netGrams: number) => ({
  categoryId,
  categoryName: nameOf(categoryId),
  grossGrams: netGrams,
  tareGrams: 0,
  netGrams,
  isConfirmed: false,
})
