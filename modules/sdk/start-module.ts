import type { Msg, NatsConnection } from '@nats-io/transport-node'
import {
  type Announced,
  type Control,
  type Health,
  parseJson,
  SetLogLevel,
  type Subjects,
  subjectsOf,
} from '@recyclique/contracts'
import type { Logger } from 'pino'
import { announce } from './announce.ts'
import { keepAtWork } from './at-work.ts'
import { makeBell } from './bell.ts'
import { connectBus, jetstreamPrefix, watchBus } from './connect.ts'
import { checkComplete, type Module } from './define-module.ts'
import { drain } from './drain.ts'
import { endpointsOf } from './endpoints.ts'
import { openErrands } from './errands.ts'
import { EXIT } from './errors.ts'
import { type Ear, openEar } from './hear.ts'
import { hearConfig } from './hear-config.ts'
import { makePulse } from './heartbeat.ts'
import { growingWaits, pause, unlessAborted } from './pause.ts'
import { openQuestions } from './questions.ts'
import { openRetries } from './retry.ts'
import { openRoutes } from './routes.ts'
import { seeCalls } from './see-calls.ts'
import { servePages } from './serve-pages.ts'
import { serveAsService } from './service.ts'
import type { Settings } from './settings.ts'
import { openTally } from './tally.ts'
import { makeTurns, noTurns } from './turns.ts'
import { whenConfigured } from './when-configured.ts'
import { countWork, type Work } from './work.ts'

/** After a failure 1 s, 5 s, 30 s, then five times a minute; who fails then as well goes to the dead letters. */
export const RETRY_MS = [1_000, 5_000, 30_000, 60_000, 60_000, 60_000, 60_000, 60_000]

/** An ear that lasted so long was a good one: the next failure begins to count anew. */
const GOOD_EAR_MS = 10_000

export interface Start {
  readonly module: Module
  readonly settings: Settings
  readonly log: Logger
  /** See `HearParts`; five times a minute in the end where nothing is given. */
  readonly retryMs?: readonly number[]
}

/** How it ended: a code of `EXIT`, and the kernel's reasons when it was rejected. */
export interface Ending {
  readonly code: number
  readonly reasons: readonly string[]
}

export interface RunningModule {
  readonly ended: Promise<Ending>
  /** Finishes what is in hand, says bye, and ends. May be called twice. */
  stop(): Promise<Ending>
}

/**
 * The life of a module's process: connect, announce, hear and answer; announce again whenever the bus was away, a kernel asks for it
 * or the durable is gone; and drain when told to stop. It lives on whatever happens to server and kernel, and ends only when
 * stopped, rejected, or when the client gives the connection up.
 *
 * Throws a `ModuleError` at once where manifest and code differ.
 */
export const startModule = (start: Start): RunningModule => {
  checkComplete(start.module)
  const stopping = new AbortController()
  const ended = live(start, stopping)
  return {
    ended,
    stop() {
      stopping.abort()
      return ended
    },
  }
}

