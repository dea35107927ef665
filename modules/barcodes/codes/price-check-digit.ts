/** The digit after its weight, as GS1 has it for a price inside of a code (General Specifications 7.9.2): for each digit 0 to 9. */
const TWO_MINUS = [0, 2, 4, 6, 8, 9, 1, 3, 5, 7]
const THREE = [0, 3, 6, 9, 2, 5, 8, 1, 4, 7]
const FIVE_PLUS = [0, 5, 1, 6, 2, 7, 3, 8, 4, 9]
const FIVE_MINUS = [0, 5, 9, 4, 8, 3, 7, 2, 6, 1]

const FOUR_DIGITS = [TWO_MINUS, TWO_MINUS, THREE, FIVE_MINUS]
const FIVE_DIGITS = [FIVE_PLUS, TWO_MINUS, FIVE_MINUS, FIVE_PLUS, TWO_MINUS]

/** The digit that guards a price or a weight of four or five digits inside of a code. Throws a `RangeError` for any other number of digits. */
export const priceCheckDigit = (digits: string): string => {
  if (digits.length === 4) return String((weighed(digits, FOUR_DIGITS) * 3) % 10)
  if (digits.length === 5) return String(FIVE_MINUS.indexOf((10 - (weighed(digits, FIVE_DIGITS) % 10)) % 10))
  throw new RangeError(`a price check digit is for four or five digits, not for ${digits.length}`)
}

const weighed = (digits: string, weights: readonly (readonly number[])[]): number =>
  [...digits].reduce((sum, digit, nth) => sum + (weights[nth]?.[Number(digit)] ?? 0), 0)
