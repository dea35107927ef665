/** Each name with those that it needs. A name that is needed and not here needs nobody. */
export type Needs = ReadonlyMap<string, readonly string[]>

/** The shortest way from a name over what it needs back to itself, which begins and ends with it; undefined: there is none. */
export const wayRound = (name: string, needs: Needs): string[] | undefined => {
  const seen = new Set<string>()
  const ways = [[name]]
  // Grows while it is walked: longer ways come behind all shorter ones.
  for (const way of ways) {
    for (const next of needs.get(way.at(-1) ?? '') ?? []) {
      if (next === name) return [...way, next]
      if (!seen.has(next)) ways.push([...way, next])
      seen.add(next)
    }
  }
  return undefined
}
