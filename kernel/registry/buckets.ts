/** How many of a kind are looked at. */
export interface Pace {
  readonly perSecond: number
  /** At once. */
  readonly burst: number
}

/** Counts what comes under a name, by the clock that is given: a pace is kept, and what is over it is not saved up. */
export const openBuckets = (now: () => Date) => {
  const buckets = new Map<string, { left: number; at: number }>()
  return {
    /** One more has come; true where it is one too many. */
    isOver(name: string, { perSecond, burst }: Pace): boolean {
      const at = now().getTime()
      const before = buckets.get(name) ?? { left: burst, at }
      const left = Math.min(burst, before.left + (Math.max(0, at - before.at) * perSecond) / 1_000)
      buckets.set(name, { left: left < 1 ? left : left - 1, at })
      return left < 1
    },
  }
}
