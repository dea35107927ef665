import {
  type Announce,
  type Announced,
  Announce as AnnounceSchema,
  Bye,
  Dead,
  Heartbeat,
  type HttpAnswer,
  type HttpCall,
  Misfit,
  type ModuleView,
  parseJson,
  readKernelSubject,
  subjectsOf,
} from '@recyclique/contracts'
import type { Bus, Handle, Log } from '../bus/port.ts'
import type { Read } from '../store/port.ts'
import { type Change, put } from '../store/table.ts'
import { callHttp } from './call-http.ts'
import { reasonsAgainst } from './check.ts'
import { durableKeeper } from './durables.ts'
import { inTurns } from './in-turns.ts'
import { type Member, openRoster } from './roster.ts'
import { type Rejection, viewOf } from './view.ts'

/**
 * Which modules are there, which processes of each, and where their facts wait.
 *
 * It only hears and answers: at the start nothing is asked of anybody. Modules announce themselves, and who lives on from an earlier kernel is
 * asked to, once its heartbeat is heard.
 */
export interface Registry {
  list(): Promise<ModuleView[]>
  /** Refuses with `module-unknown` or `module-unavailable`. */
  callHttp(module: string, call: HttpCall): Promise<HttpAnswer>
  close(): Promise<void>
}

export interface RegistryParts {
  readonly bus: Bus
  readonly site: string
  /** The kernel's name for itself, with its version. */
  readonly kernel: string
  /** The names of all facts that the contracts know. */
  readonly facts: ReadonlySet<string>
  /** The ledger's last position. */
  readonly head: () => number
  readonly read: Read
  /** All or nothing, and on disk when it resolves. */
  readonly write: (changes: readonly Change[]) => Promise<void>
  readonly now: () => Date
  readonly log: Log
  readonly heartbeatMs?: number
}

/** One of several kernels answers. */
const QUEUE = 'kernel'

