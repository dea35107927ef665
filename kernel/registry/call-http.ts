import type { Readable } from 'node:stream'
import { CALL_HEADERS, HttpAnswer, type HttpCall, parseJson, type Subjects } from '@recyclique/contracts'
import type { Bus } from '../bus/port.ts'
import type { Peer } from '../remote/peer.ts'
import { askProcess } from './ask-process.ts'
import type { LongAnswers } from './long-answers.ts'
import type { Roster } from './roster.ts'

const ANSWER_WITHIN_MS = 5_000

export interface CallParts {
  readonly bus: Pick<Bus, 'ask'>
  readonly roster: Roster
  readonly subjects: Subjects
  readonly now: () => Date
}

/** An answer with its body, whole or as it comes; `bytes` where its length is known. */
export interface OpenedAnswer extends Pick<HttpAnswer, 'status' | 'headers'> {
  readonly body: Buffer | Readable
  readonly bytes: number | undefined
}

/**
 * Hands a request to one process of a module. Refuses as `askProcess` does, at the latest after five seconds, and at once when the
 * process dies meanwhile.
 */
export const callHttp = (parts: CallParts, module: string, call: HttpCall): Promise<HttpAnswer> =>
  askProcess(parts, module, ({ id, pending }) => ask(parts, { module, id, pending }, call))

/** The same for who takes a long answer part by part. */
export const openHttp = (
  parts: CallParts & { readonly longAnswers: LongAnswers },
  module: string,
  call: HttpCall,
): Promise<OpenedAnswer> =>
  askProcess(parts, module, async (process) => {
    const answer = await ask(parts, { module, id: process.id, pending: process.pending }, { ...call, takesParts: true })
    const { status, headers, body, parts: claim } = answer
    if (claim) return { status, headers, body: parts.longAnswers.take(module, process, claim), bytes: claim.bytes }
    const whole = Buffer.from(body, 'base64')
    return { status, headers, body: whole, bytes: whole.length }
  })

type Asked = Pick<Peer, 'id' | 'pending'> & { readonly module: string }

const ask = async ({ bus, subjects, now }: CallParts, { module, id, pending }: Asked, call: HttpCall) => {
  const headers = { [CALL_HEADERS.deadline]: String(now().getTime() + ANSWER_WITHIN_MS) }
  const wanted = { withinMs: ANSWER_WITHIN_MS, headers, among: pending }
  const text = await bus.ask(subjects.toModule(module, id, 'http'), JSON.stringify(call), wanted)
  return parseJson(HttpAnswer, text, 'its answer')
}
