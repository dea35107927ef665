/** Servers before this one can lose a whole stream when they are killed, or lack what the kernel uses. */
export const FLOOR = '2.10.23'

export const isUnderFloor = (version: string): boolean => {
  const [found, floor] = [version, FLOOR].map((text) => text.split(/[.-]/).slice(0, 3).map(Number))
  for (const [at, least] of floor!.entries()) {
    const number = found![at] ?? 0
    if (number !== least) return !(number > least)
  }
  return false
}
