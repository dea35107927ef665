import type { AskReply } from '@recyclique/contracts'
import { HookFailure } from '../answering.ts'
import { faultOf } from '../faults.ts'
import { sentAndBack } from './stage.ts'

export type Inside = { readonly value: unknown } | { readonly error: unknown }

/** The way on of a wrapper, open once and only while it is at work. */
export interface Gate {
  /** What the module finds in `proceed`. */
  readonly subject: string
  readonly times: () => number
  readonly proceed: () => Promise<AskReply>
  /** No way on from now; gives what stands inside, where the wrapper proceeded. */
  readonly close: () => Promise<Inside | undefined>
}

export const openGate = (subject: string, run: () => Promise<unknown>): Gate => {
  let isOpen = true
  let times = 0
  let rest: Promise<Inside> | undefined
  const refused = (code: string, words: string): AskReply => ({
    error: faultOf(new HookFailure('denied', code, words)),
  })
  return {
    subject,
    times: () => times,
    proceed: async () => {
      if (!isOpen) return refused('proceed-too-late', 'the wrapper has answered, or nobody waits for it any more')
      times += 1
      if (rest) return refused('second-proceed', 'second proceed')
      rest = run().then(
        (value) => ({ value }),
        (error: unknown) => ({ error }),
      )
      const outcome = await rest
      return 'error' in outcome ? { error: faultOf(outcome.error) } : { v: sentAndBack(outcome.value) ?? null }
    },
    close: async () => {
      isOpen = false
      return rest
    },
  }
}
