import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { type Msg, type NatsConnection, headers as natsHeaders } from '@nats-io/transport-node'
import {
  type Announce,
  type Announced,
  type KeptFact,
  type Manifest,
  type Subjects,
  type TellAnswer,
  toHeaders,
} from '@recyclique/contracts'
import type { News } from '../news.ts'
import { keyReused, type ToldFact } from './replies.ts'

/** What a module said about a fact that it was given. */
export interface Ack {
  readonly position: number
  readonly is: 'ack' | 'nak' | 'working' | 'term'
  readonly at: number
}

/** A fact that is to be told; what is not said is as usual. */
export interface Telling {
  readonly name: string
  readonly version: number
  readonly journal: string
  readonly data: unknown
}

export interface PlayedFacts {
  readonly acks: readonly Ack[]
  /** The ledger's last position. */
  readonly head: () => number
  tell(fact: Telling, moreHeaders?: Readonly<Record<string, string>>): Promise<KeptFact>
  /** Puts something on the stream that no kernel wrote, under the subject of a fact. */
  tellNonsense(name: string, text: string): Promise<number>
  /** Keeps a fact of the module's own, and tells it. */
  keepTold(fact: ToldFact): Promise<TellAnswer>
  /** How many facts of the module's own were kept. */
  readonly told: () => number
  /** Where an admitted process finds its facts; makes the durable for a new process. */
  admit(announce: Announce): Promise<Announced['hearing']>
  /** Makes the durable anew, so that it gives out what lies behind this position. */
  resumeAfter(position: number): Promise<void>
}

interface Parts {
  readonly connection: NatsConnection
  readonly subjects: Subjects
  readonly manifest: Manifest
  readonly site: string
  readonly news: News
}

/** The facts of the ledger that we play, on a real stream with a real durable. */
export const openPlayedFacts = async ({ connection, subjects, manifest, site, news }: Parts): Promise<PlayedFacts> => {
  const manager = await jetstreamManager(connection, { checkAPI: false })
  const { stream } = subjects
  const durable = subjects.durable(manifest.name)
  const acks: Ack[] = []
  const told = new Map<string, { fact: ToldFact; position: number; seq: number }>()
  const hears = manifest.hears ?? []
  let head = 0
  let toldCount = 0
  let admitted: string | undefined
  await manager.streams.add({ name: stream, subjects: [subjects.facts] })

  connection.subscribe('$JS.ACK.>', {
    callback: (error, message) => {
      const ack = error ? undefined : readAck(message)
      if (!ack) return
      acks.push(ack)
      news.ring()
    },
  })
  await connection.flush()

  const publish = async (subject: string, text: string, named: Readonly<Record<string, string>>) => {
    const headers = natsHeaders()
    for (const [name, value] of Object.entries(named)) headers.set(name, value)
    const { seq } = await jetstream(connection).publish(subject, text, { headers, timeout: 5_000 })
    head = seq
    return seq
  }

  /** One after the other: a fact's position is its place behind the one before. */
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work)
    last = turn.catch(() => {})
    return turn
  }

  const publishFact = async ({ name, version, journal, data }: Telling, more: Readonly<Record<string, string>>) => {
    const recordedAt = new Date().toISOString()
    const fact: KeptFact = {
      ...{
        position: head + 1,
        id: randomUUID(),
        journal,
        seq: head + 1,
        mode: 'live',
        name,
        version,
        site,
        recordedAt,
      },
      ...{ businessDate: recordedAt.slice(0, 10), actor: 'conform', data, hash: 'c'.repeat(64) },
    }
    await publish(subjects.fact('live', journal, name), JSON.stringify(data), { ...toHeaders(fact), ...more })
    return fact
  }

  const tell: PlayedFacts['tell'] = (fact, more = {}) => inTurn(() => publishFact(fact, more))

  const make = async (after: number) => {
    await manager.consumers.delete(stream, durable).catch(() => {})
    await manager.consumers.add(stream, {
      ...{ durable_name: durable, ack_policy: 'explicit', ack_wait: 30e9, deliver_policy: 'by_start_sequence' },
      filter_subjects: hears.flatMap((name) => [
        subjects.factsNamed('live', name),
        ...(manifest.hearsTraining ? [subjects.factsNamed('training', name)] : []),
      ]),
      max_ack_pending: manifest.order === 'none' ? 100 : 1,
      opt_start_seq: after + 1,
    })
  }

  /** What was acknowledged without a gap, as the server has it. */
  const floor = async () => (await manager.consumers.info(stream, durable).catch(() => undefined))?.ack_floor.stream_seq

  return {
    acks,
    head: () => head,
    told: () => toldCount,
    tell,
    tellNonsense: (name, text) => inTurn(() => publish(subjects.fact('live', 'conform', name), text, {})),
    async keepTold(fact) {
      const known = fact.key === undefined ? undefined : told.get(fact.key)
      if (known && !isDeepStrictEqual(known.fact, fact)) return keyReused(fact)
      if (known) return { position: known.position, seq: known.seq }
      toldCount += 1
      const { name, version, data } = fact
      const { position } = await tell({ name, version, data, journal: `module-${manifest.name}` })
      const kept = { fact, position, seq: toldCount }
      if (fact.key !== undefined) told.set(fact.key, kept)
      return { position, seq: toldCount }
    },
    async admit({ instance, startedAt, resumeAfter }) {
      if (hears.length === 0) return undefined
      const who = `${instance} ${startedAt}`
      const known = await floor()
      if (who !== admitted || known === undefined)
        await make(resumeAfter ?? known ?? (manifest.hearsFrom === 'now' ? head : 0))
      admitted = who
      return { stream, durable }
    },
    resumeAfter: make,
  }
}

/** `$JS.ACK.<stream>.<durable>.<times>.<position>.…`; the coming form has two tokens more before the stream. */
const readAck = ({ subject, data }: Msg): Ack | undefined => {
  const tokens = subject.split('.')
  const position = Number(tokens[tokens[2] === '_' ? 7 : 5])
  const text = Buffer.from(data).toString()
  const is = text === '' ? 'ack' : KINDS.find(([begin]) => text.startsWith(begin))?.[1]
  return is && Number.isInteger(position) ? { position, is, at: performance.now() } : undefined
}

const KINDS: readonly (readonly [string, Ack['is']])[] = [
  ['+ACK', 'ack'],
  ['+NXT', 'ack'],
  ['-NAK', 'nak'],
  ['+WPI', 'working'],
  ['+TERM', 'term'],
]
