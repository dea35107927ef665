import { answerWith, type Desk, type Ended, refusal } from './answer.ts'
import type { Outcome } from './diary.ts'
import type { Answer, KeptIntent } from './intents.ts'
import { Trouble } from './kernel-api.ts'
import type { OfferedTool } from './tool.ts'

interface Confirmed {
  readonly tool: OfferedTool
  readonly kept: KeptIntent
}

/**
 * Does what was confirmed, once: begun is kept and written down before, the end after. Asked for again, it gives the same answer; where it never
 * came to an end it is done again under the same key, or, of a tool that has none, not done.
 */
export const carryOut = async (desk: Desk, confirmed: Confirmed): Promise<Ended> => {
  const { intents, diary } = desk
  const { kept, tool } = confirmed
  const { id, intent } = kept
  const as = { call: id, token: intent.author, tool: intent.tool, digest: intent.digest }
  if (intent.answer) return { called: intent.answer, outcome: intent.answer.isError ? 'refused' : 'done', as }
  if (intent.begunAt === undefined) {
    if (!(await intents.begin(kept))) return again(desk, confirmed)
  } else if (!tool.isRepeatable) {
    const words = `It was begun at ${new Date(intent.begunAt).toISOString()}, and nobody knows whether it was done. Look before you ask for it again.`
    return { called: refusal(words), outcome: 'unknown', as }
  }
  await diary.begun(as)
  const { answer, outcome } = await run(desk, confirmed)
  // Whatever nobody knows the end of stays begun: the same confirmation finds it out.
  if (outcome !== 'unknown') await intents.end(kept, answer)
  return { called: answer, outcome, as }
}

/** Somebody else has just confirmed the same. */
const again = async (desk: Desk, { kept, tool }: Confirmed): Promise<Ended> => {
  const now = await desk.intents.get(kept.id)
  if (!now || now.intent.begunAt === undefined)
    throw new Trouble('unknown', 'The confirmation changed meanwhile: send it again.')
  return carryOut(desk, { tool, kept: now })
}

const run = async (
  { kernel }: Desk,
  { tool, kept: { id, intent } }: Confirmed,
): Promise<{ answer: Answer; outcome: Outcome }> => {
  try {
    return { answer: answerWith(tool, await tool.run(intent.input, { kernel, key: `jarvos-${id}` })), outcome: 'done' }
  } catch (error) {
    if (!(error instanceof Trouble)) throw error
    return { answer: refusal(wordsOf(error, tool)), outcome: error.outcome }
  }
}

const wordsOf = ({ outcome, message }: Trouble, { isRepeatable }: OfferedTool): string => {
  if (outcome !== 'unknown') return message
  return isRepeatable
    ? `${message} Nobody knows whether it was done: do the same again, it is recorded once.`
    : `${message} Nobody knows whether it was done: look before you ask for it again.`
}
