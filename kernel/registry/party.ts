import { type Announce, Failure, type Health, type InstanceView, type Manifest } from '@recyclique/contracts'
import { major } from 'semver'
import type { Pending } from '../bus/port.ts'
import type { Peer, PeerGroup } from '../remote/peer.ts'
import type { Said } from './parts.ts'

/** One process of a module, as the kernel sees it. */
export interface Instance extends Peer {
  readonly startedAt: string
  readonly version: string
  state: InstanceView['state']
  /** It stands in the kernel's hooks. */
  isJoined: boolean
  historySeen: Readonly<Record<string, number>>
  /** It was not heard of for a while: what was told to every process in that time it may not know. */
  mayHaveMissed: boolean
  lastSeenAt: string
  /** How many heartbeats were due since the last one came. */
  missed: number
  position: number
  inFlight: number
  health: (Health & { readonly at: string }) | undefined
  config: NonNullable<Announce['config']>
  /** Why it goes on with what was set before. */
  configTrouble: string | undefined
  /** The files that it hands over were looked at, and are not what it announced. */
  hasBadBundle: boolean
}

/** One version of a module: a manifest, and the processes that bear it. */
export interface Party {
  /** As it holds here: without what is withheld. It changes only while the party is in no plan. */
  manifest: Manifest
  /** As its processes say it. */
  readonly whole: Manifest
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
  /** Why its pages are not shown as it wants them. */
  pageTrouble: string | undefined
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
  /** What it does wrong on the wire, in sentences. */
  complaints: readonly string[]
  /** It keeps its position itself, in the same transaction as the effect. */
  keepsPosition: boolean
  /** Everything up to here was acknowledged, when it was last looked. */
  floor: number | undefined
  /** Processes that died and that no other has followed yet; and when others did, milliseconds since 1970. */
  deaths: number
  restarts: number[]
}

export const isLiving = ({ state }: Instance) => state !== 'gone' && state !== 'lost'

/** Whoever waits for its answer hears so now. */
export const dropPending = ({ pending }: { readonly pending: Set<Pending> }, why: string) => {
  for (const one of [...pending]) one.drop(new Failure('unavailable', 'instance-gone', why))
}

export const isOf = ({ manifest, manifestHash }: Party, said: Announce) =>
  manifest.version === said.manifest.version && manifestHash === said.manifestHash

export const isSame = (known: Instance, { startedAt }: Announce) =>
  known.startedAt === startedAt && known.state !== 'gone'

export const isKept = ({ place, instances }: Party) => place === 'in' || instances.size > 0

export const forgetEnded = ({ instances }: Party, but: Instance) => {
  for (const [id, instance] of instances) if (instance !== but && !isLiving(instance)) instances.delete(id)
}

export const newParty = (
  { manifest, whole = manifest, manifestHash }: Said,
  suspect: (peer: Instance) => void,
): Party => {
  const instances = new Map<string, Instance>()
  const { name, version, sideBySide } = manifest
  return {
    ...{ manifest, whole, manifestHash, instances, place: 'standby', reasons: [], isNeedy: false, isOutdated: false },
    pageTrouble: undefined,
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

export const newInstance = (
  { instance: id, startedAt, manifest, resumeAfter, config, configRefused }: Announce,
  at: string,
): Instance => ({
  ...{
    id,
    startedAt,
    version: manifest.version,
    state: 'standby',
    isJoined: false,
    historySeen: {},
    mayHaveMissed: false,
  },
  ...{ lastSeenAt: at, missed: 0, position: resumeAfter ?? 0, inFlight: 0, health: undefined, silentAt: 0 },
  config: config ?? [],
  configTrouble: configRefused,
  hasBadBundle: false,
  pending: new Set(),
  get isAskable() {
    return this.state === 'active'
  },
  get isLeaving() {
    return this.state === 'draining'
  },
})
