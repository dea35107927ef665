import { Misfit, type WishFault, type WishReply } from '@recyclique/contracts'

/** A wish that is not granted, in the words that the module's author reads. */
export class Unwished extends Error {
  readonly fault: WishFault
  constructor(code: WishFault['code'], words: string, field?: string) {
    super(words)
    this.fault = { code, words, isPassing: false, ...(field === undefined ? {} : { field }) }
  }
}

export type Grants = Readonly<Record<string, (body: unknown) => unknown>>

/** What the kernel answers to a wish: what was granted, or why not. */
export const granting =
  (verb: string, grants: Grants) =>
  async (op: string, text: string): Promise<WishReply> => {
    try {
      const grant = grants[op]
      if (!grant)
        throw new Unwished('unknown', `There is no '${[verb, op].filter(Boolean).join('.')}' that the kernel could do.`)
      return { v: (await grant(bodyOf(text))) ?? null }
    } catch (error) {
      return { error: faultOf(error) }
    }
  }

const bodyOf = (text: string): unknown => {
  try {
    return text === '' ? {} : JSON.parse(text)
  } catch (error) {
    throw new Unwished('malformed', `This is not JSON: ${(error as Error).message}.`)
  }
}

const faultOf = (error: unknown): WishFault => {
  if (error instanceof Unwished) return error.fault
  if (!(error instanceof Misfit)) throw error
  return { code: 'malformed', words: `${error.message}.`, field: error.flaws[0]?.field ?? '', isPassing: false }
}
