import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { type Msg, type NatsConnection, headers as natsHeaders } from '@nats-io/transport-node'
import {
  Announce,
  type Announced,
  Bye,
  CALL_HEADERS,
  factMode,
  HttpAnswer,
  type HttpCall,
  type KeptFact,
  type Manifest,
  parseJson,
  RETRY_HEADER,
  Retried,
  readKernelSubject,
  subjectsOf,
  toHeaders,
} from '@recyclique/contracts'

export interface Said {
  readonly verb: string
  readonly module: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it freely
  readonly body: any
}

export interface FakeKernel {
  /** All that modules said so far, in order. */
  readonly said: readonly Said[]
  /** The next thing said that fits, from `from` on (an index in `said`; 0 is the first ever). */
  next(verb: string, fits?: (body: Said['body']) => boolean, from?: number): Promise<Said>
  /** Keeps facts and tells them in the wire's format; sequence = position. */
  tell(...facts: KeptFact[]): Promise<void>
  /** Puts something on the stream that is no fact. */
  tellNonsense(journal: string, name: string, body: string): Promise<void>
  /** Makes the stream anew from the kept facts, as the relay does when the bus's store was lost. */
  refill(): Promise<void>
  /** From now on announces are rejected; without reasons, admitted again. */
  rejectFor(...reasons: string[]): void
  /** The same for waiting. */
  letWaitFor(...reasons: string[]): void
  call(
    module: string,
    instance: string,
    call: Partial<HttpCall> & { path: string },
    deadlineMs?: number,
  ): Promise<HttpAnswer & { text: string }>
  /** Gives a fact out once more, and brings the module's word. */
  retry(module: string, instance: string, fact: KeptFact): Promise<Retried>
  askToAnnounce(module: string, instance: string): Promise<void>
  dropDurable(module: string): Promise<void>
  ackedUpTo(module: string): Promise<number>
  /** Resolves when the module's acknowledgement of this sequence passes by. */
  acked(module: string, sequence: number): Promise<void>
  /** Listens no more; `open` comes back as a new kernel that knows no module. */
  close(): Promise<void>
  open(): Promise<void>
  /** Resolves when its own connection was lost and is back; what it says in between is lost. */
  back(): Promise<void>
}

type Options = { site?: string; heartbeatMs?: number; ackWaitMs?: number }

/**
 * The kernel's side of the wire, as small as it can honestly be: it answers announces, keeps stream and durables and tells facts. It
 * takes every module to have one instance: a new one means that the old one is dead, and gets what that had in hand.
 */
