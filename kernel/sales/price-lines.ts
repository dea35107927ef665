import type { Category, RecordSaleBody, SaleLine, TicketLine } from '@recyclique/contracts'
import { refuse } from '../errors.ts'

/** Ticket lines → lines with prices that come to the ticket's total, or a refusal that names the line. */
export const priceLines = (body: RecordSaleBody, nameOf: (line: TicketLine, field: string) => Category): SaleLine[] => {
  const lines = body.lines.map((line, index) =>
    ownPrice(line, `/lines/${index}`, nameOf(line, `/lines/${index}/categoryId`), index),
  )
  const priced = sum(lines.map(({ lineCents }) => lineCents ?? 0))
  if (body.isGloballyPriced) return spread(lines, body.totalCents, priced)
  const unpriced = lines.findIndex(({ lineCents }) => lineCents === undefined)
  if (unpriced >= 0) refuse('line-unpriced', {}, `/lines/${unpriced}`)
  if (priced !== body.totalCents) refuse('total-differs', { computed: priced, stated: body.totalCents }, '/totalCents')
  return lines as SaleLine[]
}

type Draft = Omit<SaleLine, 'lineCents'> & { lineCents?: number }

const MOST_CENTS = 1_000_000_000

const ownPrice = (line: TicketLine, field: string, category: Category, index: number): Draft => {
  const { unitCents, lotCents, preset, qty } = line
  if (unitCents !== undefined && lotCents !== undefined) refuse('line-price-doubled', {}, `${field}/lotCents`)
  const lineCents = preset ? 0 : (lotCents ?? (unitCents === undefined ? undefined : unitCents * qty))
  if (preset && (unitCents || lotCents)) refuse('preset-priced', { preset }, `${field}/preset`)
  if ((lineCents ?? 0) > MOST_CENTS) refuse('amount-too-large', {}, `${field}/unitCents`)
  return {
    line: index + 1,
    categoryId: category.id,
    categoryName: category.officialName,
    qty,
    ...(unitCents === undefined || preset ? {} : { unitCents }),
    ...(lineCents === undefined ? {} : { lineCents }),
    ...(line.grams === undefined ? {} : { lineGrams: line.grams }),
    ...(preset ? { preset } : {}),
    ...(line.tag ? { tag: line.tag } : {}),
    ...(line.labelId ? { labelId: line.labelId } : {}),
  }
}

/**
 * One price for the whole ticket: what it is above the lines with a price goes to those without one, by their number of pieces,
 * and the last of them absorbs the rounding. When every line has a price, the surplus goes to the lines that cost something.
 */
const spread = (lines: Draft[], totalCents: number, priced: number): SaleLine[] => {
  if (totalCents < priced) refuse('global-price-too-low', { total: totalCents, priced }, '/totalCents')
  const isUnpriced = lines.some(({ lineCents }) => lineCents === undefined)
  const weights = lines.map((line) =>
    isUnpriced ? (line.lineCents === undefined ? line.qty : 0) : (line.lineCents ?? 0),
  )
  const shares = shareOut(totalCents - priced, weights)
  if (sum(shares) !== totalCents - priced)
    refuse('total-differs', { computed: priced, stated: totalCents }, '/totalCents')
  return lines.map((line, index) => {
    const lineCents = (line.lineCents ?? 0) + (shares[index] ?? 0)
    // A unit price that the surplus has overtaken would contradict the line.
    const { unitCents, ...rest } = line
    return {
      ...rest,
      ...(unitCents !== undefined && unitCents * line.qty === lineCents ? { unitCents } : {}),
      lineCents,
    }
  })
}

/** Splits whole cents by weight; the last that has a weight takes the rest. All zero when nothing has a weight. */
export const shareOut = (cents: number, weights: readonly number[]): number[] => {
  const whole = sum(weights)
  const last = weights.findLastIndex((weight) => weight > 0)
  let given = 0
  return weights.map((weight, index) => {
    if (weight === 0) return 0
    // BigInt: cents × weight may pass 2^53.
    const share = index === last ? cents - given : Number((BigInt(cents) * BigInt(weight)) / BigInt(whole))
    given += share
    return share
  })
}

const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0)
