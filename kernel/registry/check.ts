import { type Announce, type Manifest, PROTOCOL } from '@recyclique/contracts'
import { satisfies, validRange } from 'semver'

/** The version of what a module can rely on in this kernel: the range in its manifest (`kernel`) must contain it. */
export const KERNEL_API = '0.1.0'

export interface Circumstances {
  /** Who speaks, by the subject: the server vouches for it. */
  readonly speaker: string
  /** The names of all facts that the contracts know. */
  readonly facts: ReadonlySet<string>
  /** The ledger's last position. */
  readonly head: number
  /** What the module's other living instances are, if there are any. */
  readonly sisters: { readonly version: string; readonly manifestHash: string } | undefined
}

/** Every reason at once why this module cannot be let in as it is; none: it can. Each is a sentence for its author or the operator. */
export const reasonsAgainst = (said: Announce, around: Circumstances): string[] => [
  ...wrongName(said.manifest, around.speaker),
  ...wrongVersions(said.manifest),
  ...unknownFacts(said.manifest, around.facts),
  ...otherThanItsSisters(said, around.sisters),
  ...aheadOfTheLedger(said, around.head),
]

const wrongName = ({ name }: Manifest, speaker: string) =>
  name === speaker ? [] : [`The manifest says '${name}', but the credentials are those of '${speaker}'.`]

const wrongVersions = ({ kernel, protocol: { min, max } }: Manifest) => [
  ...(validRange(kernel) === null ? [`'${kernel}' (kernel) is no range of versions.`] : []),
  ...(validRange(kernel) !== null && !satisfies(KERNEL_API, kernel)
    ? [`It needs kernel ${kernel}; this one is ${KERNEL_API}.`]
    : []),
  ...(min <= PROTOCOL && PROTOCOL <= max
    ? []
    : [`It speaks the protocol in versions ${min} to ${max}; this kernel speaks ${PROTOCOL}.`]),
]

const unknownFacts = ({ hears = [] }: Manifest, facts: ReadonlySet<string>) =>
  hears.filter((name) => !facts.has(name)).map((name) => `It hears '${name}': there is no such fact.`)

const otherThanItsSisters = ({ manifest, manifestHash }: Announce, sisters: Circumstances['sisters']) =>
  !sisters || (sisters.version === manifest.version && sisters.manifestHash === manifestHash)
    ? []
    : [
        `Another instance runs version ${sisters.version} (manifest ${sisters.manifestHash.slice(0, 8)}), this one is ${manifest.version} (${manifestHash.slice(0, 8)}): stop the other first.`,
      ]

/** Its next facts would bear positions that it takes for known, and be skipped in silence. */
const aheadOfTheLedger = ({ resumeAfter = 0 }: Announce, head: number) =>
  resumeAfter <= head
    ? []
    : [
        `It has dealt with position ${resumeAfter}, and the ledger ends at ${head}: an older backup of the ledger was restored. Restore the module's store as well, or delete it; it hears everything again.`,
      ]
