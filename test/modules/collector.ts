/** What comes one by one: `got` holds all, `upTo(n)` resolves once there are n, `first(fits)` with the first that fits. */
export const collector = <T>() => {
  const got: T[] = []
  const waiting = new Set<() => void>()
  const when = <R>(look: () => R | undefined): Promise<R> =>
    new Promise((resolve) => {
      const check = () => {
        const found = look()
        if (found === undefined) return
        waiting.delete(check)
        resolve(found)
      }
      waiting.add(check)
      check()
    })
  return {
    got,
    add(one: T): void {
      got.push(one)
      for (const check of waiting) check()
    },
    upTo: (count: number): Promise<T[]> => when(() => (got.length >= count ? got : undefined)),
    first: (fits: (one: T) => boolean, from = 0): Promise<T> => when(() => got.slice(from).find(fits)),
  }
}
