import type { Announce, Manifest, ModuleView } from '@recyclique/contracts'
import { ownPosition } from './place.ts'

type InstanceState = ModuleView['instances'][number]['state']

/** One process of a module, as the kernel sees it. */
export interface Instance {
  readonly id: string
  readonly startedAt: string
  /** Aborts when it is gone: who waits for its answer need not wait. */
  readonly end: AbortController
  state: InstanceState
  lastSeenAt: string
  /** How many heartbeats were due since the last one came. */
  missed: number
  position: number
  inFlight: number
  /** Our own calls that it has not answered. */
  calls: number
}

/** A module that was let in. */
export interface Member {
  readonly manifest: Manifest
  readonly manifestHash: string
  /** It keeps its position itself, in the same transaction as the effect. */
  readonly keepsPosition: boolean
  readonly instances: Map<string, Instance>
  /** Everything up to here was acknowledged, when it was last looked. */
  floor: number | undefined
}

/** Three missed: no new work. Five: lost. Both come back with the next heartbeat; they never died. */
const SUSPECT_AFTER = 3
const LOST_AFTER = 5

/** Who is there: plain memory, told by announces, heartbeats, goodbyes and the server. */
export const openRoster = () => {
  const members = new Map<string, Member>()
  const find = (module: string, id: string) => members.get(module)?.instances.get(id)

  return {
    members: members as ReadonlyMap<string, Member>,
    find,
    living: (module: string) => [...(members.get(module)?.instances.values() ?? [])].filter(isLiving),

    /**
     * Who of the module is there beside this process. It is the same process when it started at the same time: an id may be
     * given again after a crash, and then the one before is dead even where nobody saw it die.
     */
    kinOf(module: string, { id, startedAt }: { id: string; startedAt: string }) {
      const all = [...(members.get(module)?.instances.values() ?? [])]
      const isItself = (one: Instance) => one.id === id && one.startedAt === startedAt
      return {
        isKnown: all.some(isItself),
        hasSisters: all.some((one) => one.id !== id && isLiving(one)),
        hasDead: all.some((one) => !isItself(one) && (one.id === id || !isLiving(one))),
      }
    },

    /** Lets an instance in, or in again; those that ended are forgotten. */
    join(said: Announce, { at, floor }: { at: string; floor: number | undefined }): Member {
      const { manifest, manifestHash, instance: id, resumeAfter } = said
      const others = [...(members.get(manifest.name)?.instances.values() ?? [])].filter(
        (one) => one.id !== id && isLiving(one),
      )
      const instance = sameOrNew(find(manifest.name, id), said, at)
      Object.assign(instance, { state: 'active', lastSeenAt: at, missed: 0 })
      const { hearsFrom = 'start' } = manifest
      const keepsPosition = ownPosition({ resumeAfter, hearsFrom }) !== undefined
      const instances = new Map([...others, instance].map((one) => [one.id, one]))
      const member = { manifest, manifestHash, keepsPosition, instances, floor }
      members.set(manifest.name, member)
      return member
    },

    /** False for one that nobody knows (any more): it should announce itself. */
    beat(module: string, beat: { instance: string; position: number; inFlight: number }, at: string): boolean {
      const instance = find(module, beat.instance)
      if (!instance || instance.state === 'gone') return false
      Object.assign(instance, { lastSeenAt: at, missed: 0, position: beat.position, inFlight: beat.inFlight })
      if (instance.state !== 'draining') instance.state = 'active'
      return true
    },

    /** A heartbeat was due for everybody. Counted and not timed: a kernel that itself stood still suspects nobody for it. */
    miss() {
      for (const { instances } of members.values())
        for (const instance of instances.values()) if (isLiving(instance)) missOne(instance)
    },

    suspect(instance: Instance) {
      if (instance.state === 'active') instance.state = 'suspect'
    },

    drain(module: string, id: string) {
      const instance = find(module, id)
      if (instance && isLiving(instance)) instance.state = 'draining'
    },

    /** Gone for good: whoever waits for it hears so now. */
    end(module: string, id: string) {
      const instance = find(module, id)
      if (!instance) return
      instance.state = 'gone'
      instance.end.abort()
    },
  }
}

export type Roster = ReturnType<typeof openRoster>

/** The same object where the process is the same: calls that are under way count on it. */
const sameOrNew = (known: Instance | undefined, { instance: id, startedAt, resumeAfter }: Announce, at: string) => {
  if (known?.startedAt === startedAt && !known.end.signal.aborted) return known
  known?.end.abort()
  const fresh: Instance = {
    ...{ id, startedAt, end: new AbortController(), state: 'active', lastSeenAt: at, missed: 0 },
    ...{ position: resumeAfter ?? 0, inFlight: 0, calls: 0 },
  }
  return fresh
}

const isLiving = ({ state }: Instance) => state !== 'gone' && state !== 'lost'

const missOne = (instance: Instance) => {
  instance.missed += 1
  if (instance.missed >= LOST_AFTER) instance.state = 'lost'
  else if (instance.missed >= SUSPECT_AFTER && instance.state === 'active') instance.state = 'suspect'
}
