import { causedBy, causesOf, codeOf, Failure, type HookFault } from '@recyclique/contracts'
import { Refusal } from './answer.ts'
import { HookFailure } from './answering.ts'

/** Any thrown thing as it is sent. A class does not travel: a code does. */
export const faultOf = (thrown: unknown): HookFault => {
  if (!(thrown instanceof Error)) return { kind: 'thrown', code: 'thrown', message: String(thrown) }
  const { message } = thrown
  // What a route refuses a command refuses as well: a no of the module's own, and no failure.
  if (thrown instanceof Refusal && thrown.status < 500) return { kind: 'denied', code: thrown.code, message }
  if (!(thrown instanceof Failure))
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
export const failureFrom = ({ kind, code, message, causes }: HookFault): AskFailed =>
  new AskFailed(kind, code, message, causedBy(causes))
