import {
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamClient,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream'
import { headers, type MsgHdrs } from '@nats-io/transport-node'
import { subjectsOf } from '@recyclique/contracts'
import { type FactStream, StreamUnfit } from '../port.ts'

/** JetStream as it can be used now. `use` rejects at once while the bus is away, and when it goes meanwhile. */
export type UseJetStream = <T>(work: (js: JetStreamClient, jsm: Promise<JetStreamManager>) => Promise<T>) => Promise<T>

export const ANSWER_WITHIN_MS = 5_000
const DUPLICATES_FOR_NS = 120_000_000_000

/** Nothing is ever dropped, altered or expired by the server; an operator may choose replicas and compression. */
export const streamConfig = (site: string) => {
  const { stream, facts } = subjectsOf(site)
  return {
    name: stream,
    subjects: [facts],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    deny_delete: true,
    deny_purge: true,
    duplicate_window: DUPLICATES_FOR_NS,
    max_msgs: -1,
    max_bytes: -1,
    max_age: 0,
    max_msgs_per_subject: -1,
    max_msg_size: -1,
  } satisfies Partial<StreamConfig>
}

export const factStreamOf = (site: string, use: UseJetStream): FactStream => {
  const wanted = streamConfig(site)
  return {
    end: () =>
      use(async (_, manager) => {
        const { streams } = await manager
        const info = await streams.info(wanted.name).catch(unlessMissing)
        if (!info) return undefined
        checkConfig(wanted, info.config)
        const { last_seq: sequence, messages } = info.state
        if (messages !== sequence)
          throw new StreamUnfit(
            `The stream ${wanted.name} holds ${messages} of ${sequence} facts: some were deleted. Delete the stream; every fact is told again.`,
          )
        if (sequence === 0) return { sequence, hash: '' }
        const last = await streams.getMessage(wanted.name, { seq: sequence })
        if (!last) throw new Error(`the stream ${wanted.name} does not give its message ${sequence}`)
        // Against its type, the client gives no headers for a message without any: not one of ours.
        return { sequence, hash: (last.header as MsgHdrs | undefined)?.get('rq-hash') ?? '' }
      }),

    make: () => use(async (_, manager) => makeStream(await manager, site)),

    publish: (message) =>
      use(async (js) => {
        const carried = headers()
        for (const [name, value] of Object.entries(message.headers)) carried.set(name, value)
        const ack = await js.publish(message.subject, message.body, {
          headers: carried,
          msgID: message.id,
          expect: {
            lastSequence: message.position - 1,
            ...(message.follows === undefined ? {} : { lastMsgID: message.follows }),
          },
          timeout: ANSWER_WITHIN_MS,
        })
        return ack.seq
      }),
  }
}

/** Makes the stream, and reads back what the server made of it: old ones ignore in silence what they do not know. */
export const makeStream = async ({ streams }: JetStreamManager, site: string): Promise<void> => {
  const wanted = streamConfig(site)
  const { config } = await streams.add(wanted)
  checkConfig(wanted, config)
}

const checkConfig = (wanted: ReturnType<typeof streamConfig>, found: StreamConfig) => {
  const differing = Object.entries(wanted).filter(
    ([key, value]) => JSON.stringify(found[key as keyof StreamConfig]) !== JSON.stringify(value),
  )
  const foreign = (['mirror', 'sources', 'subject_transform', 'republish', 'sealed'] as const).filter(
    (key) => found[key],
  )
  if (differing.length === 0 && foreign.length === 0) return
  const flaws = [
    ...differing.map(
      ([key, value]) => `${key} is ${JSON.stringify(found[key as keyof StreamConfig])} instead of ${value}`,
    ),
    ...foreign.map((key) => `${key} is set`),
  ]
  throw new StreamUnfit(
    `The stream ${wanted.name} is not set up as the kernel does it (${flaws.join('; ')}). Put that right, or delete the stream; every fact is told again.`,
  )
}

export const isMissing = (error: unknown, what: 'stream' | 'consumer'): boolean =>
  error instanceof JetStreamApiError &&
  error.code === (what === 'stream' ? JetStreamApiCodes.StreamNotFound : JetStreamApiCodes.ConsumerNotFound)

/** For `.catch`: a stream that is not there is an answer, everything else stays an error. */
const unlessMissing = (error: unknown): undefined => {
  if (isMissing(error, 'stream')) return undefined
  throw error
}
