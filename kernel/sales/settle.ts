import type { Payment, PaymentMethod, RecordSaleBody } from '@recyclique/contracts'
import { usable } from '../centre/records.ts'
import { refuse } from '../errors.ts'

type Handed = RecordSaleBody['payments'][number]

/** What is handed over against what is owed. */
export interface Settlement {
  readonly handed: readonly Handed[]
  readonly methods: ReadonlyMap<string, PaymentMethod>
  readonly changeCents: number
  readonly totalCents: number
  readonly donationCents: number
}

/**
 * Money handed over → payments by nature, which are the only source of accounting: the sale is paid first, the donation out of
 * what came last, and change goes out in cash against the sale. 8 € sold, 10 € kept: 8 € of sale, 2 € of donation.
 *
 * Refuses unless Σ handed − change = total + donation, and change above the cash that came in. Nothing owed has no payments:
 * "free" is no way to pay.
 */
export const settle = ({ handed, methods, changeCents, totalCents, donationCents }: Settlement): Payment[] => {
  const paid = handed.reduce((all, { cents }) => all + cents, 0)
  if (paid - changeCents !== totalCents + donationCents)
    refuse('payments-differ', { paid, change: changeCents, total: totalCents, donation: donationCents }, '/payments')
  const cash = handed.find(({ methodId }) => methods.get(methodId)?.kind === 'cash')
  const cashCents = handed
    .filter(({ methodId }) => methods.get(methodId)?.kind === 'cash')
    .reduce((all, { cents }) => all + cents, 0)
  if (changeCents > cashCents) refuse('change-without-cash', { change: changeCents, cash: cashCents }, '/changeCents')
  const payments = byNature(handed, paid - donationCents)
  return cash && changeCents > 0
    ? [...payments, { methodId: cash.methodId, cents: changeCents, direction: 'out', nature: 'sale' }]
    : payments
}

/** The first `saleCents` pay the sale, what follows is the donation; a payment that does both becomes two. */
const byNature = (handed: readonly Handed[], saleCents: number): Payment[] => {
  let left = saleCents
  return handed.flatMap((one) => {
    const forSale = Math.min(one.cents, left)
    left -= forSale
    const parts: Payment[] = []
    if (forSale > 0) parts.push({ ...one, cents: forSale, direction: 'in', nature: 'sale' })
    if (one.cents > forSale) parts.push({ ...one, cents: one.cents - forSale, direction: 'in', nature: 'donation' })
    return parts
  })
}

/** What left the drawer on a sale, read back from its payments. */
export const changeIn = (payments: readonly Payment[]): number =>
  payments.filter(({ direction }) => direction === 'out').reduce((all, { cents }) => all + cents, 0)

/** Each method exists and is in use. What is given back knows no limits: a part of a cheque may be small. */
export const checkMethods = (handed: readonly Handed[], methods: ReadonlyMap<string, PaymentMethod>): void => {
  for (const [index, { methodId }] of handed.entries())
    usable(methods.get(methodId), 'payment method', methodId, `/payments/${index}/methodId`)
}

/** The same for money that comes in, and the amounts stand within their methods' limits. */
export const checkMethodLimits = (handed: readonly Handed[], methods: ReadonlyMap<string, PaymentMethod>): void => {
  checkMethods(handed, methods)
  for (const [index, { methodId, cents }] of handed.entries()) {
    const { minCents = 1, maxCents = Number.POSITIVE_INFINITY } = methods.get(methodId) ?? {}
    const limits =
      maxCents === Number.POSITIVE_INFINITY ? `at least ${minCents}` : `between ${minCents} and ${maxCents}`
    if (cents < minCents || cents > maxCents)
      refuse('method-limits', { method: methodId, limits }, `/payments/${index}/cents`)
  }
}
