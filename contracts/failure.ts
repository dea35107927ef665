import type { HookCause, HookErrorKind } from './question.ts'

/** An error that says of which kind it is, in the kernel and in a module alike. The kernel adds who and where: it knows whom it asked. */
export class Failure extends Error {
  readonly kind: HookErrorKind
  readonly code: string
  constructor(kind: HookErrorKind, code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'Failure'
    this.kind = kind
    this.code = code
  }
}

/** `code` where the error has one, else its name: a class does not travel, a word does. */
export const codeOf = (error: Error): string => {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' ? code : error.name
}

/** A chain is cut after this many links: it may be a ring. */
const MOST_CAUSES = 8

/** Why, link by link, outermost first. */
export const causesOf = (error: { readonly cause?: unknown }): HookCause[] => {
  const causes: HookCause[] = []
  for (let at = error.cause; at instanceof Error && causes.length < MOST_CAUSES; at = at.cause)
    causes.push({ name: at.name, code: codeOf(at), message: at.message })
  return causes
}

/** The other way, for the error that the causes came with: they are words by now, and stay a chain. */
export const causedBy = (causes: readonly HookCause[] = []): ErrorOptions => {
  const cause = causes.reduceRight<Error | undefined>((inner, one) => {
    const error = new Error(one.message, inner === undefined ? {} : { cause: inner })
    return Object.assign(error, { name: one.name }, one.code === undefined ? {} : { code: one.code })
  }, undefined)
  return cause === undefined ? {} : { cause }
}
