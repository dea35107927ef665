import type { Announce, Health, InstanceView, Manifest } from '@recyclique/contracts'
import { major, rcompare } from 'semver'
import type { Pending } from '../bus/port.ts'
import { Failure } from '../hooks/hook-error.ts'
import type { Peer, PeerGroup } from '../remote/peer.ts'
import { ownPosition } from './place.ts'

/** One process of a module, as the kernel sees it. */
export interface Instance extends Peer {
  readonly startedAt: string
  readonly version: string
  state: InstanceView['state']
  /** It stands in the kernel's hooks. */
  isJoined: boolean
  historySeen: number
  lastSeenAt: string
  /** How many heartbeats were due since the last one came. */
  missed: number
  position: number
  inFlight: number
  health: (Health & { readonly at: string }) | undefined
}

/** One version of a module: a manifest, and the processes that bear it. */
export interface Party {
  readonly manifest: Manifest
  readonly manifestHash: string
  /** Its name among those who are asked: the module's, or `name@major` where majors stand beside each other. */
  readonly title: string
  readonly group: PeerGroup
  readonly instances: Map<string, Instance>
  /** `leaving`: in no plan any more, but calls under way still go to it. */
  place: 'in' | 'standby' | 'leaving'
  /** Why it is not in. */
  reasons: readonly string[]
  /** Another module is missing: it is asked to announce itself as soon as that one is there. */
  isNeedy: boolean
  /** Another version took over from it: its processes end once nothing is under way. */
  isOutdated: boolean
}

/** Why a module was not let in the last time, and what it says of itself. */
export interface Rejection {
  readonly version: string
  readonly description: string
  readonly reasons: readonly string[]
  /** Where it could be read. */
  readonly manifest?: Manifest | undefined
}

/** All that is known of one name. */
export interface Family {
  readonly name: string
  parties: Party[]
  rejection: Rejection | undefined
  /** It keeps its position itself, in the same transaction as the effect. */
  keepsPosition: boolean
  /** Everything up to here was acknowledged, when it was last looked. */
  floor: number | undefined
  /** Processes that died and that no other has followed yet; and when others did, milliseconds since 1970. */
  deaths: number
  restarts: number[]
}

/** Three missed: no new work. Five: lost. Who waits beats seldom. */
const SUSPECT_AFTER = 3
const LOST_AFTER = 5
const WAITING_LOST_AFTER = 90

