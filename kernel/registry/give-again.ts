import { type KeptFact, parseJson, RETRY_HEADER, Retried, toHeaders } from '@recyclique/contracts'
import { Unanswered } from '../bus/port.ts'
import { type CallParts, leastBusy, refusalOf } from './call-http.ts'

/** As long as a person waits at a screen. A handler that takes longer goes on; whether it took the fact is seen at the next retry. */
const WITHIN_MS = 20_000

/**
 * Gives a fact to one process of its module, out of its order, and brings the process's word. One that nobody heard goes to the next process; one that
 * was perhaps heard is not given out twice. Refuses with `module-unknown` or `module-unavailable`.
 */
export const giveAgain = async (
  parts: Pick<CallParts, 'bus' | 'roster' | 'subjects'>,
  module: string,
  fact: KeptFact,
): Promise<{ instance: string; said: Retried }> => {
  const { bus, roster, subjects } = parts
  const headers = { ...toHeaders(fact), [RETRY_HEADER]: '1' }
  for (;;) {
    const instance = leastBusy(roster, module)
    const subject = subjects.toModule(module, instance.id, 'control', 'retry')
    try {
      const text = await bus.ask(subject, JSON.stringify(fact.data), {
        withinMs: WITHIN_MS,
        headers,
        among: instance.pending,
      })
      return { instance: instance.id, said: parseJson(Retried, text, 'the answer to retry') }
    } catch (error) {
      if (!(error instanceof Unanswered && error.how === 'nobody')) throw refusalOf(error as Error, module)
      roster.suspect(instance)
    }
  }
}
