import { Failure, readKernelSubject } from '@recyclique/contracts'
import type { Proceed } from '../hooks/step.ts'
import { answerOf } from './faults.ts'

/** What the rest of the plan came to, for a wrapper that lets it through unchanged. */
type Outcome = { readonly value: unknown } | { readonly error: unknown }

interface Held {
  readonly module: string
  readonly proceed: Proceed
  outcome: Outcome | undefined
}

/** The wrappers that are at work in other processes, each with its way on. */
export const openProceeds = () => {
  const held = new Map<string, Held>()
  let count = 0

  /** Opens a way on for one wrapper; gives its ticket, what became of it, and the way to close it. */
  const hold = (callId: string, module: string, proceed: Proceed) => {
    count += 1
    const ticket = `${callId}.${count.toString(36)}`
    const one: Held = { module, proceed, outcome: undefined }
    held.set(ticket, one)
    return { ticket, outcome: () => one.outcome, close: () => void held.delete(ticket) }
  }

  /** A module says `proceed`. It holds the ticket because it was given to it: another module's ticket is as good as none. */
  const serve = async (subject: string): Promise<string> => {
    const { module, rest } = readKernelSubject(subject)
    const one = held.get(rest.slice(1).join('.'))
    const work = one?.module === module ? () => run(one) : tooLate
    return JSON.stringify(await answerOf(work))
  }

  return { hold, serve }
}

export type Proceeds = ReturnType<typeof openProceeds>

const run = async (one: Held): Promise<unknown> => {
  try {
    const value = await one.proceed()
    one.outcome ??= { value }
    return value
  } catch (error) {
    one.outcome ??= { error }
    throw error
  }
}

const tooLate = () =>
  Promise.reject(new Failure('denied', 'proceed-too-late', 'nobody waits for this wrapper any more: its call is over'))

/** What the wrapper let through, as it was: the very error object where it was one. */
export const opened = (outcome: Outcome | undefined): unknown => {
  if (!outcome) throw new Failure('invalid', 'reply-malformed', 'it answers "same" and did not proceed')
  if ('error' in outcome) throw outcome.error
  return outcome.value
}