export const openRegistry = (parts: RegistryParts): Registry => {
  const { bus, site, log, heartbeatMs = 2_000 } = parts
  const subjects = subjectsOf(site)
  const roster = openRoster()
  const rejections = new Map<string, Rejection>()
  const durables = durableKeeper({ ...parts, roster, subjects })
  const inTurn = inTurns()
  let tending: Promise<void> | undefined
  const at = () => parts.now().toISOString()

  const announced = (speaker: string, text: string): Promise<string> =>
    inTurn(speaker, async () => {
      const said = readAnnounce(text)
      const reasons = Array.isArray(said) ? said : reasonsAgainst(said, around(speaker, said))
      if (Array.isArray(said) || reasons.length > 0) return JSON.stringify(reject(speaker, text, reasons))
      return JSON.stringify(await admit(said))
    })

  const around = (speaker: string, said: Announce) => {
    const others = roster.living(speaker).some(({ id }) => id !== said.instance)
    const member = others ? roster.members.get(speaker) : undefined
    const sisters = member && { version: member.manifest.version, manifestHash: member.manifestHash }
    return { speaker, facts: parts.facts, head: parts.head(), sisters }
  }

  const reject = (module: string, text: string, reasons: string[]): Announced => {
    rejections.set(module, { ...claimed(text), reasons })
    log.warn({ module, reasons }, 'a module was rejected')
    return { state: 'rejected', reasons, kernel: parts.kernel, heartbeatMs }
  }

  /** The durable first: who is admitted may pull at once. Where that fails nobody is answered, and the module announces again. */
  const admit = async (said: Announce): Promise<Announced> => {
    const { name } = said.manifest
    const floor = await durables.place(said)
    const member = roster.join(said, { at: at(), floor })
    rejections.delete(name)
    log.info({ module: name, instance: said.instance, version: said.manifest.version }, 'a module was admitted')
    return { state: 'admitted', reasons: [], kernel: parts.kernel, heartbeatMs, ...hearingOf(member) }
  }

  const hearingOf = ({ manifest: { name, hears = [] } }: Member) =>
    hears.length === 0 ? {} : { hearing: { stream: subjects.stream, durable: subjects.durable(name) } }

  const heartbeat = (module: string, text: string) => {
    const beat = parseJson(Heartbeat, text, 'heartbeat')
    if (roster.beat(module, beat, at())) return
    bus.say(subjects.toModule(module, beat.instance, 'control', 'announce'), '')
  }

  const bye = (module: string, text: string) => {
    const { instance, phase } = parseJson(Bye, text, 'bye')
    if (phase === 'gone') gone(module, instance)
    else roster.drain(module, instance)
  }

  const gone = (module: string, instance: string) => {
    const known = roster.find(module, instance)
    if (known && known.state !== 'gone') log.info({ module, instance }, `a process of ${module} is gone`)
    roster.end(module, instance)
  }

  /** Answered when it is on disk; where that fails it is not, and the module tries the fact again. */
  const dead = async (module: string, text: string): Promise<string> => {
    const { instance, position, error, attempts } = parseJson(Dead, text, 'dead')
    await parts.write([put('dead_letter', { module, position, instance, error, attempts, at: at() })])
    log.warn({ module, position, error, attempts }, 'a module could not take a fact')
    return ''
  }

  const beatDue = () => {
    // A bus that is away is silence from everybody, and says nothing about anybody.
    if (!bus.isConnected) return
    roster.miss()
    tending ??= durables
      .tend(inTurn)
      .catch((err) => log.warn({ err }, 'the durables could not be looked after'))
      .finally(() => {
        tending = undefined
      })
  }

  const timer = setInterval(beatDue, heartbeatMs)
  const stops = [
    bus.serve(subjects.everyModule('announce'), asked(announced), QUEUE),
    bus.serve(subjects.everyModule('dead'), asked(dead), QUEUE),
    bus.serve(subjects.everyModule('heartbeat'), told(heartbeat)),
    bus.serve(subjects.everyModule('bye'), told(bye)),
    bus.onDisconnect(({ module, instance }) => gone(module, instance)),
  ]

  return {
    async list() {
      const names = [...new Set([...roster.members.keys(), ...rejections.keys()])].sort()
      return Promise.all(
        names.map(async (name) =>
          viewOf(name, roster.members.get(name), rejections.get(name), await durables.lag(name)),
        ),
      )
    },
    callHttp: (module, call) => callHttp({ bus, roster, subjects, now: parts.now }, module, call),
    async close() {
      clearInterval(timer)
      for (const stop of stops) stop()
      await inTurn.idle()
      await tending
    },
  }
}

/** Who speaks stands in the subject, and the server vouches for it. */
const asked =
  (answer: (module: string, text: string) => Promise<string>): Handle =>
  ({ subject, text }) =>
    answer(readKernelSubject(subject).module, text)

const told =
  (note: (module: string, text: string) => void): Handle =>
  ({ subject, text }) => {
    note(readKernelSubject(subject).module, text)
    return undefined
  }

/** The announce, or every flaw of it as a reason. */
const readAnnounce = (text: string): Announce | string[] => {
  try {
    return parseJson(AnnounceSchema, text, 'announce')
  } catch (error) {
    if (!(error instanceof Misfit)) throw error
    return error.flaws.map(({ field, why }) => `${field || 'The announce'} ${why}.`)
  }
}

/** What a manifest that was not let in says of itself, as far as that can be read: for the list only. */
const claimed = (text: string): Omit<Rejection, 'reasons'> => {
  const unread = { version: '0.0.0', description: '' }
  try {
    const { manifest } = JSON.parse(text) as { manifest?: { version?: unknown; description?: unknown } }
    const word = (value: unknown, otherwise: string) => (typeof value === 'string' ? value.slice(0, 500) : otherwise)
    return {
      version: word(manifest?.version, unread.version),
      description: word(manifest?.description, unread.description),
    }
  } catch {
    return unread
  }
}
