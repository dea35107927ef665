/** Does one thing after the other for each key; different keys do not wait for each other. A failure is its caller's, not the next one's. */
export const inTurns = () => {
  const last = new Map<string, Promise<unknown>>()
  const inTurn = <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const run = (last.get(key) ?? Promise.resolve()).then(work)
    const settled = run
      .catch(() => {})
      .finally(() => {
        if (last.get(key) === settled) last.delete(key)
      })
    last.set(key, settled)
    return run
  }
  /** Resolves when nothing is under way. */
  const idle = async () => {
    while (last.size > 0) await Promise.all(last.values())
  }
  return Object.assign(inTurn, { idle })
}

export type InTurn = ReturnType<typeof inTurns>