export const fakeKernel = async (
  connection: NatsConnection,
  { site = 'essai', heartbeatMs = 100, ackWaitMs = 30_000 }: Options = {},
): Promise<FakeKernel> => {
  const subjects = subjectsOf(site)
  const manager = await jetstreamManager(connection, { checkAPI: false })
  const kept: KeptFact[] = []
  const said: Said[] = []
  const waiting = new Set<() => void>()
  const instances = new Map<string, string>()
  let reasons: string[] = []
  let refusal: 'rejected' | 'waiting' = 'rejected'
  let subscriptions: { unsubscribe(): void }[] = []

  const hear = (message: Msg, answer?: (said: Said) => Promise<unknown>) => {
    const { module, verb } = readKernelSubject(message.subject)
    const one: Said = { verb, module, body: message.json() }
    said.push(one)
    for (const look of waiting) look()
    void answer?.(one)
      .then((text) => message.respond(JSON.stringify(text)))
      .catch((error: Error) => {
        if (!/connection|timeout/i.test(error.message)) throw error
      })
  }

  const makeStream = () => manager.streams.add({ name: subjects.stream, subjects: [subjects.facts] })

  const admit = async ({ module, body }: Said): Promise<Announced> => {
    const { manifest, instance, resumeAfter } = parseJson(Announce, JSON.stringify(body), 'announce')
    const answer = { state: 'admitted' as const, reasons, kernel: 'fake 0', heartbeatMs }
    if (reasons.length > 0) return { ...answer, state: refusal }
    const isNew = instances.get(module) !== instance
    instances.set(module, instance)
    if (!manifest.hears?.length) return answer
    await makeDurable(manifest, isNew, resumeAfter)
    return { ...answer, hearing: { stream: subjects.stream, durable: subjects.durable(module) } }
  }

  const makeDurable = async (manifest: Manifest, isNew: boolean, resumeAfter: number | undefined) => {
    const durable = subjects.durable(manifest.name)
    const there = await manager.consumers.info(subjects.stream, durable).catch(() => undefined)
    const floor = there?.ack_floor.stream_seq ?? 0
    const isBehind = resumeAfter !== undefined && resumeAfter < floor
    const isHeldByTheDead = isNew && (there?.num_ack_pending ?? 0) > 0
    if (there && !isBehind && !isHeldByTheDead) return
    if (there) await manager.consumers.delete(subjects.stream, durable)
    const after = resumeAfter ?? (there ? floor : manifest.hearsFrom === 'now' ? kept.length : 0)
    await manager.consumers.add(subjects.stream, {
      durable_name: durable,
      ack_policy: 'explicit',
      filter_subjects: (manifest.hears ?? []).map((name) => subjects.factsNamed('live', name)),
      ack_wait: ackWaitMs * 1e6,
      max_ack_pending: manifest.order === 'none' ? 100 : 1,
      ...(after === 0
        ? { deliver_policy: 'all' as const }
        : { deliver_policy: 'by_start_sequence' as const, opt_start_seq: after + 1 }),
    })
  }

  const publish = async (fact: KeptFact) => {
    const headers = natsHeaders()
    for (const [name, value] of Object.entries(toHeaders(fact))) headers.set(name, value)
    const subject = subjects.fact(factMode(fact.mode), fact.journal, fact.name)
    await jetstream(connection).publish(subject, JSON.stringify(fact.data), {
      headers,
      msgID: fact.id,
      expect: { lastSequence: fact.position - 1 },
    })
  }

  /** No call can reach whoever goes: this kernel asks nobody anything. */
  const letGo = (message: Msg) => {
    const { module } = readKernelSubject(message.subject)
    const { instance, phase } = parseJson(Bye, message.string())
    if (phase === 'draining') connection.publish(subjects.toModule(module, instance, 'control', 'drain'))
  }

  const open = async () => {
    subscriptions = [
      connection.subscribe(subjects.everyModule('announce'), { callback: (_, message) => hear(message, admit) }),
      connection.subscribe(subjects.everyModule('dead'), {
        callback: (_, message) => hear(message, async () => ({})),
      }),
      connection.subscribe(subjects.everyModule('heartbeat'), { callback: (_, message) => hear(message) }),
      connection.subscribe(subjects.everyModule('bye'), {
        callback: (_, message) => {
          hear(message)
          letGo(message)
        },
      }),
    ]
    await connection.flush()
  }

  await makeStream()
  await open()

  return {
    said,
    next: (verb, fits = () => true, from = said.length) =>
      new Promise((resolve) => {
        const look = () => {
          const found = said.slice(from).find((one) => one.verb === verb && fits(one.body))
          if (!found) return
          waiting.delete(look)
          resolve(found)
        }
        waiting.add(look)
        look()
      }),
    async tell(...facts) {
      for (const fact of facts) {
        kept.push(fact)
        await publish(fact)
      }
    },
    async tellNonsense(journal, name, body) {
      await jetstream(connection).publish(subjects.fact('live', journal, name), body)
    },
    async refill() {
      await makeStream()
      for (const fact of kept) await publish(fact)
    },
    rejectFor(...why) {
      reasons = why
      refusal = 'rejected'
    },
    letWaitFor(...why) {
      reasons = why
      refusal = 'waiting'
    },
    async call(module, instance, { path, ...rest }, deadlineMs = 5_000) {
      const call: HttpCall = { method: 'GET', path, query: {}, headers: {}, ...rest }
      const headers = natsHeaders()
      headers.set(CALL_HEADERS.deadline, String(Date.now() + deadlineMs))
      const subject = subjects.toModule(module, instance, 'http')
      const reply = await connection.request(subject, JSON.stringify(call), { timeout: 10_000, headers })
      const answer = parseJson(HttpAnswer, reply.string(), 'answer')
      return { ...answer, text: Buffer.from(answer.body, 'base64').toString() }
    },
    async retry(module, instance, fact) {
      const headers = natsHeaders()
      for (const [name, value] of Object.entries({ ...toHeaders(fact), [RETRY_HEADER]: '1' })) headers.set(name, value)
      const subject = subjects.toModule(module, instance, 'control', 'retry')
      const reply = await connection.request(subject, JSON.stringify(fact.data), { timeout: 10_000, headers })
      return parseJson(Retried, reply.string(), 'the answer to retry')
    },
    async askToAnnounce(module, instance) {
      await connection.request(subjects.toModule(module, instance, 'control', 'announce'), '', { timeout: 5_000 })
    },
    async dropDurable(module) {
      await manager.consumers.delete(subjects.stream, subjects.durable(module))
    },
    async ackedUpTo(module) {
      return (await manager.consumers.info(subjects.stream, subjects.durable(module))).ack_floor.stream_seq
    },
    async acked(module, sequence) {
      const subscription = connection.subscribe(`$JS.ACK.${subjects.stream}.${subjects.durable(module)}.>`)
      for await (const { subject, data } of subscription) {
        const isAck = data.length === 0 || Buffer.from(data).toString() === '+ACK'
        if (isAck && Number(subject.split('.').at(5)) === sequence) return
      }
    },
    async close() {
      for (const one of subscriptions) one.unsubscribe()
      instances.clear()
      await connection.flush()
    },
    open,
    async back() {
      for await (const { type } of connection.status()) if (type === 'reconnect') return
    },
  }
}
