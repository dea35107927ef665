import { Failure, type HookFault, Misfit, PartReply, parseJson } from '@recyclique/contracts'
import { errorFrom } from './faults.ts'

/** Asks the instance that holds the stream for its next part. */
export type NextPart = () => Promise<string>

/** An answer in parts, taken from a module one by one as somebody looks. The call's deadline holds for all of them together. */
export async function* streamFrom(next: NextPart, module: string): AsyncGenerator<unknown, void> {
  for (;;) {
    const part = readPart(await next(), module)
    if ('done' in part) return
    if ('error' in part) throw errorFrom(part.error as HookFault)
    yield part.v
  }
}

const readPart = (text: string, module: string): PartReply => {
  try {
    return parseJson(PartReply, text, `a part of the answer of ${module}`)
  } catch (error) {
    if (error instanceof Misfit) throw new Failure('invalid', 'reply-malformed', error.message)
    throw error
  }
}
