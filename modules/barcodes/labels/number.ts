import { checkDigit, isChecked } from '../codes/check-digit.ts'

/**
 * The number of a label: which batch (the place of its fact in this module's journal, given by the ledger and never twice), and which
 * one of it. Ten digits, `bbbbbbbnnn`.
 */
export interface LabelNumber {
  readonly batch: number
  readonly nth: number
}

/** So many numbers there are. */
export const MOST_IN_BATCH = 1_000
export const LAST_BATCH = 9_999_999

/** In QR and Code 128, and under the bars: a letter that no foreign code begins with, ten digits, and a check digit. */
export const textOf = (number: LabelNumber): string => `R${checked(digitsOf(number))}`

/** The same as an EAN-13, in the range that GS1 leaves to each shop; no layout of prices or weights may take it. */
export const eanOf = (number: LabelNumber): string => checked(`${OWN_RANGE}${digitsOf(number)}`)

export const OWN_RANGE = '29'

/** As facts and tickets bear it. */
export const idOf = (number: LabelNumber): string => textOf(number).toLowerCase()

/** As it stands under the bars, in groups that an eye can hold. */
export const spokenOf = (text: string): string => text.replace(/^(R\d{3})(\d{4})(\d{4})$/, '$1 $2 $3')

/** A label's text, by its form alone: undefined where it is none, or its check digit is wrong. */
export const numberIn = (text: string): LabelNumber | undefined => {
  const own = /^R(\d{11})$/i.exec(text)?.[1]
  if (own && isChecked(own)) return split(own.slice(0, 10))
  const ean = new RegExp(`^${OWN_RANGE}(\\d{10})\\d$`).exec(text)?.[1]
  return ean && isChecked(text) ? split(ean) : undefined
}

const split = (digits: string): LabelNumber => ({ batch: Number(digits.slice(0, 7)), nth: Number(digits.slice(7)) })

const digitsOf = ({ batch, nth }: LabelNumber): string => {
  if (!isWithin(batch, LAST_BATCH) || !isWithin(nth, MOST_IN_BATCH - 1))
    throw new RangeError(`there is no label ${nth} of batch ${batch}`)
  return `${String(batch).padStart(7, '0')}${String(nth).padStart(3, '0')}`
}

const isWithin = (value: number, most: number): boolean => Number.isInteger(value) && value >= 0 && value <= most

const checked = (digits: string): string => `${digits}${checkDigit(digits)}`