/** Who is there: plain memory, told by announces, heartbeats, goodbyes and the server. */
export const openRoster = () => {
  const families = new Map<string, Family>()
  const partiesOf = (name: string) => families.get(name)?.parties ?? []
  const instancesOf = (name: string) => partiesOf(name).flatMap(({ instances }) => [...instances.values()])
  const partyWith = (name: string, id: string) => partiesOf(name).find(({ instances }) => instances.has(id))
  const find = (name: string, id: string) => partyWith(name, id)?.instances.get(id)

  const familyOf = (name: string): Family => {
    const known = families.get(name)
    if (known) return known
    const family: Family = {
      ...{ name, parties: [], rejection: undefined, keepsPosition: false, floor: undefined, deaths: 0, restarts: [] },
    }
    families.set(name, family)
    return family
  }

  const suspect = (instance: Instance) => {
    if (instance.state === 'active') instance.state = 'suspect'
  }

  const roster = {
    families: families as ReadonlyMap<string, Family>,
    ...{ familyOf, find, partyWith, suspect },
    all: () => [...families.values()].flatMap(({ parties }) => parties),
    living: (name: string) => instancesOf(name).filter(isLiving),
    /** The version that answers, the newest major first where there are several. */
    inside: (name: string): Party[] =>
      partiesOf(name)
        .filter(({ place }) => place === 'in')
        .sort((a, b) => rcompare(a.manifest.version, b.manifest.version)),

    /**
     * Who of the module is there beside this process. It is the same process when it started at the same time: an id may be
     * given again after a crash, and then the one before is dead even where nobody saw it die.
     */
    kinOf(name: string, { id, startedAt }: { id: string; startedAt: string }) {
      const all = instancesOf(name).filter(({ state }) => state !== 'standby')
      const isItself = (one: Instance) => one.id === id && one.startedAt === startedAt
      return {
        isKnown: all.some(isItself),
        hasSisters: all.some((one) => one.id !== id && isLiving(one)),
        hasDead: all.some((one) => !isItself(one) && (one.id === id || !isLiving(one))),
      }
    },

    /** The party and the process that speak; made where they are new. What ended of the others is forgotten. */
    enrol(said: Announce, at: string): { party: Party; instance: Instance } {
      const { manifest, instance: id, resumeAfter } = said
      const family = familyOf(manifest.name)
      const known = partyWith(manifest.name, id)
      const party = family.parties.find((one) => isOf(one, said)) ?? newParty(said, suspect)
      const before = known?.instances.get(id)
      known?.instances.delete(id)
      const instance = before && isSame(before, said) && known === party ? before : newInstance(said, at)
      party.instances.set(id, instance)
      Object.assign(instance, { lastSeenAt: at, missed: 0, historySeen: said.historySeen ?? 0 })
      family.keepsPosition = ownPosition({ resumeAfter, hearsFrom: manifest.hearsFrom ?? 'start' }) !== undefined
      for (const one of family.parties) forgetEnded(one, instance)
      family.parties = [...family.parties.filter((one) => one !== party && isKept(one)), party]
      return { party, instance }
    },

    /** It is none of ours any more. */
    dismiss(name: string, id: string) {
      partyWith(name, id)?.instances.delete(id)
      const family = familyOf(name)
      family.parties = family.parties.filter((one) => one.instances.size > 0 || one.place === 'in')
    },

    /** False for one that nobody knows, or that was lost: it should announce itself. */
    beat(name: string, beat: { instance: string; position: number; inFlight: number }, at: string): boolean {
      const instance = find(name, beat.instance)
      if (!instance || !isLiving(instance)) return false
      Object.assign(instance, { lastSeenAt: at, missed: 0, position: beat.position, inFlight: beat.inFlight })
      if (instance.state === 'suspect') instance.state = 'active'
      return true
    },

    /** A heartbeat was due for everybody. Counted and not timed: a kernel that itself stood still suspects nobody for it. Gives the lost. */
    miss(): { name: string; instance: Instance }[] {
      const there = [...families.keys()].flatMap((name) => roster.living(name).map((instance) => ({ name, instance })))
      return there.filter(({ instance }) => missOne(instance))
    },
  }
  return roster
}

export type Roster = ReturnType<typeof openRoster>

export const isLiving = ({ state }: Instance) => state !== 'gone' && state !== 'lost'

/** Whoever waits for its answer hears so now. */
export const dropPending = ({ pending }: { readonly pending: Set<Pending> }, why: string) => {
  for (const one of [...pending]) one.drop(new Failure('unavailable', 'instance-gone', why))
}

export const isOf = ({ manifest, manifestHash }: Party, said: Announce) =>
  manifest.version === said.manifest.version && manifestHash === said.manifestHash

const isSame = (known: Instance, { startedAt }: Announce) => known.startedAt === startedAt && known.state !== 'gone'

const isKept = ({ place, instances }: Party) => place === 'in' || instances.size > 0

const forgetEnded = ({ instances }: Party, but: Instance) => {
  for (const [id, instance] of instances) if (instance !== but && !isLiving(instance)) instances.delete(id)
}

const newParty = ({ manifest, manifestHash }: Announce, suspect: (peer: Instance) => void): Party => {
  const instances = new Map<string, Instance>()
  const { name, version, sideBySide } = manifest
  return {
    ...{ manifest, manifestHash, instances, place: 'standby', reasons: [], isNeedy: false, isOutdated: false },
    title: sideBySide ? `${name}@${major(version)}` : name,
    group: {
      ...{ module: name, version },
      peers: () => instances.values(),
      unheard: (peer) => {
        const instance = instances.get(peer.id)
        if (instance) suspect(instance)
      },
    },
  }
}

const newInstance = ({ instance: id, startedAt, manifest, resumeAfter }: Announce, at: string): Instance => ({
  ...{ id, startedAt, version: manifest.version, state: 'standby', isJoined: false, historySeen: 0 },
  ...{ lastSeenAt: at, missed: 0, position: resumeAfter ?? 0, inFlight: 0, health: undefined, silentAt: 0 },
  pending: new Set(),
  get isAskable() {
    return this.state === 'active'
  },
})

/** True when it counts as lost by this. */
const missOne = (instance: Instance): boolean => {
  instance.missed += 1
  if (instance.missed >= SUSPECT_AFTER && instance.state === 'active') instance.state = 'suspect'
  return instance.missed >= (instance.state === 'standby' ? WAITING_LOST_AFTER : LOST_AFTER)
}
