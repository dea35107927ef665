import { type LabelNumber, numberIn } from '../labels/number.ts'
import { checkDigit, isChecked } from './check-digit.ts'

/**
 * What a code is by its form alone. `own`: a label of ours. `gtin`: a maker's or a shop's number with a right check digit, an UPC-A as the
 * EAN-13 that it is. `wrong`: its check digit does not fit. `cut`: a digit too few or too many. `foreign`: no form that is known here.
 */
export type Reading =
  | { readonly is: 'own'; readonly number: LabelNumber }
  | { readonly is: 'gtin'; readonly digits: string }
  | { readonly is: 'wrong'; readonly text: string; readonly found: string; readonly wanted: string }
  | { readonly is: 'cut'; readonly text: string; readonly signs: number }
  | { readonly is: 'foreign' }

/** Reads what a scanner sent or a hand typed: the scanner's own prefix (`]E0`) and spaces between groups do not count. */
export const readCode = (code: string): Reading => {
  const text = plain(code)
  const number = numberIn(text)
  if (number) return { is: 'own', number }
  if (/^R\d{11}$/.test(text)) return { is: 'wrong', text, ...digitsAtEnd(text.slice(1)) }
  if (/^R\d{9,10}$|^R\d{12,13}$/.test(text)) return { is: 'cut', text, signs: text.length - 1 }
  if (/^(\d{8}|\d{12}|\d{13})$/.test(text))
    return isChecked(text)
      ? { is: 'gtin', digits: text.length === 12 ? `0${text}` : text }
      : { is: 'wrong', text, ...digitsAtEnd(text) }
  if (/^(\d{7}|\d{9,11})$/.test(text)) return { is: 'cut', text, signs: text.length }
  return { is: 'foreign' }
}

const plain = (code: string): string => {
  const bare = code.trim().replace(/^\][A-Za-z]\w/, '')
  const joined = bare.replaceAll(/[\s.\u00a0-]/g, '').toUpperCase()
  return /^R?\d+$/.test(joined) ? joined : bare
}

const digitsAtEnd = (digits: string) => ({ found: digits.slice(-1), wanted: checkDigit(digits.slice(0, -1)) })
