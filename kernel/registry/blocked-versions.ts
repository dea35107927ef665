import type { BlockedVersions } from '@recyclique/contracts'
import { satisfies } from 'semver'

/** The order that keeps this version out, where one does. A version before a release (1.2.0-rc.1) counts as the smaller one that it is. */
export const blockOn = (version: string, blocked: readonly BlockedVersions[]): BlockedVersions | undefined =>
  blocked.find(({ versions }) => satisfies(version, versions, { includePrerelease: true }))

/** Who keeps it out, why, and how it is let in again. */
export const wordsOnBlock = (module: string, version: string, { versions, by, reason }: BlockedVersions): string =>
  `Version ${version} is blocked here (${versions}) by ${by}${reason === undefined ? '' : `: ${reason.replace(/\.$/, '')}`}. \`recyclique modules unblock ${module} --versions '${versions}'\` lets it in.`
