import { type ConsumerMessages, type JsMsg, jetstream } from '@nats-io/jetstream'
import type { Subscription } from '@nats-io/transport-node'
import type { HandleParts } from './handle-fact.ts'
import { takeFact } from './take-fact.ts'

/** How many facts a module without order takes at once. */
const MOST_AT_ONCE = 16

export interface HearParts extends HandleParts {
  readonly apiPrefix: string
  /** Waits before a fact is tried again: after the first failure, the second, …; after the last of them it is tried once more. */
  readonly retryMs: readonly number[]
  /** How often this process tried a position in vain: those that it could not take yet. */
  readonly failures: Map<number, number>
}

export interface Ear {
  /** Settles when no more facts come and no handler runs: with undefined after `close`, else with what went wrong. */
  readonly ended: Promise<Error | undefined>
  /** Takes no more facts; the one in hand is finished. Resolves when it is. */
  close(): Promise<void>
}

/**
 * Pulls facts from the durable and gives them to the module, one after the other unless its manifest says `order: none`.
 *
 * It outlives the loss of the connection, and ends by itself when the durable is gone (the kernel made it anew, or the store was
 * deleted): whoever called announces again and opens a new one. Two never overlap, since `ended` waits for the handlers.
 */
export const openEar = (parts: HearParts, place: { stream: string; durable: string }): Ear => {
  const closing = new AbortController()
  const ended = pull(parts, place, closing.signal).then(
    () => (closing.signal.aborted ? undefined : new Error('the bus ended the delivery of facts')),
    (error: Error) => (closing.signal.aborted ? undefined : error),
  )
  return {
    ended,
    async close() {
      closing.abort()
      await ended
    },
  }
}

type Place = Parameters<typeof openEar>[1]

const pull = async (parts: HearParts, { stream, durable }: Place, closing: AbortSignal): Promise<void> => {
  const consumer = await jetstream(parts.connection, { apiPrefix: parts.apiPrefix }).consumers.get(stream, durable)
  const ackWaitMs = ((await consumer.info(true)).config.ack_wait ?? 30e9) / 1e6
  const messages = await consumer.consume({
    // Those that wait here count as given out: without order no more than are taken at once.
    max_messages: mostAtOnce(parts) === 1 ? 100 : mostAtOnce(parts),
    // How long it can take to find that the server forgot about us; it also is the client's own wait after a failure.
    expires: 10_000,
    idle_heartbeat: 2_500,
    abort_on_missing_resource: true,
  })
  closing.addEventListener('abort', () => void stopGently(messages))
  // Before the first pull, which goes out when we look at the messages.
  if (closing.aborted) return messages.stop()
  await takeAll(parts, messages, { ackWaitMs, closing })
}

/**
 * Ends the delivery, and hears what the server sent before it knew, so that it can be handed back. The client's own `stop` forgets the
 * subscription at once: a fact that was on its way then would be lost to everybody until the server's patience (`ack_wait`, 30 s)
 * ends. Draining the subscription is what the client does itself when a whole connection is drained, but it offers it for none alone.
 * What the server had decided and not yet sent can still be lost: the kernel finds that at the next announce.
 */
const stopGently = async (messages: ConsumerMessages): Promise<void> => {
  const { sub } = messages as ConsumerMessages & { readonly sub?: Subscription }
  await sub?.drain().catch(() => {})
  messages.stop()
}

const takeAll = async (
  parts: HearParts,
  messages: ConsumerMessages,
  { ackWaitMs, closing }: { ackWaitMs: number; closing: AbortSignal },
): Promise<void> => {
  const most = mostAtOnce(parts)
  const running = new Set<Promise<void>>()
  const take = (message: JsMsg) => {
    const letGo = parts.work.hold(message.seq)
    const one = takeFact(parts, message, ackWaitMs).finally(() => {
      letGo()
      running.delete(one)
    })
    running.add(one)
  }
  try {
    for await (const message of messages) {
      // Handed back at once; otherwise the server would hold it for us until its patience (ack_wait) ends.
      if (closing.aborted) message.nak()
      else take(message)
      if (running.size >= most) await Promise.race(running)
    }
  } finally {
    await Promise.all(running)
  }
}

const mostAtOnce = ({ module }: HearParts) => (module.manifest.order === 'none' ? MOST_AT_ONCE : 1)
