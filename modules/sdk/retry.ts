import type { Msg } from '@nats-io/transport-node'
import { fromWire, type Retried } from '@recyclique/contracts'
import { asError, wordsOf } from './dead-letter.ts'
import { type HandleParts, handleFact } from './handle-fact.ts'

export interface Retries {
  /** Takes no more; those under way are finished. Resolves when they are. */
  close(): Promise<void>
}

/**
 * Takes facts once more that lie with the dead letters, on an operator's word. They come out of their order, each in its turn among the others;
 * `once` applies the effect of one that was passed without it, and of no other. Whether it was taken this time is the answer.
 */
export const openRetries = (parts: HandleParts): Retries => {
  const { connection, subjects, module, instance, log } = parts
  const running = new Set<Promise<void>>()
  const subscription = connection.subscribe(subjects.toModule(module.manifest.name, instance, 'control', 'retry'), {
    callback: (error, message) => {
      if (error) return void log.error({ err: error }, 'the bus does not let this module hear what it is to take again')
      const one = takeAgain(parts, message)
        .then((answer) => void message.respond(JSON.stringify(answer)))
        .catch((err: unknown) => log.warn({ err }, 'an answer could not be sent'))
        .finally(() => running.delete(one))
      running.add(one)
    },
  })
  return {
    async close() {
      if (!connection.isClosed()) await subscription.drain()
      await Promise.all(running)
    },
  }
}

const takeAgain = async (parts: HandleParts, message: Msg): Promise<Retried> => {
  try {
    const fact = fromWire((name) => message.headers?.get(name) ?? '', message.string())
    const heard = parts.module.heard.get(fact.name)
    if (!heard) return { ok: false, error: `This module does not hear ${fact.name}.` }
    await handleFact(parts, heard, fact, true)
    parts.log.info({ position: fact.position }, 'a fact from the dead letters was taken')
    return { ok: true }
  } catch (thrown) {
    const error = asError(thrown)
    parts.log.warn({ err: error }, 'a fact from the dead letters could not be taken this time either')
    return { ok: false, ...wordsOf(error) }
  }
}
