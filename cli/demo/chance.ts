/** Chance that a seed decides: the same seed gives the same day, today and in a year. */
export type Chance = {
  /** True in so many of a hundred cases. */
  percent: (share: number) => boolean
  /** A whole number from `low` to `high`, both included. */
  between: (low: number, high: number) => number
  /** One of them, the heavier the likelier. */
  pick: <T>(from: readonly T[], weightOf?: (item: T) => number) => T
}

export const chanceOf = (seed: string): Chance => {
  const next = generator(seed)
  return {
    percent: (share) => next() * 100 < share,
    between: (low, high) => low + Math.floor(next() * (high - low + 1)),
    pick: (from, weightOf = () => 1) => {
      let left = next() * from.reduce((all, item) => all + weightOf(item), 0)
      const found = from.find((item) => {
        left -= weightOf(item)
        return left < 0
      })
      return (found ?? from.at(-1))!
    },
  }
}

/** mulberry32 over an FNV-1a hash of the seed: small, and good enough for a shop that does not exist. */
const generator = (seed: string): (() => number) => {
  let state = [...seed].reduce((hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 16_777_619), 2_166_136_261)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    const mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    const again = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((again ^ (again >>> 14)) >>> 0) / 4_294_967_296
  }
}
