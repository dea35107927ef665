import { type Manifest, wayRound } from '@recyclique/contracts'
import { satisfies } from 'semver'

/** A module that is there and works, as far as others depend on it. */
export interface Present {
  readonly name: string
  readonly version: string
}

type Ranges = Readonly<Record<string, string>>

/** What stands between a module and its work: others that are missing, or of the wrong version. Each a sentence. */
export const unmetNeeds = ({ requires = {}, optional = {} }: Manifest, present: readonly Present[]): string[] => [
  ...Object.entries(requires).flatMap(([name, range]) => unmet(name, range, present)),
  ...Object.entries(optional).flatMap(([name, range]) =>
    present.some((one) => one.name === name) ? unmet(name, range, present) : [],
  ),
]

const unmet = (name: string, range: string, present: readonly Present[]): string[] => {
  const there = present.filter((one) => one.name === name)
  if (there.some(({ version }) => satisfies(version, range))) return []
  if (there.length === 0) return [`It waits for '${name}' ${range}, which is not at work.`]
  return [`It waits for '${name}' ${range}; at work is ${there.map(({ version }) => version).join(' and ')}.`]
}

/** Who of those at work cannot stand beside it, whichever of the two says so. */
export const conflictsWith = (manifest: Manifest, others: readonly Manifest[]): string[] =>
  others
    .filter(({ name }) => name !== manifest.name)
    .flatMap((other) => [
      ...(clashes(manifest.conflicts, other) ? [`It cannot work beside '${other.name}' ${other.version}.`] : []),
      ...(clashes(other.conflicts, manifest) ? [`'${other.name}' ${other.version} cannot work beside it.`] : []),
    ])

const clashes = (ranges: Ranges = {}, { name, version }: Manifest): boolean => {
  const range = ranges[name]
  return range !== undefined && satisfies(version, range)
}

/** The shortest way from a module over what it requires back to itself, with its name at both ends; undefined: there is none. */
export const circleThrough = (manifest: Manifest, others: readonly Manifest[]): string[] | undefined =>
  wayRound(
    manifest.name,
    new Map([...others, manifest].map(({ name, requires = {} }) => [name, Object.keys(requires)])),
  )
