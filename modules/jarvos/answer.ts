import type { CallNoted, Diary, Outcome } from './diary.ts'
import type { Answer, Intents } from './intents.ts'
import type { KernelApi } from './kernel-api.ts'
import type { Author } from './tokens.ts'
import type { OfferedTool } from './tool.ts'

/** An answer; or first a question to a person, whose answer comes with the same call again. */
export type Called = Answer | { readonly ask: { readonly id: string; readonly question: string } }

/** What one call has to hand. */
export interface Desk {
  readonly diary: Diary
  readonly intents: Intents
  readonly kernel: KernelApi
  readonly author: Author
  readonly now: () => number
}

export interface Ended {
  readonly called: Called
  readonly outcome: Outcome
  /** Under which call it is noted, where it belongs to one that began before. */
  readonly as?: CallNoted
}

export const refusal = (text: string): Answer => ({ text, isError: true })

/** More is no help to an assistant, and costs whoever pays for it. */
const MOST_CHARACTERS = 50_000

export const answerWith = (tool: OfferedTool, value: unknown): Answer => {
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? null)
  if (tool.isReadOnly) return bounded(text, tool.narrower)
  return text.length <= MOST_CHARACTERS
    ? { text, isError: false }
    : { text: `Done. The answer has ${text.length} characters and is not shown.`, isError: false }
}

export const bounded = (text: string, narrower: string): Answer =>
  text.length <= MOST_CHARACTERS
    ? { text, isError: false }
    : refusal(
        `The answer has ${text.length} characters, more than the ${MOST_CHARACTERS} that are handed on: ${narrower}.`,
      )
