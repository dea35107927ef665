import { type KeptFact, parseJson, RETRY_HEADER, Retried, toHeaders } from '@recyclique/contracts'
import { askProcess } from './ask-process.ts'
import type { CallParts } from './call-http.ts'

/** As long as a person waits at a screen. A handler that takes longer goes on; whether it took the fact is seen at the next retry. */
const WITHIN_MS = 20_000

/** Gives a fact to one process of its module, out of its order, and brings the process's word. Refuses as `askProcess` does. */
export const giveAgain = (
  parts: CallParts,
  module: string,
  fact: KeptFact,
): Promise<{ instance: string; said: Retried }> => {
  const { bus, subjects } = parts
  const headers = { ...toHeaders(fact), [RETRY_HEADER]: '1' }
  return askProcess(parts, module, async ({ id, pending }) => {
    const subject = subjects.toModule(module, id, 'control', 'retry')
    const text = await bus.ask(subject, JSON.stringify(fact.data), { withinMs: WITHIN_MS, headers, among: pending })
    return { instance: id, said: parseJson(Retried, text, 'the answer to retry') }
  })
}
