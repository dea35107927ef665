import { type GrantPolicy, isIndispensable, type Manifest, manifestWithin, rightsOf } from '@recyclique/contracts'
import type { RegistryParts, Said } from './parts.ts'
import { allPermissions, type Permissions, UNDECIDED } from './permission.ts'
import { permitModule } from './permit-module.ts'

/**
 * What each module may do here: what its manifest asks for, as far as somebody granted it. In memory, so that it can be looked at in
 * the middle of anything; the disk is the truth.
 *
 * Three answers to a right: granted; withheld, then the module works without it; and nobody decided yet, then the module waits. Without a
 * policy nothing is decided and everything is granted.
 */
export const openPermissions = async ({ read, decide, grants }: Pick<RegistryParts, 'read' | 'decide' | 'grants'>) => {
  let all = new Map<string, Permissions>()
  const reload = async () => {
    all = await allPermissions(read)
  }
  const of = (module: string): Permissions => all.get(module) ?? UNDECIDED
  const isGranted = (module: string, right: string) =>
    grants === undefined || of(module).rights.get(right)?.decision === 'granted'
  const isWithheld = (module: string, right: string) =>
    grants !== undefined && of(module).rights.get(right)?.decision === 'withheld'

  /** The manifest without what is withheld. */
  const narrowed = (whole: Manifest): Manifest => manifestWithin(whole, (right) => isWithheld(whole.name, right))

  await reload()
  return {
    ...{ of, reload, isGranted, isWithheld, narrowed },
    policy: grants?.policy ?? ('all' satisfies GrantPolicy),
    /** What was said, with the manifest as it holds here. */
    within: (said: Said): Said => {
      const whole = said.whole ?? said.manifest
      return { ...said, whole, manifest: narrowed(whole) }
    },
    /** What it asks for and works without. */
    withheld: (manifest: Manifest): string[] => rightsOf(manifest).filter((right) => isWithheld(manifest.name, right)),
    /** What nobody decided yet. */
    open: (manifest: Manifest): string[] =>
      grants === undefined ? [] : rightsOf(manifest).filter((right) => !of(manifest.name).rights.has(right)),
    /** What is withheld, and it cannot be had without. */
    barred: (manifest: Manifest): string[] =>
      rightsOf(manifest).filter((right) => isIndispensable(right) && isWithheld(manifest.name, right)),
    /** What the centre's policy grants by itself of what a module asks for. Gives whether anything changed. */
    async grantByPolicy(module: string, rights: readonly string[]): Promise<boolean> {
      if (grants === undefined || grants.policy === 'ask') return false
      const { isDecided } = of(module)
      if (isDecided && (grants.policy === 'first' || rights.length === 0)) return false
      const reason = isDecided ? 'What grows is granted here.' : 'It was let in for the first time.'
      await decide(permitModule, { module, decision: 'granted', rights: [...rights], reason })
      await reload()
      return true
    },
  }
}

export type PermissionBook = Awaited<ReturnType<typeof openPermissions>>

/** Why it waits, and what to type. */
export const asksForMore = (module: string, open: readonly string[]): string =>
  `It asks for more than it was granted: ${listOf(open)}. \`recyclique modules permissions ${module}\` shows it; \`recyclique modules grant ${module} --all\` grants it, or name what it may have.`

export const cannotBeWithout = (module: string, barred: readonly string[]): string =>
  `It was refused what it cannot work without: ${listOf(barred)}. \`recyclique modules grant ${module} ${barred[0]}\` grants it.`

const MOST_LISTED = 8

const listOf = (rights: readonly string[]): string =>
  rights.length <= MOST_LISTED
    ? rights.join(', ')
    : `${rights.slice(0, MOST_LISTED).join(', ')} and ${rights.length - MOST_LISTED} more`
