import type { Msg } from '@nats-io/transport-node'
import { fromWire, type Retried } from '@recyclique/contracts'
import { asError, wordsOf } from './dead-letter.ts'
import { type HandleParts, handleFact } from './handle-fact.ts'
import { type Intake, openIntake } from './intake.ts'

/**
 * Takes facts once more that lie with the dead letters, on an operator's word. They come out of their order, each in its turn among the others;
 * `once` applies the effect of one that was passed without it, and of no other. Whether it was taken this time is the answer.
 */
export const openRetries = (parts: HandleParts): Intake => {
  const { subjects, module, instance } = parts
  const subject = subjects.toModule(module.manifest.name, instance, 'control', 'retry')
  const take = async (message: Msg) => message.respond(JSON.stringify(await takeAgain(parts, message)))
  return openIntake(parts, { subject, words: 'what it is to take again', take })
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
