/** What the inner part of a call came to, and what a wrapper makes of it. */
export interface Outcome {
  readonly value: unknown
  readonly error: unknown
  /** The value, or throws the error. */
  get(): unknown
  forceResult(value: unknown): void
  forceError(error: unknown): void
}

/** An outcome-style wrapper threw after it had proceeded, where it was to force an error. The call warns, and fails with the cause. */
export class AfterPartRaised extends Error {
  constructor(cause: unknown) {
    super('the after-part raised', { cause })
    this.name = 'AfterPartRaised'
  }
}

/**
 * The other face of a wrapper: `before`, then `proceed` gives an outcome instead of throwing, and what is returned does not count. It
 * is the same protocol; only an error that is thrown instead of forced is marked, and the call warns of it.
 */
export const outcomeStyle =
  <Q>(handle: (question: Q, proceed: () => Promise<Outcome>) => unknown) =>
  async (question: Q, proceed: () => Promise<unknown>): Promise<unknown> => {
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

const outcomeOf = async (proceed: () => Promise<unknown>): Promise<Outcome> => {
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
