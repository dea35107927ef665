/** A code that differs in one slip of hand or eye, and where: places count from 1. */
export interface Near {
  readonly text: string
  readonly slip: { readonly kind: 'digit'; readonly place: number } | { readonly kind: 'swap'; readonly place: number }
}

/** Every text with one digit changed or two neighbours swapped, the swaps first: hands make them more often. Letters stay. */
export const nearTexts = (text: string): Near[] => [...swaps(text), ...changes(text)]

const swaps = (text: string): Near[] =>
  [...text].flatMap((sign, nth) => {
    const next = text[nth + 1]
    if (!isDigit(sign) || next === undefined || !isDigit(next) || next === sign) return []
    const swapped = `${text.slice(0, nth)}${next}${sign}${text.slice(nth + 2)}`
    return [{ text: swapped, slip: { kind: 'swap' as const, place: nth + 1 } }]
  })

const changes = (text: string): Near[] =>
  [...text].flatMap((sign, nth) =>
    isDigit(sign)
      ? DIGITS.filter((digit) => digit !== sign).map((digit) => ({
          text: `${text.slice(0, nth)}${digit}${text.slice(nth + 1)}`,
          slip: { kind: 'digit' as const, place: nth + 1 },
        }))
      : [],
  )

const DIGITS = [...'0123456789']
const isDigit = (sign: string): boolean => sign >= '0' && sign <= '9'
