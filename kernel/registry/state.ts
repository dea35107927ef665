import type { ModuleState } from '@recyclique/contracts'
import type { GuardView } from '../remote/guard.ts'
import { blockOn } from './blocked-versions.ts'
import { ordered } from './decide.ts'
import { type Family, type Instance, isLiving, type Party } from './party.ts'
import type { Standing } from './standing.ts'

export interface Seen {
  readonly state: ModuleState
  readonly version: string
  readonly description: string
  /** Everything that keeps it, or a version of it, from being active. */
  readonly reasons: readonly string[]
}

/** Where a module stands, out of all that is known of it. Pure. */
export const stateOf = (family: Family | undefined, standing: Standing, guards: readonly GuardView[]): Seen => {
  const inside = family?.parties.filter(({ place }) => place === 'in').at(-1)
  const waiting = family?.parties.filter((party) => party.place !== 'in' && hasLiving(party) && !party.isOutdated) ?? []
  const shown = inside ?? waiting.at(-1)
  const { version, description } = shown?.manifest ??
    family?.rejection ?? { version: standing.version, description: '' }
  const own = inside && insideState(inside, guards, family?.complaints ?? [])
  const others = [...waiting.flatMap((party) => reasonsOf(party, version)), ...rejectionOf(family?.rejection, version)]
  if (own) return { ...own, version, description, reasons: [...own.reasons, ...others] }
  const words = [...orders(standing), ...others.filter((one) => !orders(standing).includes(one))]
  const outside = outsideState(family, standing, waiting)
  return { ...outside, version, description, reasons: [...words, ...outside.reasons, ...(family?.complaints ?? [])] }
}

const hasLiving = ({ instances }: Party) => [...instances.values()].some(isLiving)

const reasonsOf = ({ manifest, reasons }: Party, shown: string): string[] =>
  reasons.map((reason) => (manifest.version === shown ? reason : `${manifest.version}: ${reason}`))

const rejectionOf = (rejection: Family['rejection'], shown: string): readonly string[] =>
  rejection?.reasons.map((reason) => (rejection.version === shown ? reason : `${rejection.version}: ${reason}`)) ?? []

const orders = ({ blocked, disabled }: Standing): string[] => [
  ...(blocked === undefined ? [] : [ordered('blocked', blocked)]),
  ...(disabled === undefined ? [] : [ordered('disabled', disabled)]),
]

type State = Pick<Seen, 'state' | 'reasons'>

/** Undefined where none of its processes lives: then it is not inside, whatever was. */
const insideState = (
  { instances, pageTrouble = '' }: Party,
  guards: readonly GuardView[],
  complaints: readonly string[],
): State | undefined => {
  const there = [...instances.values()]
  const are = (state: Instance['state']) => there.some((one) => one.state === state)
  if (are('active') || are('suspect')) {
    const reasons = [
      ...there.flatMap(unwell),
      ...guards.flatMap(openGuard),
      ...[pageTrouble].filter(Boolean),
      ...complaints,
    ]
    return { state: reasons.length > 0 ? 'degraded' : 'active', reasons }
  }
  if (are('replaying')) return { state: 'replaying', reasons: ['It is told first what was asked before it came.'] }
  if (are('draining')) return { state: 'draining', reasons: ['It finishes what it has in hand and ends.'] }
  if (are('lost'))
    return { state: 'failed', reasons: ['It has not been heard of for a while: it hangs, or its line is cut.'] }
  return undefined
}

const unwell = ({ id, state, health, configTrouble }: Instance): string[] => [
  ...(state === 'active' && configTrouble
    ? [`${id} goes on with the configuration from before${colon(configTrouble)}.`]
    : []),
  ...(state === 'suspect' ? [`${id} has not been heard of for some seconds.`] : []),
  ...(state === 'active' && health?.ok === false ? [`${id} says that it is not well${colon(health.words)}.`] : []),
]

const colon = (words: string | undefined) => (words ? `: ${words.replace(/\.$/, '')}` : '')

const openGuard = ({ hook, state, silences }: GuardView): string[] =>
  state === 'closed' ? [] : [`It did not answer ${hook} ${silences} times in a row, and is asked again in a moment.`]

const outsideState = (family: Family | undefined, standing: Standing, waiting: readonly Party[]): State => {
  const reasons: string[] = []
  if (standing.blocked !== undefined) return { state: 'blocked', reasons }
  if (standing.disabled !== undefined) return { state: 'disabled', reasons }
  const isOut = ({ manifest: { version } }: Party) => blockOn(version, standing.blockedVersions) !== undefined
  if (waiting.length > 0) return { state: waiting.every(isOut) ? 'blocked' : 'pending', reasons }
  if (family?.rejection) return { state: 'rejected', reasons }
  // A list may have given it its rank before it ever came.
  const wasLetIn = standing.rank !== undefined && standing.state !== 'discovered'
  const wasThere = (family?.parties.length ?? 0) > 0 || wasLetIn
  return wasThere
    ? { state: 'stopped', reasons: ['None of its processes is there.'] }
    : { state: 'discovered', reasons: ['It has not announced itself yet.'] }
}
