import type { CashSessionClosed, SessionBooking } from '@recyclique/contracts'
import { eurosOf, inEuros } from './cents.ts'
import { accountOf, categoryAccount, type Mapping } from './settings.ts'
import { fitted, fittedLines, MOST_BYTES } from './text.ts'

/** A session that was closed, and what its fact says besides its data. */
export interface Closing extends CashSessionClosed {
  readonly businessDate: string
}

/** One line: whole cents, on one side. */
export interface EntryLine {
  readonly account: string
  readonly debitCents: number
  readonly creditCents: number
  readonly label: string
}

/** What is to stand in Paheko for one session. Its debits are its credits. */
export interface Entry {
  readonly date: string
  readonly label: string
  readonly reference: string
  readonly notes: string
  readonly lines: readonly EntryLine[]
}

/** The fact was kept by a program that did not write what bookkeeping needs. */
export class TooOld extends Error {}

/** Cents on an account: positive is debit, negative is credit. */
type Posting = readonly [account: string, cents: number, label: string]

interface Around {
  readonly reference: string
  readonly mapping: Mapping
  /** The first day of the year that the entry goes into: money for what was sold before is given back out of another year's account. */
  readonly yearBegins: string | undefined
}

/**
 * One balanced entry for a closed session: payments by method, sales by the account of their category, donations, refunds of this year and of
 * earlier ones, what was counted too little or too much, and cash that moved. Each part is balanced in itself.
 */
export const entryOf = (closing: Closing, { reference, mapping, yearBegins }: Around): Entry => {
  const { booking, businessDate, registerId, saleCount, refundCount } = closing
  if (!booking) throw new TooOld('the close holds no accounts')
  const books = { ...closing, booking, mapping }
  const postings = [...takings(books), ...refunds(books, yearBegins), ...variances(books), ...moves(books)]
  const balance = postings.reduce((sum, [, cents]) => sum + cents, 0)
  if (balance !== 0) throw new RangeError(`the entry is out of balance by ${balance} cents`)
  return {
    date: businessDate,
    label: fitted(`Caisse ${registerId} du ${businessDate}`, MOST_BYTES.label),
    reference,
    notes: fittedLines(
      [
        `${saleCount} vente(s), ${refundCount} remboursement(s), ${closing.voidCount} annulation(s).`,
        `Écart constaté : ${inEuros(closing.varianceCents)}. Fond de caisse suivant : ${inEuros(closing.nextFloatCents)}.`,
        `Session ${closing.sessionId}, transmise par Recyclique.`,
      ],
      MOST_BYTES.notes,
    ),
    lines: postings.flatMap(lineOf),
  }
}

/** A zero is no line; what is negative stands on the other side. */
const lineOf = ([account, cents, label]: Posting): EntryLine[] =>
  cents === 0
    ? []
    : [
        {
          account,
          debitCents: Math.max(0, cents),
          creditCents: Math.max(0, -cents),
          label: fitted(label, MOST_BYTES.lineLabel),
        },
      ]

interface Books extends Closing {
  readonly booking: SessionBooking
  readonly mapping: Mapping
}

type Method = SessionBooking['methods'][number]

/** Sales and donations: what came in by method, against what it was for. */
const takings = (books: Books): Posting[] => {
  const { booking, mapping } = books
  const sales = sumOf(booking.payments.filter(({ nature }) => nature === 'sale'))
  const donations = sumOf(booking.payments.filter(({ nature }) => nature === 'donation'))
  const parts = bySum(
    booking.lines.filter(({ soldOn }) => soldOn === undefined),
    ({ categoryIds }) => categoryAccount(mapping, categoryIds) ?? accountOf(mapping, 'sales'),
  )
  return [
    ...booking.methods.map((method): Posting => {
      const paid = booking.payments.filter(
        ({ methodId, nature }) => methodId === method.methodId && nature !== 'refund',
      )
      return [debitAccount(books, method), sumOf(paid), method.name]
    }),
    ...splitOf({ total: -sales, parts, rest: accountOf(mapping, 'sales'), label: 'Ventes' }),
    [accountOf(mapping, 'donations'), -donations, 'Dons'],
  ]
}

/** Money that was given back: by method, against the accounts of what had been sold, or the account of earlier years. */
const refunds = (books: Books, yearBegins: string | undefined): Posting[] => {
  const { booking, mapping } = books
  const paid = booking.payments.filter(({ nature }) => nature === 'refund')
  const isEarlier = ({ soldOn }: { soldOn?: string }) => yearBegins !== undefined && (soldOn ?? yearBegins) < yearBegins
  const lines = booking.lines.filter(({ soldOn }) => soldOn !== undefined)
  const earlier = sumOf(lines.filter(isEarlier))
  const parts = bySum(
    lines.filter((line) => !isEarlier(line)),
    ({ categoryIds }) => categoryAccount(mapping, categoryIds) ?? accountOf(mapping, 'sales'),
  )
  return [
    ...splitOf({ total: -(sumOf(paid) - earlier), parts, rest: accountOf(mapping, 'sales'), label: 'Remboursements' }),
    [accountOf(mapping, 'priorYearRefunds'), -earlier, 'Remboursements de ventes d’exercices antérieurs'],
    ...booking.methods.map((method): Posting => {
      const back = sumOf(paid.filter(({ methodId }) => methodId === method.methodId))
      return [refundAccount(books, method), back, `${method.name} : remboursements`]
    }),
  ]
}

