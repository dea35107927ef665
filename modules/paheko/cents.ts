/** Whole cents as Paheko wants an amount: a decimal text in euros. Never a number: `1200` would be twelve hundred euros. */
export const eurosOf = (cents: number): string => {
  if (!Number.isSafeInteger(cents) || cents <= 0) throw new RangeError(`${cents} cents cannot stand on a line`)
  return `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`
}

const EUROS = new Intl.NumberFormat('fr-FR', { style: 'currency', currency: 'EUR' })

/** For a person. */
export const inEuros = (cents: number): string => EUROS.format(cents / 100)
