/** GS1's check digit (General Specifications 7.9.1): weights 3 and 1 in turn from the right, the sum brought up to a full ten. */
export const checkDigit = (digits: string): string => {
  const sum = [...digits].toReversed().reduce((all, digit, nth) => all + Number(digit) * (nth % 2 === 0 ? 3 : 1), 0)
  return String((10 - (sum % 10)) % 10)
}

/** The last digit is the check digit of those before it. */
export const isChecked = (digits: string): boolean => digits.at(-1) === checkDigit(digits.slice(0, -1))
