import { randomBytes } from 'node:crypto'
import { subjectsOf } from '@recyclique/contracts'
import type { Bus } from '../bus/port.ts'
import type { Clock } from '../hooks/clock.ts'
import type { Note } from '../hooks/notice.ts'
import type { Call } from '../hooks/step.ts'
import { moduleAsker } from './ask-module.ts'
import { type AskFor, openAsks } from './asks.ts'
import { type Guard, type GuardLimits, type GuardView, LIMITS, openGuard } from './guard.ts'
import { type Asked, openLine } from './line.ts'
import type { Peer, PeerGroup } from './peer.ts'
import { openProceeds } from './proceeds.ts'

export type { Asked } from './line.ts'

export interface RemoteParts {
  readonly bus: Pick<Bus, 'ask' | 'question' | 'serve'>
  readonly site: string
  readonly clock: Clock
  /** Told of answers that came when nobody waited any more. */
  readonly note: Note
  /** Asks a hook for a module. */
  readonly ask: AskFor
  /** Does this module's manifest say that it asks this hook? */
  readonly mayAsk: (module: string, hook: string) => boolean
  /** A breaker opened or closed, or counts silences. */
  readonly onGuard?: (module: string) => void
  readonly limits?: Partial<GuardLimits>
  /** This kernel's own name among several, a subject token; made up where nothing is said. */
  readonly instance?: string
}

/** The kernel's way to modules in other processes. */
export interface Remote {
  /** This kernel's name in the subjects of `proceed`. */
  readonly instance: string
  /** The code behind one line of `answers`: asks whichever process has least in hand … */
  callFor(group: PeerGroup, asked: Asked): Call
  /** … or this very one: what is told to every process. `seq` is the call's place in the history. */
  callForPeer(group: PeerGroup, peer: Peer, asked: Asked): Call
  guardsOf(module: string): GuardView[]
  /** The module is there anew: what was counted against its old processes is forgotten. */
  forgive(module: string): void
  close(): void
}

export const openRemote = (parts: RemoteParts): Remote => {
  const { bus, clock, note, site, instance = `k-${randomBytes(6).toString('hex')}` } = parts
  const subjects = subjectsOf(site)
  const limits = { ...LIMITS, ...parts.limits }
  const proceeds = openProceeds()
  const asks = openAsks(parts)
  const askModule = moduleAsker({ bus, clock, note, subjects, kernel: instance, proceeds, asks })
  const guards = new Map<string, Map<string, Guard>>()

  const guardFor = (module: string, hook: string): Guard => {
    const own = guards.get(module) ?? new Map<string, Guard>()
    guards.set(module, own)
    const known = own.get(hook)
    if (known) return known
    const guard = openGuard(hook, limits, clock.now, () => parts.onGuard?.(module))
    own.set(hook, guard)
    return guard
  }

  const callOn = (group: PeerGroup, asked: Asked, only?: Peer): Call => {
    const line = openLine(group, asked, { subjects, kernel: instance, guard: guardFor(group.module, asked.hook) })
    return (question, proceed) => askModule(line, question, proceed, only)
  }

  const stops = [
    bus.serve(subjects.everyProceed(instance), ({ subject }) => proceeds.serve(subject)),
    bus.serve(subjects.everyWithin(instance), ({ subject, text }) => asks.serve(subject, text, 1)),
    bus.serve(subjects.everyModuleNamed('ask'), ({ subject, text }) => asks.serve(subject, text, 0), 'kernel'),
  ]

  return {
    instance,
    callFor: callOn,
    callForPeer: (group, peer, asked) => callOn(group, asked, peer),
    guardsOf: (module) => [...(guards.get(module)?.values() ?? [])].map((guard) => guard.view()),
    forgive(module) {
      for (const guard of guards.get(module)?.values() ?? []) guard.reset()
    },
    close() {
      for (const stop of stops) stop()
    },
  }
}
