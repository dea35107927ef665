import {
  AckPolicy,
  type ConsumerConfig,
  type ConsumerInfo,
  DeliverPolicy,
  type JetStreamManager,
  ReplayPolicy,
} from '@nats-io/jetstream'
import { subjectsOf } from '@recyclique/contracts'
import type { Durables, DurableView, DurableWish } from '../port.ts'
import { isMissing, makeStream, type UseJetStream } from './fact-stream.ts'

const ACK_WAIT_NS = 30_000_000_000

/** `publish` says something without an answer. */
export const durablesOf = (
  site: string,
  use: UseJetStream,
  publish: (subject: string, text: string) => void,
): Durables => {
  const { stream, durable } = subjectsOf(site)

  /** The relay makes the stream, but a module may be quicker; whoever comes first makes the same. */
  const add = async (manager: JetStreamManager, config: Partial<ConsumerConfig>) => {
    try {
      await manager.consumers.add(stream, config)
    } catch (error) {
      if (!isMissing(error, 'stream')) throw error
      await makeStream(manager, site)
      await manager.consumers.add(stream, config)
    }
  }
  const remove = async (manager: JetStreamManager, module: string) => {
    await manager.consumers.delete(stream, durable(module)).catch(unlessMissing)
  }

  return {
    find: (module) =>
      use(async (_, manager) => {
        const info = await (await manager).consumers.info(stream, durable(module)).catch(unlessMissing)
        return info && viewOf(info)
      }),
    make: (wish, after) =>
      use(async (_, manager) => {
        await remove(await manager, wish.module)
        await add(await manager, {
          durable_name: durable(wish.module),
          ack_policy: AckPolicy.Explicit,
          ack_wait: ACK_WAIT_NS,
          max_deliver: -1,
          replay_policy: ReplayPolicy.Instant,
          deliver_policy: DeliverPolicy.StartSequence,
          opt_start_seq: after + 1,
          ...changeable(wish),
        })
      }),
    adjust: (wish) =>
      use(async (_, manager) => {
        await (await manager).consumers.update(stream, durable(wish.module), changeable(wish))
      }),
    giveOutAgain: async (module, { delivered, deliveries }) =>
      publish(`$JS.ACK.${stream}.${durable(module)}.1.${delivered}.${deliveries}.${Date.now()}000000.0`, '-NAK'),
    remove: (module) => use(async (_, manager) => remove(await manager, module)),
  }
}

const changeable = ({ filters, atOnce }: DurableWish) => ({ filter_subjects: [...filters], max_ack_pending: atOnce })

const viewOf = ({ config, ack_floor, delivered, num_ack_pending, num_pending }: ConsumerInfo): DurableView => ({
  filters: config.filter_subjects ?? (config.filter_subject === undefined ? [] : [config.filter_subject]),
  atOnce: config.max_ack_pending ?? 0,
  floor: ack_floor.stream_seq,
  delivered: delivered.stream_seq,
  deliveries: delivered.consumer_seq,
  underWay: num_ack_pending,
  waiting: num_pending,
})

const unlessMissing = (error: unknown): undefined => {
  if (isMissing(error, 'consumer') || isMissing(error, 'stream')) return undefined
  throw error
}
