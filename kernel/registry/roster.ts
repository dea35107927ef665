import { rcompare } from 'semver'
import type { Said } from './parts.ts'
import {
  type Family,
  forgetEnded,
  type Instance,
  isKept,
  isLiving,
  isOf,
  isSame,
  newInstance,
  newParty,
  type Party,
} from './party.ts'
import { ownPosition } from './place.ts'

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
      ...{
        name,
        parties: [],
        rejection: undefined,
        complaints: [],
        keepsPosition: false,
        floor: undefined,
        deaths: 0,
        restarts: [],
      },
    }
    families.set(name, family)
    return family
  }

  const suspect = (instance: Instance) => {
    if (instance.state === 'active') Object.assign(instance, { state: 'suspect', mayHaveMissed: true })
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
    enrol(said: Said, at: string): { party: Party; instance: Instance } {
      const { manifest, instance: id, resumeAfter } = said
      const family = familyOf(manifest.name)
      const known = partyWith(manifest.name, id)
      const party = family.parties.find((one) => isOf(one, said)) ?? newParty(said, suspect)
      if (party.place !== 'in') party.manifest = manifest
      const before = known?.instances.get(id)
      known?.instances.delete(id)
      const instance = before && isSame(before, said) && known === party ? before : newInstance(said, at)
      party.instances.set(id, instance)
      Object.assign(instance, { lastSeenAt: at, missed: 0, historySeen: said.historySeen ?? {} })
      Object.assign(instance, { config: said.config ?? [], configTrouble: said.configRefused })
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
      return there.filter(({ instance }) => missOne(instance, suspect))
    },
  }
  return roster
}

export type Roster = ReturnType<typeof openRoster>

/** True when it counts as lost by this. */
const missOne = (instance: Instance, suspect: (instance: Instance) => void): boolean => {
  instance.missed += 1
  if (instance.missed >= SUSPECT_AFTER) suspect(instance)
  return instance.missed >= (instance.state === 'standby' ? WAITING_LOST_AFTER : LOST_AFTER)
}
