import { randomBytes } from 'node:crypto'
import { CALL_HEADERS, type HookCall, subjectsOf } from '@recyclique/contracts'
import { type Bus, BusAway, TooLarge, Unanswered } from '../bus/port.ts'
import type { Clock } from '../hooks/clock.ts'
import { Failure } from '../hooks/hook-error.ts'
import type { Call, Proceed, Question } from '../hooks/step.ts'
import { type AskFor, openAsks } from './asks.ts'
import { leastBusy } from './choose-peer.ts'
import { readReply } from './faults.ts'
import { type Guard, type GuardLimits, type GuardView, LIMITS, openGuard } from './guard.ts'
import type { Peer, PeerGroup } from './peer.ts'
import { opened, openProceeds } from './proceeds.ts'
import { streamFrom } from './stream.ts'

export interface RemoteParts {
  readonly bus: Pick<Bus, 'ask' | 'serve'>
  readonly site: string
  readonly clock: Clock
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

/** One line of `answers` in a manifest, as far as asking goes. */
export interface Asked {
  readonly handler: string
  readonly hook: string
  readonly isWrapper?: boolean | undefined
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

/** After its deadline an answer is still listened for, so that it can be counted as late. */
const LATE_MS = 10_000

export const openRemote = (parts: RemoteParts): Remote => {
  const { bus, clock, site, instance = `k-${randomBytes(6).toString('hex')}` } = parts
  const subjects = subjectsOf(site)
  const limits = { ...LIMITS, ...parts.limits }
  const proceeds = openProceeds()
  const asks = openAsks(parts)
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

  /** One question to one module, whichever process answers it. */
  const askGroup = async (group: PeerGroup, asked: Asked, question: Question, proceed: Proceed, only?: Peer) => {
    const { module } = group
    const guard = guardFor(module, question.hook)
    guard.enter(module)
    const way = asked.isWrapper ? proceeds.hold(question.callId, module, proceed) : undefined
    const over = asks.during(module, question)
    let peer: Peer | undefined
    let isOver = false
    const end = () => {
      if (isOver) return false
      isOver = true
      cancel()
      guard.leave()
      over()
      way?.close()
      return true
    }
    const cancel = clock.after(question.deadline - clock.now(), () => {
      guard.silent()
      if (peer) peer.silentAt = clock.now()
      end()
    })
    try {
      const said = saidOf(
        { ...asked, kernel: instance },
        question,
        way && subjects.proceed(module, instance, way.ticket),
      )
      const text = await askSome(group, said, question, only, (one) => {
        peer = one
      })
      if (!isOver) guard.heard()
      const reply = readReply(text, module)
      if (reply === 'same') return opened(way?.outcome())
      if ('error' in reply) throw reply.error
      if ('stream' in reply) return streamFrom(() => askPart(module, peer as Peer, reply.stream), module)
      return reply.value
    } catch (error) {
      if (error instanceof Unreached && end()) guard.silent()
      throw error
    } finally {
      end()
    }
  }

  /** Whoever was surely not heard is passed over for the next one; whoever was perhaps heard is not. */
  const askSome = async (
    group: PeerGroup,
    said: string,
    question: Question,
    only: Peer | undefined,
    chosen: (peer: Peer) => void,
  ): Promise<string> => {
    for (;;) {
      const peer = only ?? leastBusy(group, clock.now())
      if (!peer) throw new Unreached('nobody-there', `no process of ${group.module} can be asked`)
      chosen(peer)
      try {
        return await askPeer(group, peer, said, question)
      } catch (error) {
        if (!(error instanceof Unanswered)) throw failureFrom(error, group.module)
        // The call ended at its deadline and said so itself: there is nobody left to tell.
        if (error.how === 'too-late') return new Promise(() => {})
        group.unheard(peer)
        if (only) throw new Unreached('nobody-there', `${peer.id} of ${group.module} is not there`)
      }
    }
  }

  const askPeer = (group: PeerGroup, peer: Peer, said: string, question: Question): Promise<string> => {
    const { hook, deadline, trace } = question
    const headers: Record<string, string> = { [CALL_HEADERS.deadline]: String(Math.round(deadline)) }
    if (trace !== undefined) headers[CALL_HEADERS.trace] = trace
    const withinMs = deadline - clock.now() + LATE_MS
    return bus.ask(subjects.toModule(group.module, peer.id, 'hook', hook), said, {
      withinMs,
      headers,
      among: peer.pending,
    })
  }

  /** The call itself watches the time. */
  const askPart = (module: string, peer: Peer, stream: string): Promise<string> => {
    const wanted = { withinMs: LATE_MS, headers: {}, among: peer.pending }
    return bus.ask(subjects.toModule(module, peer.id, 'part', stream), '', wanted).catch((error: unknown) => {
      throw error instanceof Unanswered
        ? new Failure('unavailable', 'nobody-there', error.message)
        : failureFrom(error, module)
    })
  }

  const stops = [
    bus.serve(subjects.everyProceed(instance), ({ subject }) => proceeds.serve(subject)),
    bus.serve(subjects.everyWithin(instance), ({ subject, text }) => asks.serve(subject, text, 1)),
    bus.serve(subjects.everyModuleNamed('ask'), ({ subject, text }) => asks.serve(subject, text, 0), 'kernel'),
  ]

  return {
    instance,
    callFor: (group, asked) => (question, proceed) => askGroup(group, asked, question, proceed),
    callForPeer: (group, peer, asked) => (question, proceed) => askGroup(group, asked, question, proceed, peer),
    guardsOf: (module) => [...(guards.get(module)?.values() ?? [])].map((guard) => guard.view()),
    forgive(module) {
      for (const guard of guards.get(module)?.values() ?? []) guard.reset()
    },
    close() {
      for (const stop of stops) stop()
    },
  }
}

const saidOf = (
  { handler, kernel }: Asked & { readonly kernel: string },
  { hook, version, args, callId, parentId, depth, seq }: Question,
  proceed?: string,
): string => {
  const said: HookCall = {
    ...{ hook, version, handler, args, callId, kernel, depth },
    ...(parentId === undefined ? {} : { parentId }),
    ...(proceed === undefined ? {} : { proceed }),
    ...(seq === undefined ? {} : { seq }),
  }
  return JSON.stringify(said)
}

/** Nobody was there, or whoever was asked died: a silence, for the breaker. */
class Unreached extends Failure {
  constructor(code: string, message: string, options?: ErrorOptions) {
    super('unavailable', code, message, options)
    this.name = 'Unreached'
  }
}

const failureFrom = (error: unknown, module: string): Failure => {
  if (error instanceof BusAway) return new Failure('unavailable', 'bus-away', error.message, { cause: error })
  if (error instanceof TooLarge)
    return new Failure('invalid', 'question-too-large', `the question to ${module} is ${error.message}`)
  return new Unreached('instance-gone', (error as Error).message, { cause: error })
}
