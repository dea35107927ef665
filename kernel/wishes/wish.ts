import { Misfit, parse, type WishFault } from '@recyclique/contracts'
import type { Static, TSchema } from '@sinclair/typebox'
import { Refusal } from '../errors.ts'

/** A wish that is not granted, in the words that the module's author reads. */
export class Unwished extends Error {
  readonly fault: WishFault
  constructor(code: WishFault['code'], words: string, field?: string) {
    super(words)
    const isPassing = code === 'not-at-work' || code === 'unavailable'
    this.fault = { code, words, isPassing, ...(field === undefined ? {} : { field }) }
  }
}

/** What a module sent with its wish. Throws an `Unwished` that names the field. */
export const readWish = <S extends TSchema>(schema: S, body: unknown, what: string): Static<S> => {
  try {
    return parse(schema, body, what)
  } catch (error) {
    if (error instanceof Misfit) throw new Unwished('malformed', `${error.message}.`, error.flaws[0]?.field)
    throw error
  }
}

const OF_REFUSAL: Readonly<Record<string, WishFault['code']>> = { 'kv-conflict': 'conflict', 'kv-full': 'full' }

/** Any failure as it is sent; what nobody foresaw goes on to the log, and passes perhaps. */
export const wishFaultOf = (error: unknown): WishFault | undefined => {
  if (error instanceof Unwished) return error.fault
  if (!(error instanceof Refusal)) return undefined
  const code = OF_REFUSAL[error.code] ?? 'unavailable'
  return { code, words: error.message, isPassing: code === 'unavailable' }
}
