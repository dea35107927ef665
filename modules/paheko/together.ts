/**
 * The same reading for all who ask for it at once: who asks while one is under way shares the next one, which begins after they asked. So nobody gets
 * what is older than the question, and a hundred who look at a page at once are two readings.
 */
export const together = <T>(read: () => Promise<T>): (() => Promise<T>) => {
  let underWay: Promise<unknown> = Promise.resolve()
  let next: Promise<T> | undefined
  const begin = (): Promise<T> => {
    next = undefined
    const reading = read()
    underWay = reading.catch(() => {})
    return reading
  }
  return () => {
    next ??= underWay.then(begin)
    return next
  }
}
