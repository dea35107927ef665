import type { Announced, Manifest } from '@recyclique/contracts'
import { gt, major } from 'semver'
import { blockOn, wordsOnBlock } from './blocked-versions.ts'
import { reasonsAgainst } from './check.ts'
import { circleThrough, conflictsWith, type Present, unmetNeeds } from './needs.ts'
import { ownHooks } from './own-hooks.ts'
import type { Shared, Speaking } from './parts.ts'
import { isLiving, isOf, type Party } from './party.ts'
import { asksForMore, cannotBeWithout } from './permissions.ts'
import { lookOf } from './to-registration.ts'

export interface Verdict {
  readonly state: Announced['state']
  readonly reasons: readonly string[]
  /** It waits for other modules … */
  readonly isNeedy?: boolean
  /** … or for somebody to grant these … */
  readonly asksFor?: readonly string[]
  /** … or for its own health, before it takes this one's place. */
  readonly replaces?: Party
}

type Around = Pick<Shared, 'roster' | 'standings' | 'permissions' | 'configs' | 'hooks' | 'facts' | 'head'>

/**
 * What becomes of an announce, on what is so at this moment: looked at again after everything that takes time. The operator's word
 * stands before everything else, then what is wrong, then what nobody granted yet, then who is missing, then who is there already.
 */
export const decide = (around: Around, speaking: Speaking): Verdict => {
  const { speaker, said } = speaking
  const { disabled, blocked, blockedVersions } = around.standings.of(speaker)
  // What is withheld makes nothing wrong: a tool may stand for a route that it has in its manifest and not here.
  const whole = { ...said, manifest: said.whole ?? said.manifest }
  const wrong = reasonsAgainst(whole, circumstances(around, { speaker, said: whole }))
  if (said.manifest.name !== speaker) return { state: 'rejected', reasons: wrong }
  if (blocked !== undefined) return { state: 'blocked', reasons: [ordered('blocked', blocked), ...wrong] }
  const block = blockOn(said.manifest.version, blockedVersions)
  if (block) return { state: 'blocked', reasons: [wordsOnBlock(speaker, said.manifest.version, block), ...wrong] }
  if (disabled !== undefined) return { state: 'disabled', reasons: [ordered('disabled', disabled), ...wrong] }
  if (wrong.length > 0) return { state: 'rejected', reasons: wrong }
  const barred = around.permissions.barred(said.manifest)
  if (barred.length > 0) return { state: 'waiting', reasons: [cannotBeWithout(speaker, barred)] }
  const open = around.permissions.open(said.manifest)
  if (open.length > 0) return { state: 'waiting', reasons: [asksForMore(speaker, open)], asksFor: open }
  const missing = unmetNeeds(said.manifest, presentIn(around))
  const unset = around.configs.waitsFor(said)
  if (missing.length + unset.length > 0)
    return { state: 'waiting', reasons: [...missing, ...unset], isNeedy: missing.length > 0 }
  const older = rivals(around, speaking)[0]
  if (older) {
    const { version } = older.manifest
    return {
      state: 'waiting',
      reasons: [`It takes over from ${version} once it says that it is well.`],
      replaces: older,
    }
  }
  return { state: 'admitted', reasons: [] }
}

export const ordered = (what: 'blocked' | 'disabled', why: string): string =>
  `An operator ${what} it${why === '' ? '' : `: ${why}`}.`

/** Who works, as far as others depend on it. */
export const presentIn = ({ roster }: Pick<Shared, 'roster'>): Present[] =>
  roster
    .all()
    .filter(({ place, instances }) => place === 'in' && [...instances.values()].some(isAtWork))
    .map(({ manifest: { name, version } }) => ({ name, version }))

const isAtWork = ({ isJoined, state }: { isJoined: boolean; state: string }) =>
  isJoined && (state === 'active' || state === 'suspect')

const circumstances = (around: Around, { speaker, said }: Speaking) => {
  const { manifest } = said
  const own = ownHooks(manifest)
  const title = titleOf(manifest)
  return {
    speaker,
    facts: factsIn(around),
    head: around.head(),
    flaws: [
      ...own.flaws,
      ...around.hooks.book.check(lookOf(said, title), own.specs).map(({ words }) => sentence(words)),
    ],
    clashes: [
      ...versionClashes(around, { speaker, said }),
      ...conflictsWith(manifest, manifestsAtWork(around)),
      ...circle(around, manifest),
    ],
  }
}

const sentence = (words: string) =>
  `${words.slice(0, 1).toUpperCase()}${words.slice(1)}${words.endsWith('.') ? '' : '.'}`

export const titleOf = ({ name, version, sideBySide }: Manifest) => (sideBySide ? `${name}@${major(version)}` : name)

const factsIn = ({ roster, facts }: Around): ReadonlySet<string> =>
  new Set([
    ...facts,
    ...roster
      .all()
      .flatMap(({ place, manifest: { tells = [] } }) => (place === 'in' ? tells.map(({ name }) => name) : [])),
  ])

const manifestsAtWork = ({ roster }: Around): Manifest[] =>
  roster
    .all()
    .filter(({ place, instances }) => place === 'in' && [...instances.values()].some(isLiving))
    .map(({ manifest }) => manifest)

const circle = ({ roster }: Around, manifest: Manifest): string[] => {
  const refused = [...roster.families.values()].flatMap(({ rejection }) => rejection?.manifest ?? [])
  const known = roster.all().map((party) => party.manifest)
  const way = circleThrough(
    manifest,
    [...refused, ...known].filter(({ name }) => name !== manifest.name),
  )
  return way ? [`It needs itself in the end: ${way.join(' → ')}.`] : []
}

/** Other versions of it whose processes live, and that do not stand beside it. */
const othersOf = ({ roster }: Around, { said }: Speaking): Party[] => {
  const { manifest, instance } = said
  return roster
    .inside(manifest.name)
    .filter((party) => !isOf(party, said) && !standBeside(party.manifest, manifest))
    .filter(({ instances }) => [...instances.values()].some((one) => one.id !== instance && isLiving(one)))
}

const standBeside = (a: Manifest, b: Manifest) =>
  a.sideBySide === true && b.sideBySide === true && major(a.version) !== major(b.version)

const versionClashes = (around: Around, speaking: Speaking): string[] => {
  const { manifest, manifestHash } = speaking.said
  return othersOf(around, speaking).flatMap((other) => {
    const { version } = other.manifest
    if (gt(manifest.version, version)) return []
    if (gt(version, manifest.version))
      return [`Version ${version} is at work, and this one is older: stop the other first, if you want to go back.`]
    return [
      `Another instance runs version ${version} with another manifest (${other.manifestHash.slice(0, 8)}, here ${manifestHash.slice(0, 8)}): give it another version, or stop the other first.`,
    ]
  })
}

/** The older versions that it would replace. */
const rivals = (around: Around, speaking: Speaking): Party[] =>
  othersOf(around, speaking).filter(({ manifest: { version } }) => gt(speaking.said.manifest.version, version))
