/** Something happens: whoever waits looks again. So nobody sleeps, and nobody waits for longer than it takes. */
export interface News {
  ring(): void
  /** What `look` finds, now or as soon as something happened; undefined when it has found nothing in time. */
  until<T>(look: () => T | undefined | false, withinMs: number): Promise<T | undefined>
}

export const makeNews = (): News => {
  const waiting = new Set<() => void>()
  return {
    ring() {
      for (const look of [...waiting]) look()
    },
    until: <T>(look: () => T | undefined | false, withinMs: number) =>
      new Promise<T | undefined>((resolve) => {
        const end = (found: T | undefined) => {
          clearTimeout(timer)
          waiting.delete(tryIt)
          resolve(found)
        }
        const tryIt = () => {
          const found = look()
          if (found !== undefined && found !== false) end(found)
        }
        const timer = setTimeout(end, withinMs, undefined)
        waiting.add(tryIt)
        tryIt()
      }),
  }
}
