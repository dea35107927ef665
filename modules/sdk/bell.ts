/** Wakes the one who waits: only one ever does. Rings while nobody waits are kept as one. */
export interface Bell {
  readonly ring: () => void
  /** Resolves at the next ring, or at once when it rang since the last time. */
  next(): Promise<undefined>
}

export const makeBell = (): Bell => {
  let rung = Promise.withResolvers<undefined>()
  return {
    ring: () => rung.resolve(undefined),
    async next() {
      await rung.promise
      rung = Promise.withResolvers()
      return undefined
    },
  }
}
