import { type Manifest, rightsOf, wordsOfRight } from '@recyclique/contracts'

/** What a module can do by its manifest, each thing in words that an operator reads before saying yes. */
export const abilitiesOf = (manifest: Manifest): string[] => rightsOf(manifest).map(wordsOfRight)

/** The rights that the new version asks for and the old one did not. */
export const growthOf = (before: Manifest, after: Manifest): string[] => {
  const known = new Set(rightsOf(before))
  return rightsOf(after).filter((right) => !known.has(right))
}
