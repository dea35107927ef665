import { jetstream } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import {
  type Announce,
  Announced,
  type Bye,
  type Dead,
  type Health,
  type Heartbeat,
  HookCall,
  type HookReply,
  type HttpAnswer,
  HttpCall,
  type Manifest,
  parseJson,
  subjectsOf,
  type Tell,
  TellAnswer,
} from '@recyclique/contracts'
import type { TestModule } from '../support/nats.ts'

const subjects = subjectsOf('essai')

export const manifestOf = (name: string, more: Partial<Manifest> = {}): Manifest => ({
  name,
  version: '1.0.0',
  description: 'a module that a test plays',
  kernel: '^0.1.0',
  protocol: { min: 1, max: 1 },
  hears: ['cash.variance.flagged'],
  ...more,
})

/** A raw connection that plays one process of a module, word by word. */
export const playModule = async (module: TestModule, instance: string, manifest: Manifest) => {
  const { name } = manifest
  const connection: NatsConnection = await module.connect(instance)
  const startedAt = new Date().toISOString()
  return {
    connection,
    announce: async (more: Partial<Announce> = {}): Promise<Announced> => {
      const said = { manifest, manifestHash: 'a'.repeat(64), instance, startedAt, ...more }
      const answer = await connection.request(subjects.toKernel(name, 'announce'), JSON.stringify(said), {
        timeout: 5_000,
      })
      return parseJson(Announced, answer.string())
    },
    beat: (more: Partial<Heartbeat> = {}) =>
      connection.publish(
        subjects.toKernel(name, 'heartbeat'),
        JSON.stringify({ instance, inFlight: 0, position: 0, ...more }),
      ),
    bye: (phase: Bye['phase']) =>
      connection.publish(subjects.toKernel(name, 'bye'), JSON.stringify({ instance, phase })),
    dead: (more: Omit<Dead, 'instance'>) =>
      connection.request(subjects.toKernel(name, 'dead'), JSON.stringify({ instance, ...more })),
    /** Tells a fact as text or as a message of the right form. */
    tell: async (fact: string, said: string | Partial<Tell>): Promise<TellAnswer> => {
      const text = typeof said === 'string' ? said : JSON.stringify({ instance, ...said })
      const answer = await connection.request(subjects.toKernel(name, 'tell', fact), text, { timeout: 5_000 })
      return parseJson(TellAnswer, answer.string())
    },
    /** Answers HTTP calls; an undefined answer is silence. */
    serve: async (answer: (call: HttpCall) => HttpAnswer | string | undefined) => {
      connection.subscribe(subjects.toModule(name, instance, 'http'), {
        callback: (_, message) => {
          const said = answer(parseJson(HttpCall, message.string()))
          if (said !== undefined) message.respond(typeof said === 'string' ? said : JSON.stringify(said))
        },
      })
      await connection.flush()
    },
    /** Answers questions; gives those that came, in order. An undefined answer is silence. */
    answer: async (answer: (call: HookCall) => HookReply | undefined | Promise<HookReply | undefined>) => {
      const heard: HookCall[] = []
      connection.subscribe(`${subjects.instanceBranch(name, instance).slice(0, -1)}hook.>`, {
        callback: (_, message) => {
          const call = parseJson(HookCall, message.string())
          heard.push(call)
          void Promise.resolve(answer(call)).then((said) => {
            if (said !== undefined) message.respond(JSON.stringify(said))
          })
        },
      })
      await connection.flush()
      return heard
    },
    /** Says how it is, as `health` says at that moment. */
    beWell: async (health: () => Health = () => ({ ok: true })) => {
      connection.subscribe(subjects.toModule(name, instance, 'control', 'health'), {
        callback: (_, message) => {
          message.respond(JSON.stringify(health()))
        },
      })
      await connection.flush()
    },
    /** How often the kernel asked it to announce itself, or to end. */
    hearControl: async (what: 'announce' | 'drain' = 'announce') => {
      let asked = 0
      connection.subscribe(subjects.toModule(name, instance, 'control', what), {
        callback: () => {
          asked += 1
        },
      })
      await connection.flush()
      return () => asked
    },
    /** Pulls the next fact of its durable; undefined when none comes in time. */
    next: async (withinMs = 2_000) => {
      const consumer = await jetstream(connection, { apiPrefix: module.apiPrefix }).consumers.get(
        subjects.stream,
        subjects.durable(name),
      )
      return (await consumer.next({ expires: Math.max(1_000, withinMs) })) ?? undefined
    },
  }
}

export type PlayedModule = Awaited<ReturnType<typeof playModule>>

export const ok = (text: string): HttpAnswer => ({
  status: 200,
  headers: {},
  body: Buffer.from(text).toString('base64'),
})
