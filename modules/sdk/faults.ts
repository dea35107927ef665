import type { HookCause, HookFault } from '@recyclique/contracts'
import { HookFailure } from './answering.ts'

/** A chain is cut after this many links: it may be a ring. */
const MOST_CAUSES = 8

/** Any thrown thing as it is sent. A class does not travel: a code does. */
export const faultOf = (thrown: unknown): HookFault => {
  if (!(thrown instanceof Error)) return { kind: 'thrown', code: 'thrown', message: String(thrown) }
  const kind = thrown instanceof HookFailure ? thrown.kind : 'thrown'
  return { kind, code: codeOf(thrown), message: thrown.message, causes: causesOf(thrown) }
}

/** The other way: what the kernel says of an error, as something that can be thrown. */
export const failureFrom = ({ kind, code, message, causes = [] }: HookFault): HookFailure => {
  const cause = causes.reduceRight<Error | undefined>((inner, one) => {
    const error = new Error(one.message, inner === undefined ? {} : { cause: inner })
    return Object.assign(error, { name: one.name }, one.code === undefined ? {} : { code: one.code })
  }, undefined)
  return new HookFailure(kind, code, message, cause === undefined ? {} : { cause })
}

const causesOf = (error: Error): HookCause[] => {
  const causes: HookCause[] = []
  for (let at = error.cause; at instanceof Error && causes.length < MOST_CAUSES; at = at.cause)
    causes.push({ name: at.name, code: codeOf(at), message: at.message })
  return causes
}

const codeOf = (error: Error): string => {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' ? code : error.name
}
