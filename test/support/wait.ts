/**
 * Looks until something is so, and gives it. No test sleeps: it waits for the fact. Throws with what was seen last when it does not
 * come about in time.
 */
export const until = async <T>(look: () => T | Promise<T>, withinMs = 10_000): Promise<NonNullable<T>> => {
  const end = performance.now() + withinMs
  let last: unknown
  while (performance.now() < end) {
    try {
      last = await look()
      if (last !== undefined && last !== null && last !== false) return last as NonNullable<T>
    } catch (error) {
      last = error
    }
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error(`it did not come about within ${withinMs} ms; last seen: ${String(last)}`)
}
