import { randomBytes } from 'node:crypto'
import type { NatsConnection } from '@nats-io/transport-node'
import type { PartReply, Subjects } from '@recyclique/contracts'
import type { Module } from './define-module.ts'
import { faultOf } from './faults.ts'

type Parts = { module: Module; instance: string; connection: NatsConnection; subjects: Subjects }

/** The longest that a stream is kept for a question without a deadline. */
const LONGEST_MS = 600_000

/** Answers in parts: kept here, and handed to the kernel one by one as it asks for them. */
export interface Streams {
  /** Gives the stream's name. It is forgotten at the deadline. */
  keep(parts: AsyncIterable<unknown>, deadline: number): string
  /** Resolves when nobody takes parts any more, or their time is over. */
  close(): Promise<void>
}

export const openStreams = ({ module, instance, connection, subjects }: Parts): Streams => {
  const held = new Map<string, { iterator: AsyncIterator<unknown>; over: () => void; ended: Promise<void> }>()
  const subscription = connection.subscribe(subjects.partsOf(module.manifest.name, instance), {
    callback: (error, message) => {
      if (error) return
      const name = message.subject.slice(message.subject.lastIndexOf('.') + 1)
      void nextOf(name).then((reply) => message.respond(JSON.stringify(reply)))
    },
  })

  const nextOf = async (name: string): Promise<PartReply> => {
    const one = held.get(name)
    if (!one) return { error: { kind: 'denied', code: 'stream-over', message: 'this stream is over' } }
    try {
      const part = await one.iterator.next()
      if (part.done) one.over()
      return part.done ? { done: true } : { v: part.value ?? null }
    } catch (error) {
      one.over()
      return { error: faultOf(error) }
    }
  }

  return {
    keep(parts, deadline) {
      const name = randomBytes(8).toString('hex')
      const iterator = parts[Symbol.asyncIterator]()
      const { promise: ended, resolve } = Promise.withResolvers<void>()
      const over = () => {
        clearTimeout(timer)
        held.delete(name)
        void Promise.resolve(iterator.return?.()).catch(() => {})
        resolve()
      }
      const timer = setTimeout(over, Math.min(Math.max(0, deadline - Date.now()), LONGEST_MS))
      held.set(name, { iterator, over, ended })
      return name
    },
    async close() {
      await Promise.all([...held.values()].map(({ ended }) => ended))
      if (!connection.isClosed()) subscription.unsubscribe()
    },
  }
}

export const isStream = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value
