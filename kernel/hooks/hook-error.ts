import { causesOf, codeOf, Failure, type HookCause, type HookErrorKind } from '@recyclique/contracts'

/** An error as it is sent and shown: who, where, what, and why, outermost cause first. */
export interface ErrorEnvelope {
  readonly hook: string
  readonly kind: HookErrorKind
  readonly code: string
  readonly message: string
  readonly module?: string
  readonly version?: string
  readonly instance?: string
  readonly causes: readonly HookCause[]
  /** With `aggregate`: every single one. */
  readonly errors?: readonly ErrorEnvelope[]
}

/** Who is blamed. Nobody in particular: the call itself. */
export interface Culprit {
  readonly module: string
  readonly version: string
  readonly instance: string | undefined
}

interface Place {
  readonly hook: string
  readonly callId: string
}

/** A call failed, or a step of it. The same error object goes through every wrapper that lets it pass, and to the caller. */
export class HookError extends Failure {
  readonly hook: string
  readonly callId: string
  readonly module: string | undefined
  readonly version: string | undefined
  readonly instance: string | undefined
  readonly errors: readonly HookError[] | undefined
  constructor(what: Failure, place: Place, who?: Culprit, errors?: readonly HookError[]) {
    super(what.kind, what.code, what.message, what.cause === undefined ? {} : { cause: what.cause })
    this.name = 'HookError'
    this.hook = place.hook
    this.callId = place.callId
    this.module = who?.module
    this.version = who?.version
    this.instance = who?.instance
    this.errors = errors
  }
}

/** Any thrown thing as this step's error. What this very call has made itself passes unchanged. */
export const stepError = (thrown: unknown, place: Place, who: Culprit): HookError =>
  thrown instanceof HookError && thrown.callId === place.callId ? thrown : new HookError(failureOf(thrown), place, who)

/** Several at once, under the policy `aggregate`. */
export const severalErrors = (errors: readonly HookError[], place: Place): HookError => {
  const [first, ...others] = errors as [HookError, ...HookError[]]
  const words = [first, ...others].map(({ module, message }) => `${module}: ${message}`).join('; ')
  return new HookError(new Failure(first.kind, 'several-errors', words, { cause: first }), place, undefined, errors)
}

/** A kind and a code live on when the error comes from a call inside the call; every other thing counts as thrown. */
const failureOf = (thrown: unknown): Failure => {
  if (thrown instanceof HookError) return new Failure(thrown.kind, thrown.code, thrown.message, { cause: thrown })
  if (thrown instanceof Failure) return thrown
  if (thrown instanceof Error) return new Failure('thrown', codeOf(thrown), thrown.message, { cause: thrown })
  return new Failure('thrown', 'thrown', String(thrown), { cause: thrown })
}

export const envelopeOf = (error: HookError): ErrorEnvelope => {
  const { hook, kind, code, message, module, version, instance, errors } = error
  return {
    ...{ hook, kind, code, message, causes: causesOf(error) },
    ...(module === undefined ? {} : { module }),
    ...(version === undefined ? {} : { version }),
    ...(instance === undefined ? {} : { instance }),
    ...(errors === undefined ? {} : { errors: errors.map(envelopeOf) }),
  }
}
