import {
  AfterPartRaised,
  type AskReply,
  causedBy,
  causesOf,
  Failure,
  type HookFault,
  HookReply,
  Misfit,
  parseJson,
} from '@recyclique/contracts'

/** What came back, as it goes on: a value (null for none), an error, or of a wrapper the word that all stays as it was. */
export type Read = { readonly value: unknown } | { readonly error: Error } | { readonly stream: string } | 'same'

/** Throws a `Failure` of kind `invalid` for an answer that is none. */
export const readReply = (text: string, module: string): Read => {
  const reply = replyIn(text, module)
  if ('error' in reply) {
    const error = errorFrom(reply.error)
    return { error: reply.afterPart ? new AfterPartRaised(error) : error }
  }
  if ('same' in reply) return 'same'
  if ('stream' in reply) return reply
  return { value: 'v' in reply ? reply.v : null }
}

const replyIn = (text: string, module: string): HookReply => {
  try {
    return parseJson(HookReply, text, `what ${module} sent back`)
  } catch (error) {
    if (!(error instanceof Misfit)) throw error
    throw new Failure('invalid', 'reply-malformed', error.message)
  }
}

/** What a module says of an error, as something that can be thrown. */
export const errorFrom = ({ kind, code, message, causes }: HookFault): Failure =>
  new Failure(kind, code, message, causedBy(causes))

/** Any error as it is sent to a module that asked or proceeded. */
export const faultOf = (error: unknown): HookFault => {
  if (!(error instanceof Failure))
    return { kind: 'thrown', code: 'thrown', message: 'the kernel failed in a way that nobody foresaw' }
  const { kind, code, message } = error
  return { kind, code, message, causes: causesOf(error) }
}

export const answerOf = async (work: () => Promise<unknown>): Promise<AskReply> => {
  try {
    return { v: (await work()) ?? null }
  } catch (error) {
    return { error: faultOf(error) }
  }
}
