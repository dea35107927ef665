/** How often each token may call: a bucket of one minute's calls that fills again steadily. Counts in this process. */
export const openPace = (now: () => number) => {
  const buckets = new Map<string, { left: number; at: number }>()
  return {
    allows(token: string, perMinute: number): boolean {
      const at = now()
      const bucket = buckets.get(token) ?? { left: perMinute, at }
      const left = Math.min(perMinute, bucket.left + ((at - bucket.at) * perMinute) / 60_000)
      buckets.set(token, { left: left >= 1 ? left - 1 : left, at })
      return left >= 1
    },
  }
}
