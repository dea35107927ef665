/** Wakes the one who waits: only one ever does. Rings while nobody waits are kept as one. */
export interface Bell {
  readonly ring: () => void
  /** Resolves at the next ring, at once when it rang since the last time, or when the signal aborts: then no ring is used up. */
  next(over?: AbortSignal): Promise<undefined>
}

export const makeBell = (): Bell => {
  let isRung = false
  let wake: (() => void) | undefined
  return {
    ring() {
      if (wake) wake()
      else isRung = true
    },
    next(over) {
      const { promise, resolve } = Promise.withResolvers<undefined>()
      const end = () => {
        wake = undefined
        over?.removeEventListener('abort', end)
        resolve(undefined)
      }
      if (isRung) {
        isRung = false
        resolve(undefined)
      } else if (over?.aborted) resolve(undefined)
      else {
        wake = end
        over?.addEventListener('abort', end)
      }
      return promise
    },
  }
}
