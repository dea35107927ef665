import { randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import {
  type Announce,
  Announce as AnnounceSchema,
  type HookSpec,
  parseJson,
  subjectsOf,
  undeclaredHook,
} from '@recyclique/contracts'
import { inject, onTestFinished } from 'vitest'
import { openBus } from '../../../kernel/bus/nats.ts'
import type { Pending } from '../../../kernel/bus/port.ts'
import type { Hooks, Registering } from '../../../kernel/hooks/hooks.ts'
import type { Note } from '../../../kernel/hooks/notice.ts'
import { type AnswerSaid, type Registration, RegistrationRefused } from '../../../kernel/hooks/registration.ts'
import type { Peer } from '../../../kernel/remote/peer.ts'
import { openRemote } from '../../../kernel/remote/remote.ts'
import { styleOf } from '../behaviours.ts'
import type { handClock } from '../clock.ts'
import type { TestAnswer, TestModule } from '../harness.ts'
import type { Order, Part } from './player.ts'
import { startPlayer } from './players.ts'

/**
 * Modules in processes of their own, each run by the SDK, around hooks that ask them over a real server. Only the clock is the
 * test's: everybody's time passes through `pass`.
 *
 * `copies`: how many processes each module has.
 */
export interface CompanyParts {
  readonly kernel: () => Hooks
  readonly note: Note
  readonly clock: ReturnType<typeof handClock>
  readonly specs: readonly HookSpec[]
  readonly copies: number
  readonly heard: (entry: Entry) => void
}

type Entry = [string, string, unknown?]

type OpenPeer = { -readonly [K in keyof Peer]: Peer[K] }

interface Group {
  readonly module: string
  readonly version: string
  readonly list: OpenPeer[]
  peers(): Iterable<Peer>
  unheard(peer: Peer): void
}

interface Expected {
  readonly one: TestModule
  readonly arrived: PromiseWithResolvers<void>
  readonly settled: PromiseWithResolvers<Registering>
}

export const openCompany = async (parts: CompanyParts) => {
  const { kernel, note, clock, copies } = parts
  const { url, players } = inject('stage')
  const site = `t${randomBytes(6).toString('hex')}`
  const subjects = subjectsOf(site)
  const log = { info: () => {}, warn: () => {} }
  const bus = openBus({ url, site, log, after: clock.after })
  await new Promise<void>((resolve) => {
    if (bus.isConnected) resolve()
    else bus.onStatus(({ is }) => is === 'connected' && resolve())
  })
  const expected = new Map<string, Expected>()
  const groups = new Map<string, Group>()
  const peers = new Map<string, { peer: OpenPeer; player: string }>()
  /** Whose process each is. */
  const names = new Map<string, string>()
  const guests: { kill: () => void }[] = []
  const told: { instance: string; entry: Entry }[] = []
  const modules = new Map<string, TestModule>()
  let heard = 0
  let cast = 0

  const remote = openRemote({
    ...{ bus, site, clock, note, mayAsk: () => true, limits: { silences: 1_000 } },
    ask: (hook, args, options) => kernel().askByName(hook, args, options),
  })
  const order = async (player: string, said: Order) => {
    const answer = await bus.ask(`player.${player}`, JSON.stringify(said), { withinMs: 1e9, headers: {} })
    const { failed, ...rest } = JSON.parse(answer) as { failed?: string; busy?: number }
    if (failed) throw new Error(failed)
    return rest
  }

  const announced = async (text: string): Promise<string> => {
    const said = parseJson(AnnounceSchema, text, 'announce')
    const { state, reasons } = await admit(said)
    return JSON.stringify({ state, reasons, kernel: 'test', heartbeatMs: 600_000 })
  }
  const admit = async (said: Announce) => {
    const waiting = expected.get(said.instance)
    if (!waiting) return { state: 'admitted', reasons: [] }
    expected.delete(said.instance)
    waiting.arrived.resolve()
    try {
      const result = await kernel().register(registration(waiting.one, said.instance))
      waiting.settled.resolve(result)
      return result.registered ? { state: 'admitted', reasons: [] } : { state: 'blocked', reasons: ['blocked'] }
    } catch (error) {
      waiting.settled.reject(error)
      const reasons = error instanceof RegistrationRefused ? error.flaws.map(({ words }) => words) : [String(error)]
      return { state: 'rejected', reasons }
    }
  }

  const registration = ({ answers, ...one }: TestModule, instance: string): Registration => {
    const peer: OpenPeer = { id: instance, isAskable: true, isLeaving: false, pending: new Set<Pending>(), silentAt: 0 }
    peers.set(instance, { peer, player: peers.get(instance)?.player ?? '' })
    const group = groupFor(one.name, one.version ?? '1.0.0')
    group.list.push(peer)
    return {
      ...{ version: '1.0.0', ...one, instance },
      answers: answers.map((answer, nth) => {
        const { plays, ...said } = answer
        const line = lineOf(answer, nth)
        const historic = specOf(line.hook).historic
        const asked = { ...line, isWrapper: said.isWrapper || line.isWrapper, asksOn: true }
        const isForEach = historic !== undefined && historic.replay !== 'module'
        const call = isForEach ? remote.callForPeer(group, peer, asked) : remote.callFor(group, asked)
        return {
          hook: 't.x',
          handler: line.handler,
          ...styleOf(plays),
          ...said,
          keepsTime: true,
          call,
        } satisfies AnswerSaid
      }),
    }
  }

  /** A second process stands beside the first while the module is there; whoever comes after it was taken out stands alone. */
  const groupFor = (module: string, version: string): Group => {
    const known = groups.get(module)
    if (known?.version === version && kernel().book.names().includes(module)) return known
    const list: OpenPeer[] = []
    const unheard = (peer: Peer) => {
      ;(peer as OpenPeer).isAskable = false
    }
    const group = { module, version, list, peers: () => list, unheard }
    groups.set(module, group)
    return group
  }

  const specOf = (hook: string) => parts.specs.find(({ name }) => name === hook) ?? undeclaredHook(hook)

  /** What is told to every process is told to each copy as well: one of them stands in the log, the others are compared with it. */
  const isTold = (name: string): boolean => {
    const historic = modules.get(name)?.answers.map(({ hook = 't.x' }) => specOf(hook).historic) ?? []
    return historic.length > 0 && historic.every((one) => one !== undefined && one.replay !== 'module')
  }

  const register = async (one: TestModule): Promise<Registering> => {
    modules.set(one.name, one)
    const first = one.instance ?? `${one.name}-1`
    const count = one.instance === undefined ? copies : 1
    const ids = [first, ...Array.from({ length: count - 1 }, (_, nth) => `${one.name}-copy-${nth + 2}`)]
    const results = await Promise.allSettled(ids.map((instance) => start(one, instance)))
    const failed = results.find((result) => result.status === 'rejected')
    if (failed) throw failed.reason
    return (results[0] as PromiseFulfilledResult<Registering>).value
  }

  const start = async (one: TestModule, instance: string): Promise<Registering> => {
    const settled = Promise.withResolvers<Registering>()
    settled.promise.catch(() => {})
    expected.set(instance, { one, settled, arrived: Promise.withResolvers<void>() })
    await gone(instance)
    names.set(instance, one.name)
    const dies = one.answers.some(({ plays: { behaviour } }) => MORTAL.has(behaviour))
    const player = dies ? await guest(instance) : (players[cast++ % players.length] as string)
    peers.set(instance, { peer: peers.get(instance)?.peer as OpenPeer, player })
    await order(player, { do: 'start', part: partOf(one, instance) })
    const result = await settled.promise
    if (one.answers.some(({ plays: { behaviour } }) => behaviour === 'isAway')) await killed(instance)
    return result
  }

  /** Who bears this name already ends first: it may have been taken out, and another one takes its place. */
  const gone = async (instance: string) => {
    const { player = '' } = peers.get(instance) ?? {}
    if (players.includes(player)) await order(player, { do: 'stop', site, instance })
  }

  /** A process for one module alone, so that it can die. Its end is heard as the server tells it: all that it was asked fails. */
  const guest = async (instance: string): Promise<string> => {
    const player = await startPlayer(url, `${site}-${instance}`)
    guests.push({ kill: () => void player.child.kill('SIGKILL') })
    void player.ended.then(() => {
      const { peer } = peers.get(instance) ?? {}
      for (const one of [...(peer?.pending ?? [])]) one.drop(new Error(`${instance} is gone`))
    })
    ends.set(instance, player)
    return player.name
  }
  const ends = new Map<string, Awaited<ReturnType<typeof startPlayer>>>()
  const killed = async (instance: string) => {
    ends.get(instance)?.child.kill('SIGKILL')
    await ends.get(instance)?.ended
    await untilNobodyHears(instance)
  }
  const untilNobodyHears = async (instance: string) => {
    const module = [...groups.values()].find(({ list }) => list.some(({ id }) => id === instance))?.module ?? ''
    const subject = subjects.toModule(module, instance, 'control', 'ping')
    for (;;) {
      const isThere = bus.ask(subject, '', { withinMs: 1e9, headers: {} }).then(
        () => true,
        () => false,
      )
      // The server may have handed it to a connection whose end it has not seen yet: nobody answers that one, ever.
      if (!(await Promise.race([isThere, wait(50, true)]))) return
      await wait(1)
    }
  }

  const partOf = (one: TestModule, instance: string): Part => ({
    site,
    instance,
    manifest: manifestOf(one),
    specs: [...new Set([...parts.specs.map(({ name }) => name), ...one.answers.map(({ hook = 't.x' }) => hook)])].map(
      (name) => documentOf(specOf(name)),
    ),
    plays: one.answers.map((answer, nth) => ({ ...lineOf(answer, nth), playing: answer.plays })),
  })

  /** Everybody has done what there was to do at this moment of the clock; whoever was started has announced itself. */
  const idle = async () => {
    await Promise.all([...expected.values()].map(({ arrived }) => arrived.promise))
    for (let before = -1, now = await activity(); now !== before; ) {
      before = now
      now = await activity()
    }
  }
  /**
   * First over each module's own connection: what was asked before has begun when this is answered, and has said what it says. Then over
   * its player's, where all of that comes before the answer.
   */
  const activity = async () => {
    await Promise.all(
      [...names].map(([instance, module]) => {
        const among = peers.get(instance)?.peer?.pending
        const subject = subjects.toModule(module, instance, 'control', 'ping')
        const answered = bus.ask(subject, '', { withinMs: 1e9, among }).catch(() => {})
        return Promise.race([answered, ends.get(instance)?.ended ?? answered])
      }),
    )
    const used = [...new Set([...peers.values()].map(({ player }) => player))].filter((player) =>
      players.includes(player),
    )
    const counts = await Promise.all(used.map((player) => order(player, { do: 'sync' })))
    for (let nth = 0; nth < 3; nth += 1) await new Promise((resolve) => setImmediate(resolve))
    return counts.reduce((all, { busy = 0 }) => all + busy, heard)
  }

  bus.serve(subjects.everyModule('announce'), ({ text }) => announced(text))
  bus.serve(`stage.${site}.log`, ({ text }) => {
    heard += 1
    const { instance, entry } = JSON.parse(text) as { instance: string; entry: Entry }
    if (isTold(entry[0]) && instance.includes('-copy-')) told.push({ instance, entry })
    else parts.heard(entry)
    return undefined
  })
  bus.serve(`stage.${site}.sleep`, ({ text }) => {
    heard += 1
    return clock.sleep(Number(text)).then(() => '')
  })
  onTestFinished(async () => {
    for (const { kill } of guests) kill()
    await Promise.all(
      [...peers].map(([instance, { player }]) =>
        players.includes(player) ? order(player, { do: 'dismiss', site, instance }).catch(() => {}) : undefined,
      ),
    )
    remote.close()
    await bus.close()
  })
  return { register, idle, toldToCopies: () => told }
}

const MORTAL: ReadonlySet<string> = new Set(['isAway', 'diesAfterProceeding'])

const lineOf = ({ hook = 't.x', handler, plays }: TestAnswer, nth: number) => {
  const { isWrapper, isOutcomeWrapper } = styleOf(plays) as { isWrapper?: boolean; isOutcomeWrapper?: boolean }
  return { hook, handler: handler ?? `on-${nth + 1}`, isWrapper: (isWrapper || isOutcomeWrapper) ?? false }
}

const manifestOf = ({ name, version = '1.0.0', answers }: TestModule) => ({
  ...{ name, version, description: 'A module of a test.', kernel: '*', protocol: { min: 1, max: 1 } },
  asks: ['t.x', 't.y', 't.z'],
  answers: answers.map((answer, nth) => ({
    ...lineOf(answer, nth),
    ...(answer.args === undefined ? {} : { args: [...answer.args] }),
  })),
})

const documentOf = ({ required, outcome, deprecatedArgs, ...spec }: HookSpec) =>
  JSON.parse(JSON.stringify({ ...spec, version: Math.max(1, spec.version) })) as Part['specs'][number]
