import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from '@nats-io/jetstream'
import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node'
import { keepConnected } from './nats/connection.ts'
import { hearDisconnects } from './nats/disconnects.ts'
import { durablesOf } from './nats/durables.ts'
import { ANSWER_WITHIN_MS, factStreamOf } from './nats/fact-stream.ts'
import { type After, type Multiplexer, multiplex } from './nats/multiplexer.ts'
import { type Bus, BusAway, type BusState, type HandleMany, type Log } from './port.ts'
import { FLOOR, isUnderFloor } from './version.ts'

export interface BusParts {
  /** One address or several, with commas between. */
  readonly url: string
  /** The texts of `.creds` files. Without the first the mode is reduced; without the second nobody tells of connections that end. */
  readonly creds?: string | undefined
  readonly sysCreds?: string | undefined
  /** Called at each connection to the server's system account: whoever signs accounts pushes them there. */
  readonly onSystem?: ((connection: NatsConnection) => void) | undefined
  readonly site: string
  readonly log: Log
  /** Where deadlines come from; the runtime's timers where nothing is said. */
  readonly after?: After
}

interface Served {
  readonly subject: string
  readonly handle: HandleMany
  readonly queue: string | undefined
  subscription: Subscription | undefined
}

interface Tools {
  readonly questions: Multiplexer
  readonly connection: NatsConnection
  readonly js: JetStreamClient
  readonly jsm: Promise<JetStreamManager>
}

/** The bus on NATS. Gives it at once, connected or not: it connects on its own, for as long as it takes, and comes back whenever it was away. */
export const openBus = ({ url, creds, sysCreds, onSystem, site, log, after = byTimer }: BusParts): Bus => {
  let state: BusState = { is: 'away', why: `${url} was not reached yet` }
  let tools: Tools | undefined
  const served = new Set<Served>()
  const listeners = new Set<(state: BusState) => void>()
  const underWay = new Set<(why: BusAway) => void>()

  const become = (next: BusState) => {
    if (JSON.stringify(next) === JSON.stringify(state)) return
    state = next
    log[next.is === 'connected' ? 'info' : 'warn']({ bus: next }, `the bus is ${next.is}`)
    for (const hear of listeners) hear(next)
  }

  const link = keepConnected(
    { url, creds, name: `kernel-${site}` },
    {
      made(connection) {
        const manager = jetstreamManager(connection, { checkAPI: false, timeout: ANSWER_WITHIN_MS })
        tools = { connection, js: jetstream(connection), jsm: manager, questions: multiplex(connection, after) }
        for (const one of served) subscribe(connection, one, log)
      },
      up: (connection) => become(stateOf(connection, creds)),
      down(why) {
        become({ is: 'away', why })
        for (const drop of [...underWay]) drop(new BusAway(why))
        tools?.questions.dropAll(new BusAway(why))
      },
    },
  )
  const disconnects = hearDisconnects({ url, creds: sysCreds, site, onSystem })

  /** Runs `work` now (so that what it sends goes out in the order of the calls), and fails it as soon as the bus goes. */
  const use = <T>(work: (tools: Tools) => Promise<T>): Promise<T> => {
    if (state.is !== 'connected' || !tools) return Promise.reject(new BusAway('why' in state ? state.why : 'closed'))
    const run = work(tools)
    return new Promise((resolve, reject) => {
      underWay.add(reject)
      run.then(resolve, reject).finally(() => underWay.delete(reject))
    })
  }
  const serveMany: Bus['serveMany'] = (subject, handle, queue) => {
    const one: Served = { subject, handle, queue, subscription: undefined }
    served.add(one)
    if (tools) subscribe(tools.connection, one, log)
    return () => {
      served.delete(one)
      one.subscription?.unsubscribe()
    }
  }
  const useJetStream = <T>(work: (js: JetStreamClient, jsm: Promise<JetStreamManager>) => Promise<T>) =>
    use(({ js, jsm }) => work(js, jsm))

  return {
    get state() {
      return state
    },
    get isConnected() {
      return state.is === 'connected'
    },
    onStatus(hear) {
      listeners.add(hear)
      return () => listeners.delete(hear)
    },
    stream: factStreamOf(site, useJetStream),
    durables: durablesOf(site, useJetStream, (subject, text) => tools?.connection.publish(subject, text)),
    serve: (subject, handle, queue) =>
      serveMany(
        subject,
        async (heard, answer) => {
          const text = await handle(heard)
          if (text !== undefined) answer(text)
        },
        queue,
      ),
    serveMany,
    say(subject, text) {
      if (state.is === 'connected') tools?.connection.publish(subject, text)
    },
    ask(subject, text, wanted) {
      if (state.is !== 'connected' || !tools) return Promise.reject(new BusAway(awayBecause(state)))
      return tools.questions.ask(subject, text, wanted)
    },
    question(subject, text, hearer, wanted) {
      if (state.is === 'connected' && tools) return tools.questions.question(subject, text, hearer, wanted)
      hearer.drop(new BusAway(awayBecause(state)))
      return () => {}
    },
    onDisconnect: disconnects.onDisconnect,
    async close() {
      await Promise.all([link.close(), disconnects.close()])
    },
  }
}

const stateOf = ({ info }: NatsConnection, creds: string | undefined): BusState => {
  const version = info?.version ?? ''
  if (isUnderFloor(version))
    return { is: 'too-old', why: `nats-server ${version} is under ${FLOOR}: upgrade it; the till goes on selling` }
  return { is: 'connected', server: version, reduced: creds === undefined || !info?.auth_required }
}

const subscribe = (connection: NatsConnection, one: Served, log: Log) => {
  const { subject, queue, handle } = one
  one.subscription = connection.subscribe(subject, {
    ...(queue === undefined ? {} : { queue }),
    callback: (error, message) => {
      answer(handle, message, error).catch((err) => log.warn({ subject, err }, 'a message could not be dealt with'))
    },
  })
}

const answer = async (handle: HandleMany, message: Msg, error: Error | null) => {
  if (error) throw error
  await handle({ subject: message.subject, text: message.string() }, (text) => void message.respond(text))
}

const awayBecause = (state: BusState): string => (state.is === 'connected' ? 'it has just gone' : state.why)

const byTimer: After = (ms, ring) => {
  const timer = setTimeout(ring, ms)
  return () => clearTimeout(timer)
}
