import type { NatsConnection } from '@nats-io/transport-node'
import type { Bye, Subjects } from '@recyclique/contracts'
import type { Logger } from 'pino'
import type { WorkingHours } from './at-work.ts'
import type { Ear } from './hear.ts'
import type { Pulse } from './heartbeat.ts'
import type { Intake } from './intake.ts'
import { isSettledWithin } from './pause.ts'
import type { Questions } from './questions.ts'
import type { Tells } from './tell.ts'
import type { Work } from './work.ts'

/** Together below the 10 s that container engines wait before they kill. */
const HANDLERS_WITHIN_MS = 7_000
const ABANDONED_WITHIN_MS = 1_000
const FLUSH_WITHIN_MS = 500

/** A kernel that lives lets go as soon as no call can reach this process any more; one that is away is not waited for longer. */
const LET_GO_WITHIN_MS = 500

type Parts = {
  module: string
  instance: string
  connection: NatsConnection
  subjects: Subjects
  work: Work
  pulse: Pulse
  routes: Intake
  questions: Questions
  retries: Intake
  errands: Intake
  hours: WorkingHours
  ear: Ear | undefined
  tells: Tells
  /** Resolves when the kernel asks nothing more of this process; undefined where it never was let in. */
  letGo: Promise<unknown> | undefined
  log: Logger
}

/**
 * The end of a module's process: no new work, what is in hand is finished and acknowledged, the kernel knows, and then the connection
 * closes. Never the client's own drain first: it would cut off handlers that still want to say something.
 *
 * A handler that does not end is told to, and then left behind: its fact was not acknowledged and comes again.
 */
export const drain = async (parts: Parts): Promise<void> => {
  const { connection, work, pulse, routes, questions, retries, errands, hours, ear, tells, log } = parts
  say(parts, 'draining')
  // Facts come to whoever pulls: those need no word of the kernel.
  const answered = untilLetGo(parts).then(() => Promise.all([routes.close(), questions.close(), errands.close()]))
  const finished = Promise.all([ear?.close(), answered, retries.close(), hours.end().then(tells.idle)])
  if (!(await isSettledWithin(HANDLERS_WITHIN_MS, finished))) {
    log.warn({ inFlight: work.inFlight }, 'handlers take too long to finish; telling them to stop')
    work.abandon()
    if (!(await isSettledWithin(ABANDONED_WITHIN_MS, finished))) log.error('leaving without them')
  }
  pulse.stop()
  await flush(connection)
  say(parts, 'gone')
  await flush(connection)
  await connection.close()
}

const untilLetGo = async ({ letGo, connection }: Parts): Promise<void> => {
  if (letGo && !connection.isClosed()) await isSettledWithin(LET_GO_WITHIN_MS, letGo)
}

const say = ({ module, instance, connection, subjects }: Parts, phase: Bye['phase']): void => {
  const said: Bye = { instance, phase }
  if (!connection.isClosed()) connection.publish(subjects.toKernel(module, 'bye'), JSON.stringify(said))
}

/** Bounded: the bus may be away, and then there is nobody to wait for. */
const flush = async (connection: NatsConnection): Promise<void> => {
  if (!connection.isClosed()) await isSettledWithin(FLUSH_WITHIN_MS, connection.flush())
}
