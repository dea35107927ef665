import type { JsMsg } from '@nats-io/jetstream'
import { errors, type NatsConnection } from '@nats-io/transport-node'
import { fromWire, type KeptFact, Misfit } from '@recyclique/contracts'
import { asError, bury, DeadLetter } from './dead-letter.ts'
import { handleFact } from './handle-fact.ts'
import type { HearParts } from './hear.ts'

const ACK_WITHIN_MS = 1_000
const ACK_ATTEMPTS = 3

/**
 * One message from the durable, to its end. Never rejects.
 *
 * - The handler returned: acknowledged, until the server has said that it knows.
 * - It threw, or the data are not what this module's contracts say: the fact comes again later, and everything behind it waits; when it
 *   fails after the last of `retryMs` as well, it goes to the dead letters, and the facts go on. A `DeadLetter` goes there at once.
 * - It is of a newer version than this module knows: it comes again, for as long as it takes to upgrade the module.
 * - No kernel wrote it: to the dead letters.
 */
export const takeFact = async (parts: HearParts, message: JsMsg, ackWaitMs: number): Promise<void> => {
  const beat = setInterval(() => stillWorking(parts, message), ackWaitMs / 3)
  try {
    const error = await outcomeOf(parts, message)
    if (!error) await finish(parts, message)
    else if (isLastTime(parts, message, error)) await giveUp(parts, message, error)
    else putOff(parts, message, error)
  } catch (error) {
    // The kernel could not keep it: nothing is left out before somebody knows of it.
    putOff(parts, message, error as Error)
  } finally {
    clearInterval(beat)
  }
}

/** Keeps the fact ours while a slow handler runs. */
const stillWorking = ({ log, connection }: HearParts, message: JsMsg): void => {
  log.warn({ position: message.seq }, 'a fact takes long')
  if (!connection.isClosed()) message.working()
}

/** The message is no fact of a kernel of ours. */
class NoFact extends Error {}

/** It comes from a kernel that is newer than this module. */
class TooNew extends Error {}

const outcomeOf = async (parts: HearParts, message: JsMsg): Promise<Error | undefined> => {
  const fact = readEnvelope(message)
  if (fact instanceof NoFact) return fact
  const { position, name, version } = fact
  const heard = parts.module.heard.get(name)
  if (!heard) return void parts.log.warn({ position, fact: name }, 'a fact came that nobody here hears')
  const known = heard.spec.version
  if (version > known) return new TooNew(`${name} is of version ${version}, this module knows ${known}: upgrade it`)
  return handleFact(parts, heard, fact, false).then(
    () => undefined,
    (thrown) => asError(thrown),
  )
}

const readEnvelope = (message: JsMsg): KeptFact | NoFact => {
  try {
    return fromWire((name) => message.headers?.get(name) ?? '', message.string())
  } catch (error) {
    if (error instanceof Misfit) return new NoFact(error.message)
    throw error
  }
}

const isLastTime = ({ retryMs, failures }: HearParts, { seq }: JsMsg, error: Error): boolean => {
  if (error instanceof TooNew) return false
  return error instanceof DeadLetter || error instanceof NoFact || failuresAt(failures, seq) >= retryMs.length
}

/** Before this one. What the server counts are deliveries: a fact is also given out again when a connection was lost or a process ended in order. */
const failuresAt = (failures: HearParts['failures'], position: number) => failures.get(position) ?? 0

const finish = async (parts: HearParts, message: JsMsg): Promise<void> => {
  await acknowledge(parts, message)
  parts.failures.delete(message.seq)
  parts.work.done(message.seq)
}

/**
 * Says "done" until the server has it: one that is lost with a connection would cost the module `ack_wait` of silence. Gives up
 * where the durable is gone or knows nothing of the fact (it was made anew): then it comes again, which `once` makes harmless.
 */
const acknowledge = async ({ connection, log }: HearParts, message: JsMsg): Promise<void> => {
  let unheard = 0
  while (unheard < ACK_ATTEMPTS && !connection.isClosed()) {
    try {
      await connection.request(ackSubject(message), '+ACK', { timeout: ACK_WITHIN_MS })
      return
    } catch (error) {
      if (isNobodyThere(error)) break
      // What was said while the bus was away does not count: nobody could hear it.
      if (await isReachable(connection)) unheard += 1
    }
  }
  log.warn({ position: message.seq }, 'a fact was taken, but the bus does not know; it may come again')
}

const isReachable = (connection: NatsConnection): Promise<boolean> =>
  connection.flush().then(
    () => true,
    () => false,
  )

/** Where the server waits for the acknowledgement. The client has it and its types hide it; its own `ackAck` asks only once. */
const ackSubject = (message: JsMsg): string => (message as JsMsg & { readonly reply: string }).reply

/** Only once the kernel has it; until then it is put off like any other. */
const giveUp = async (parts: HearParts, message: JsMsg, error: Error): Promise<void> => {
  const position = message.seq
  const attempts = failuresAt(parts.failures, position) + 1
  parts.log.error({ err: error, position, attempts }, 'a fact goes to the dead letters; those behind it come')
  await bury(parts, { position, error, attempts })
  await finish(parts, message)
}

const putOff = ({ connection, retryMs, failures, log }: HearParts, message: JsMsg, err: Error): void => {
  const attempt = failuresAt(failures, message.seq) + 1
  const againInMs = retryMs[Math.min(attempt, retryMs.length) - 1] ?? 0
  failures.set(message.seq, attempt)
  log.error({ err, position: message.seq, attempt, againInMs }, 'a fact could not be taken; those behind it wait')
  if (!connection.isClosed()) message.nak(againInMs)
}

/** The client wraps what it reports. */
const isNobodyThere = (error: unknown): boolean =>
  error instanceof errors.NoRespondersError || (error as Error).cause instanceof errors.NoRespondersError
