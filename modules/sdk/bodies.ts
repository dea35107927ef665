import { randomBytes } from 'node:crypto'
import type { NatsConnection } from '@nats-io/transport-node'
import { type BodyClaim, type BodyPart, BodyWish, parseJson, type Subjects } from '@recyclique/contracts'
import type { Logger } from 'pino'
import type { Module } from './define-module.ts'
import { NOTHING_YET, parcel } from './parcel.ts'

/** A part in base64 stays well below a bus's mebibyte, and four of them on their way are what the kernel holds of one answer. */
export const PART_BYTES = 256 * 1024

/** After so much silence of a source the kernel is told that there is nothing yet: it gives up on who says nothing at all. */
const SAY_NOTHING_YET_MS = 10_000

/** The kernel tells when it wants no more. Who asks for nothing for so long has died itself. */
const FORGOTTEN_AFTER_MS = 120_000

/** Answers over HTTP that are kept here, and handed to the kernel part by part as it asks for them. */
export interface Bodies {
  keep(kept: KeptBody): BodyClaim
  /** What the kernel reads when it sends this text to the answer's name; undefined where it wants no answer. */
  answer(name: string, text: string): Promise<BodyPart | undefined>
  /** Resolves when nobody takes parts any more. */
  idle(): Promise<void>
}

export interface KeptBody {
  readonly pieces: AsyncIterable<Uint8Array | string>
  readonly bytes?: number
  /** When it aborts the answer ends as broken. */
  readonly signal: AbortSignal
  /** Called once, when the last part was given or nobody wants it. */
  readonly onEnd: () => void
  readonly log: Logger
}

interface Held {
  take(number: number): Promise<BodyPart>
  over(): void
  readonly ended: Promise<void>
}

export const keepBodies = (partBytes = PART_BYTES): Bodies => {
  const held = new Map<string, Held>()
  return {
    keep(kept) {
      const name = randomBytes(16).toString('hex')
      held.set(
        name,
        hold(kept, partBytes, () => held.delete(name)),
      )
      return { name, ...(kept.bytes === undefined ? {} : { bytes: kept.bytes }) }
    },
    async answer(name, text) {
      const wish = parseJson(BodyWish, text, 'what is wanted of an answer')
      const one = held.get(name)
      if ('stop' in wish) return void one?.over()
      return one ? one.take(wish.part) : { error: 'this answer is over' }
    },
    async idle() {
      await Promise.all([...held.values()].map(({ ended }) => ended))
    },
  }
}

const hold = ({ pieces, signal, onEnd, log }: KeptBody, partBytes: number, forget: () => void): Held => {
  const parcels = parcel(pieces, partBytes)
  const { promise: ended, resolve } = Promise.withResolvers<void>()
  let given = 0
  let bytes = 0
  let turn: Promise<unknown> = Promise.resolve()
  const over = () => {
    clearTimeout(forgotten)
    signal.removeEventListener('abort', over)
    forget()
    parcels.stop()
    onEnd()
    resolve()
  }
  const forgotten = setTimeout(over, FORGOTTEN_AFTER_MS)
  if (signal.aborted) over()
  else signal.addEventListener('abort', over)

  const next = async (number: number): Promise<BodyPart> => {
    forgotten.refresh()
    if (signal.aborted) return { error: 'this answer was broken off' }
    // Asked once, in order: another number would be a part lost or doubled.
    if (number !== given + 1) return { error: `part ${given + 1} is next, not ${number}` }
    given = number
    const part = await parcels.next(SAY_NOTHING_YET_MS)
    if (part === undefined) over()
    if (part === undefined) return { part: number, done: true, bytes }
    if (part === NOTHING_YET) return { part: number, data: '' }
    bytes += part.length
    return { part: number, data: part.toString('base64') }
  }

  return {
    ended,
    over,
    take(number) {
      const taken = turn
        .then(() => next(number))
        .catch((err: unknown): BodyPart => {
          log.error({ err }, 'an answer broke off in the middle')
          over()
          return { error: 'the module could not finish this answer: its log says why' }
        })
      turn = taken
      return taken
    },
  }
}

interface Parts {
  readonly module: Module
  readonly instance: string
  readonly connection: NatsConnection
  readonly subjects: Subjects
  readonly log: Logger
}

/** The same, on the bus. */
export const openBodies = ({ module, instance, connection, subjects, log }: Parts) => {
  const bodies = keepBodies(Math.min(PART_BYTES, roomFor(connection.info?.max_payload)))
  const subscription = connection.subscribe(subjects.bodiesOf(module.manifest.name, instance), {
    callback: (error, message) => {
      if (error) return
      const name = message.subject.slice(message.subject.lastIndexOf('.') + 1)
      bodies
        .answer(name, message.string())
        .then((part) => part && message.respond(JSON.stringify(part)))
        .catch((err: unknown) => log.warn({ err }, 'a part of an answer could not be sent'))
    },
  })
  return {
    ...bodies,
    async close() {
      await bodies.idle()
      if (!connection.isClosed()) subscription.unsubscribe()
    },
  }
}

/** What of a message of so many bytes base64 leaves for a part. */
const roomFor = (mostBytes = 1024 ** 2): number => Math.max(1024, Math.floor(((mostBytes - 1024) * 3) / 4))
