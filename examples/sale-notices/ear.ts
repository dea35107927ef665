import { type JsMsg, jetstream } from '@nats-io/jetstream'
import { type Around, log } from './life.ts'
import { NotNow, takeSale } from './take-sale.ts'

export interface Ear {
  /** Settles when no more facts come and none is in hand. */
  readonly ended: Promise<void>
  holding(): number[]
  close(): Promise<void>
}

const KNOWN_VERSION = 1
const AGAIN_MS = 1_000
const NEWER_AGAIN_MS = 5_000
const PULL_MS = 1_000

/** Pulls fact after fact; ends when it is closed, or when the durable is gone. `onTaken` hears each position that was dealt with. */
export const openEar = (
  around: Around,
  { stream, durable }: { stream: string; durable: string },
  onTaken: (position: number) => void,
): Ear => {
  const inHand = new Set<number>()
  let isClosing = false

  const pull = async () => {
    const consumer = await jetstream(around.connection, { apiPrefix: 'js.API' }).consumers.get(stream, durable)
    while (!isClosing) {
      const message = await consumer.next({ expires: PULL_MS })
      if (!message) continue
      // Handed back at once; else the server would hold it for us for half a minute.
      if (isClosing) return message.nak()
      inHand.add(message.seq)
      await take(around, message, onTaken).finally(() => inHand.delete(message.seq))
    }
  }
  const ended = pull().catch((error) => {
    log('no facts come any more; announcing again', { reason: String(error) })
    return new Promise<void>((resolve) => setTimeout(resolve, 100))
  })
  return {
    ended,
    holding: () => [...inHand],
    async close() {
      isClosing = true
      await ended
    },
  }
}

const take = async (around: Around, message: JsMsg, onTaken: (position: number) => void): Promise<void> => {
  if (Number(message.headers?.get('rq-version')) > KNOWN_VERSION) {
    log('a fact waits for the upgrade of this module', { position: message.seq })
    return message.nak(NEWER_AGAIN_MS)
  }
  try {
    await takeSale(around, message.seq, message.json())
  } catch (error) {
    log('a fact could not be taken', { position: message.seq, reason: String(error) })
    if (error instanceof NotNow) return message.nak(AGAIN_MS)
    await layAside(around, message.seq, error as Error)
  }
  await message.ackAck()
  onTaken(message.seq)
}

/** Trying again would not help: an operator reads of it, and the facts behind it come. */
const layAside = async ({ connection, instance, toKernel }: Around, position: number, error: Error): Promise<void> => {
  const said = JSON.stringify({ instance, position, error: String(error).slice(0, 2_000), attempts: 1 })
  await connection.request(toKernel('dead'), said, { timeout: 5_000 })
}