const live = async (start: Start, stopping: AbortController): Promise<Ending> => {
  const stop = stopping.signal
  const { settings, log, retryMs = RETRY_MS } = start
  const module = whenConfigured(start.module, stop)
  module.config?.begin(settings.config ?? {})
  const { name } = module.manifest
  const { instance } = settings
  const door = { isShut: false }
  const connection = await connectBus({ module: name, settings, stop, log, door })
  if (!connection) return { code: EXIT.done, reasons: [] }

  const subjects = subjectsOf(settings.site)
  const apiPrefix = jetstreamPrefix(name, settings)
  const startedAt = new Date().toISOString()
  const over = AbortSignal.any([stop, closing(connection)])
  const bell = makeBell()
  const work = countWork()
  const turns = module.manifest.order === 'none' ? noTurns : makeTurns()
  const withheld = new Set<string>()
  const endpoints = endpointsOf(module, instance, subjects)
  const tally = openTally(endpoints.map(({ key }) => key))
  const parts = { module, instance, connection, subjects, work, tally, log, turns, withheld }
  void watchBus({ module: name, connection, log, door, onReturn: bell.ring })
  const letGo = Promise.withResolvers<void>()
  const onDrain = () => {
    letGo.resolve()
    stopping.abort()
  }
  hearKernel(parts, { onAnnounce: bell.ring, onDrain })
  const routes = openRoutes(parts)
  // Before the first announce: what was asked before it came is told while the kernel decides.
  const questions = openQuestions(parts)
  const retries = openRetries(parts)
  const errands = openErrands(parts)
  servePages(parts)
  serveAsService({ ...parts, endpoints })
  seeCalls(parts)
  hearConfig({ ...parts, settings })
  const pulse = makePulse(parts)
  const hours = keepAtWork(module.opensAtWork, log)
  module.wishes.start(parts)
  module.tells.start(parts, work.signalFor(Number.POSITIVE_INFINITY))
  const waits = growingWaits([100, 500, 2_000, 10_000])

  const failures = new Map<number, number>()
  let ear: Ear | undefined
  let deaf: Error | undefined
  const open = (place: { stream: string; durable: string }) => {
    const opened = openEar({ ...parts, apiPrefix, retryMs, failures }, place)
    void opened.ended.then((error) => {
      ear = undefined
      deaf = error
      bell.ring()
    })
    return opened
  }

  let answer: Announced | undefined
  let wasIn = false
  for (;;) {
    answer = await announce({
      ...{ ...parts, settings, startedAt, bell, stop: over },
      historySeen: questions.historySeen,
      async onWait() {
        const closing = ear
        await Promise.all([closing?.close(), hours.end()])
      },
    })
    if (answer?.state !== 'admitted' && answer?.state !== 'replaying') break
    log.info({ kernel: answer.kernel, hearing: answer.hearing }, 'admitted')
    wasIn = true
    noteWithheld(answer.withheld ?? [], withheld, log)
    pulse.every(answer.heartbeatMs)
    hours.begin()
    const openedAt = performance.now()
    if (answer.hearing?.passed !== undefined) module.store?.pass(answer.hearing.passed)
    // One that still hears is left alone: a fact could be on its way to it.
    if (answer.hearing) ear ??= open(answer.hearing)
    await unlessAborted(bell.next(), over)
    if (over.aborted) break
    if (performance.now() - openedAt > GOOD_EAR_MS) waits.reset()
    if (!deaf) continue
    log.warn({ reason: deaf.message }, 'no facts come any more; announcing again')
    deaf = undefined
    await pause(waits.nextMs(), over)
  }
  await drain({
    ...parts,
    module: name,
    pulse,
    routes,
    questions,
    retries,
    errands,
    hours,
    ear,
    tells: module.tells,
    letGo: wasIn ? letGo.promise : undefined,
  })
  if (answer?.state === 'rejected') return { code: EXIT.rejected, reasons: answer.reasons }
  return { code: stop.aborted ? EXIT.done : EXIT.failed, reasons: [] }
}

/** Said at each change: what the module would do in vain. */
const noteWithheld = (now: readonly string[], withheld: Set<string>, log: Logger): void => {
  const isNews = now.length !== withheld.size || now.some((right) => !withheld.has(right))
  withheld.clear()
  for (const right of now) withheld.add(right)
  if (isNews)
    log.warn({ withheld: now.join(', ') || 'nothing' }, 'what an operator withholds from this module has changed')
}

/** Aborts when the client gives the connection up for good. */
const closing = (connection: NatsConnection): AbortSignal => {
  const closed = new AbortController()
  void connection.closed().then(() => closed.abort())
  return closed.signal
}

type Asked = {
  module: Module
  instance: string
  connection: NatsConnection
  subjects: Subjects
  work: Work
  log: Logger
}

/**
 * What a kernel asks of the process itself: whether it is there, how it is, who it is (when a restarted kernel hears the heartbeat of
 * somebody it does not know, or what it waited for has come), and to end, when another version has taken over.
 */
const hearKernel = (
  { module, instance, connection, subjects, work, log }: Asked,
  { onAnnounce, onDrain }: { onAnnounce: () => void; onDrain: () => void },
): void => {
  const answer = (control: Control, act: () => string | Promise<string>) =>
    connection.subscribe(subjects.toModule(module.manifest.name, instance, 'control', control), {
      callback: (error, message) => {
        if (!error) void Promise.resolve(act()).then((text) => message.respond(text))
      },
    })
  const done = (act: () => void) => () => {
    act()
    return ''
  }
  answer(
    'ping',
    done(() => {}),
  )
  answer('announce', done(onAnnounce))
  answer(
    'drain',
    done(() => {
      log.info('the kernel asks this process to end')
      onDrain()
    }),
  )
  connection.subscribe(subjects.toModule(module.manifest.name, instance, 'control', 'log-level' satisfies Control), {
    callback: (error, message) => {
      if (!error) setLevel(log, message)
    },
  })
  answer('holding', () => JSON.stringify({ positions: work.holding }))
  answer('health', async () => JSON.stringify(await healthOf(module)))
}

/** What is no level is not answered, and changes nothing. */
const setLevel = (log: Logger, message: Msg): void => {
  try {
    log.level = parseJson(SetLogLevel, message.string(), 'the log level').level
    message.respond('')
  } catch (error) {
    log.warn({ reason: (error as Error).message }, 'a message of the kernel could not be read')
  }
}

/** What throws is not well. */
export const healthOf = async ({ tellsHealth }: Module): Promise<Health> => {
  try {
    return (await tellsHealth?.()) ?? { ok: true }
  } catch (error) {
    return { ok: false, words: (error as Error).message.slice(0, 500) }
  }
}
