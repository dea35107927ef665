import { CALL_HEADERS, HttpAnswer, type HttpCall, parseJson, type Subjects } from '@recyclique/contracts'
import type { Bus } from '../bus/port.ts'
import { askProcess } from './ask-process.ts'
import type { Roster } from './roster.ts'

const ANSWER_WITHIN_MS = 5_000

export interface CallParts {
  readonly bus: Pick<Bus, 'ask'>
  readonly roster: Roster
  readonly subjects: Subjects
  readonly now: () => Date
}

/**
 * Hands a request to one process of a module. Refuses as `askProcess` does, at the latest after five seconds, and at once when the
 * process dies meanwhile.
 */
export const callHttp = (parts: CallParts, module: string, call: HttpCall): Promise<HttpAnswer> => {
  const { bus, subjects, now } = parts
  return askProcess(parts, module, async ({ id, pending }) => {
    const headers = { [CALL_HEADERS.deadline]: String(now().getTime() + ANSWER_WITHIN_MS) }
    const wanted = { withinMs: ANSWER_WITHIN_MS, headers, among: pending }
    const text = await bus.ask(subjects.toModule(module, id, 'http'), JSON.stringify(call), wanted)
    return parseJson(HttpAnswer, text, 'its answer')
  })
}
