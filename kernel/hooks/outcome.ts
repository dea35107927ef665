import { AfterPartRaised } from './hook-error.ts'
import type { Call, Proceed, Question } from './step.ts'

/** What the inner part came to, and what a wrapper makes of it. */
export interface Outcome {
  readonly value: unknown
  readonly error: unknown
  /** The value, or throws the error. */
  get(): unknown
  forceResult(value: unknown): void
  forceError(error: unknown): void
}

/**
 * The other face of a wrapper: `before`, then `proceed` gives an outcome instead of throwing, and what is returned does not count. It
 * is the same protocol; only an error that is thrown instead of forced is marked, and the call warns of it.
 */
export const outcomeStyle =
  (handle: (question: Question, proceed: () => Promise<Outcome>) => unknown): Call =>
  async (question, proceed) => {
    let latest: Outcome | undefined
    const once = async () => {
      const next = await outcomeOf(proceed)
      latest ??= next
      return next
    }
    try {
      await handle(question, once)
    } catch (error) {
      throw latest ? new AfterPartRaised(error) : error
    }
    return latest?.get()
  }

const outcomeOf = async (proceed: Proceed): Promise<Outcome> => {
  let state: { value?: unknown; error?: unknown; isError: boolean }
  try {
    state = { value: await proceed(), isError: false }
  } catch (error) {
    state = { error, isError: true }
  }
  return {
    get value() {
      return state.value
    },
    get error() {
      return state.error
    },
    get() {
      if (state.isError) throw state.error
      return state.value
    },
    forceResult(value) {
      state = { value, isError: false }
    },
    forceError(error) {
      state = { error, isError: true }
    },
  }
}
