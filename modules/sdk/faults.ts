import type { HookCause, HookFault } from '@recyclique/contracts'
import { HookFailure } from './answering.ts'

/** A chain is cut after this many links: it may be a ring. */
const MOST_CAUSES = 8

/** Any thrown thing as it is sent. A class does not travel: a code does. */
export const faultOf = (thrown: unknown): HookFault => {
  if (!(thrown instanceof Error)) return { kind: 'thrown', code: 'thrown', message: String(thrown) }
  const { message } = thrown
  if (!(thrown instanceof HookFailure))
    return { kind: 'thrown', code: codeOf(thrown), message, causes: causesOf({ cause: thrown }) }
  const causes = causesOf(thrown instanceof AskFailed ? { cause: thrown } : thrown)
  return { kind: thrown.kind, code: thrown.code, message, causes }
}

/** A question of the module's own failed, or what stands inside its wrapper. Let through, it is a link of the chain. */
export class AskFailed extends HookFailure {
  constructor(...what: ConstructorParameters<typeof HookFailure>) {
    super(...what)
    this.name = 'HookError'
  }
}

/** The other way: what the kernel says of an error, as something that can be thrown. */
export const failureFrom = ({ kind, code, message, causes = [] }: HookFault): AskFailed => {
  const cause = causes.reduceRight<Error | undefined>((inner, one) => {
    const error = new Error(one.message, inner === undefined ? {} : { cause: inner })
    return Object.assign(error, { name: one.name }, one.code === undefined ? {} : { code: one.code })
  }, undefined)
  return new AskFailed(kind, code, message, cause === undefined ? {} : { cause })
}

const causesOf = (error: { readonly cause?: unknown }): HookCause[] => {
  const causes: HookCause[] = []
  for (let at = error.cause; at instanceof Error && causes.length < MOST_CAUSES; at = at.cause)
    causes.push({ name: at.name, code: codeOf(at), message: at.message })
  return causes
}

const codeOf = (error: Error): string => {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' ? code : error.name
}
