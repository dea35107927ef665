import type { JsMsg } from '@nats-io/jetstream'
import { errors, type NatsConnection } from '@nats-io/transport-node'
import { type Dead, fromWire, type KeptFact, Misfit, parse, upcast } from '@recyclique/contracts'
import type { Heard, Hearing } from './define-module.ts'
import type { HearParts } from './hear.ts'

const ACK_WITHIN_MS = 1_000
const ACK_ATTEMPTS = 3
const DEAD_WITHIN_MS = 5_000

/**
 * One message from the durable, to its end. Never rejects.
 *
 * - The handler returned: acknowledged, until the server has said that it knows.
 * - It threw, or the data are not what this module's contracts say (it is older or newer than the kernel): the fact comes
 *   again later, and everything behind it waits. Nothing is skipped.
 * - No kernel wrote it: told to the kernel as dead, then never delivered again.
 */
export const takeFact = async (parts: HearParts, message: JsMsg, ackWaitMs: number): Promise<void> => {
  const beat = setInterval(() => stillWorking(parts, message), ackWaitMs / 3)
  try {
    const fact = readEnvelope(message)
    if (fact instanceof Misfit) return await bury(parts, message, fact)
    await parts.work.during(() => handle(parts, fact))
    await acknowledge(parts, message)
    parts.work.done(fact.position)
  } catch (error) {
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

const readEnvelope = (message: JsMsg): KeptFact | Misfit => {
  try {
    return fromWire((name) => message.headers?.get(name) ?? '', message.string())
  } catch (error) {
    if (error instanceof Misfit) return error
    throw error
  }
}

const handle = async ({ module, log, work }: HearParts, fact: KeptFact): Promise<void> => {
  const heard = module.heard.get(fact.name)
  if (!heard) return log.warn({ position: fact.position, fact: fact.name }, 'a fact came that nobody here hears')
  const hearing: Hearing = {
    log: log.child({ position: fact.position, fact: fact.name }),
    signal: work.signalFor(Number.POSITIVE_INFINITY),
    once(effect) {
      if (!module.store) throw new Error("'once' needs a store: defineModule(…).keepIn(openOnceStore(…))")
      return module.store.apply(fact.position, effect)
    },
  }
  await heard.handle(todays(heard, fact), hearing)
}

/** The fact in the version of this module's contracts. */
const todays = ({ spec }: Heard, fact: KeptFact): KeptFact => ({
  ...fact,
  version: spec.version,
  data: parse(spec.data, upcast(spec, fact.version, fact.data), fact.name),
})

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

const putOff = ({ connection, retryMs, log }: HearParts, message: JsMsg, err: Error): void => {
  const attempt = message.info.deliveryCount
  const againInMs = retryMs[Math.min(attempt, retryMs.length) - 1] ?? 0
  log.error({ err, position: message.seq, attempt, againInMs }, 'a fact could not be taken; those behind it wait')
  if (!connection.isClosed()) message.nak(againInMs)
}

/** Only once the kernel has it; until then it is put off like any other. */
const bury = async (parts: HearParts, message: JsMsg, misfit: Misfit): Promise<void> => {
  const { connection, subjects, module, instance, log } = parts
  const position = message.seq
  const attempts = message.info.deliveryCount
  log.error({ err: misfit, position }, 'a message is no fact of a kernel of ours; telling the kernel, and going on')
  const said: Dead = { instance, position, error: misfit.message.slice(0, 2000), attempts }
  const subject = subjects.toKernel(module.manifest.name, 'dead')
  await connection.request(subject, JSON.stringify(said), { timeout: DEAD_WITHIN_MS })
  message.term()
}

/** The client wraps what it reports. */
const isNobodyThere = (error: unknown): boolean =>
  error instanceof errors.NoRespondersError || (error as Error).cause instanceof errors.NoRespondersError