/** What was counted beside what was expected. The drawer is right: it is what is there. */
const variances = (books: Books): Posting[] =>
  books.perMethod.flatMap(({ methodId, varianceCents }): Posting[] => {
    const method = books.booking.methods.find((one) => one.methodId === methodId)
    if (!method || varianceCents === 0) return []
    const against = accountOf(books.mapping, varianceCents < 0 ? 'shortage' : 'surplus')
    const label = `Écart de caisse : ${method.name}`
    return [
      [debitAccount(books, method), varianceCents, label],
      [against, -varianceCents, label],
    ]
  })

/** Cash that came or went without a ticket, and what goes to the bank at the close. */
const moves = (books: Books): Posting[] => {
  const { booking, bankCents, mapping } = books
  const cash = booking.methods.find(({ kind }) => kind === 'cash')
  const all = [...booking.moves, { kind: 'bank' as const, cents: -bankCents, subtype: undefined }]
  return all.flatMap(({ kind, subtype, cents }): Posting[] => {
    if (!cash || cents === 0) return []
    const label = subtype === undefined ? MOVE_LABELS[kind] : `${MOVE_LABELS[kind]} : ${subtype}`
    return [
      [debitAccount(books, cash), cents, label],
      [moveAccount(mapping, kind, subtype), -cents, label],
    ]
  })
}

const MOVE_LABELS: Readonly<Record<SessionBooking['moves'][number]['kind'], string>> = {
  'top-up': 'Apport en caisse',
  bank: 'Espèces vers la banque',
  transfer: 'Mouvement entre caisses',
  disbursement: 'Dépense payée en espèces',
}

const moveAccount = (mapping: Mapping, kind: string, subtype: string | undefined): string => {
  if (kind !== 'disbursement') return accountOf(mapping, 'transfers')
  const own = subtype !== undefined && Object.hasOwn(mapping.subtypes, subtype) ? mapping.subtypes[subtype] : undefined
  return own ?? accountOf(mapping, 'disbursements')
}

const debitAccount = ({ mapping }: Books, { methodId, debitAccount }: Method): string =>
  Object.hasOwn(mapping.methods, methodId) ? (mapping.methods[methodId] as string) : debitAccount

const refundAccount = ({ mapping }: Books, { methodId, refundAccount }: Method): string =>
  Object.hasOwn(mapping.methods, methodId) ? (mapping.methods[methodId] as string) : refundAccount

interface Split {
  /** As it is to stand: positive is debit. */
  readonly total: number
  /** Cents with the till's sign, by account. */
  readonly parts: ReadonlyMap<string, number>
  readonly rest: string
  readonly label: string
}

/** Payments are the source: what the lines do not come to stays on the account of sales. */
const splitOf = ({ total, parts, rest, label }: Split): Posting[] => {
  const others = [...parts].filter(([account]) => account !== rest)
  const left = total + others.reduce((sum, [, cents]) => sum + cents, 0)
  return [[rest, left, label], ...others.map(([account, cents]): Posting => [account, -cents, label])]
}

const bySum = <T extends { readonly cents: number }>(
  list: readonly T[],
  key: (one: T) => string,
): Map<string, number> => {
  const sums = new Map<string, number>()
  for (const one of list) sums.set(key(one), (sums.get(key(one)) ?? 0) + one.cents)
  return sums
}

const sumOf = (list: readonly { readonly cents: number }[]): number => list.reduce((sum, { cents }) => sum + cents, 0)

/** The codes that an entry needs. */
export const codesIn = ({ lines }: Pick<Entry, 'lines'>): string[] =>
  [...new Set(lines.map(({ account }) => account))].sort()

/** What is sent: texts in euros, the other side left out. `ADVANCED`, since any other word silently becomes it. */
export const payloadOf = ({ date, label, reference, notes, lines }: Entry, yearId: number) => ({
  ...{ id_year: yearId, type: 'ADVANCED', date, label, reference, notes },
  lines: lines.map((line) => ({
    account: line.account,
    ...(line.debitCents > 0 ? { debit: eurosOf(line.debitCents) } : { credit: eurosOf(line.creditCents) }),
    label: line.label,
  })),
})
