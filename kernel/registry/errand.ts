import { randomUUID } from 'node:crypto'
import { type ErrandCall, ErrandReply, type ErrandVerb, Failure, parseJson } from '@recyclique/contracts'
import { errorFrom } from '../remote/faults.ts'
import { askProcess } from './ask-process.ts'
import type { Shared } from './parts.ts'

type ErrandParts = Pick<Shared, 'bus' | 'roster' | 'subjects' | 'now'>

/** What one process of a module is to do. `withinMs` is all that anybody waits. */
export interface Errand extends Pick<ErrandCall, 'args' | 'actor' | 'job'> {
  readonly module: string
  readonly verb: ErrandVerb
  readonly name: string
  readonly withinMs: number
}

/**
 * Has one process do it, as `askProcess` chooses. Rejects with a `Failure` for the module's own no, and with a `Refusal` where nobody did it, or
 * nobody knows whether it was done.
 */
export const runErrand = async (parts: ErrandParts, errand: Errand): Promise<unknown> => {
  const { bus, subjects, now } = parts
  const { module, verb, name, withinMs, args, actor, job } = errand
  const deadline = now().getTime() + withinMs
  const call: ErrandCall = { args, actor, callId: randomUUID().slice(0, 18), deadline, ...(job ? { job } : {}) }
  const text = await askProcess(parts, module, ({ id, pending }) => {
    const leftMs = Math.max(1, deadline - now().getTime())
    const subject = subjects.toModule(module, id, verb, name)
    return bus.ask(subject, JSON.stringify(call), { withinMs: leftMs, among: pending })
  })
  const reply = replyIn(text, module)
  if ('v' in reply) return reply.v
  throw errorFrom(reply.error)
}

const replyIn = (text: string, module: string): ErrandReply => {
  try {
    return parseJson(ErrandReply, text, `what ${module} sent back`)
  } catch (error) {
    throw new Failure('invalid', 'reply-malformed', (error as Error).message)
  }
}
