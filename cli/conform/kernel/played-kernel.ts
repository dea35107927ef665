import type { Msg, NatsConnection } from '@nats-io/transport-node'
import {
  type Announce,
  type Announced,
  Announce as AnnounceSchema,
  Bye,
  Dead,
  Heartbeat,
  type KeptConfig,
  type Manifest,
  parseJson,
  readKernelSubject,
  type Subjects,
  Tell,
} from '@recyclique/contracts'
import type { News } from '../news.ts'
import type { PlayedFacts } from './played-facts.ts'
import type { PlayedWishes } from './played-wishes.ts'
import { replyToTell } from './replies.ts'

/** Something that the module said. `body` is what its contract makes of it; `flaw` says why it is none of them. */
export interface Said {
  readonly verb: string
  /** What stands behind the verb in the subject. */
  readonly name: string
  readonly text: string
  readonly body: Readonly<Record<string, unknown>>
  readonly flaw: string | undefined
  readonly at: number
}

export interface PlayedKernel {
  /** All that it said so far, in order. */
  readonly said: readonly Said[]
  /** The first thing said from `from` on (an index in `said`) that fits; undefined when none comes in time. */
  next(verb: string, wanted: Wanted): Promise<Said | undefined>
  /** What the next announces are answered with. */
  answerWith(answer: Decision): void
  /** What a wrapper's `proceed` is answered with; undefined: nothing. Counts in `proceeds`. */
  proceedWith(answer: () => Promise<object | undefined>): void
  /** The next tells are answered with an error that passes, until this is called with false. */
  refuseTells(isRefusing: boolean): void
  /** As if no kernel were there: what is said finds nobody. */
  leave(): void
  comeBack(): Promise<void>
}

/** A decision on an announce. `text`: answered with exactly this. */
export type Decision =
  | {
      readonly state: Announced['state']
      readonly reasons?: readonly string[]
      readonly heartbeatMs?: number
      /** What the kernel keeps for it. */
      readonly config?: KeptConfig
    }
  | { readonly text: string }

export interface Wanted {
  readonly from: number
  readonly withinMs: number
  readonly fits?: (said: Said) => boolean
}

interface Parts {
  readonly connection: NatsConnection
  readonly subjects: Subjects
  readonly manifest: Manifest
  readonly facts: PlayedFacts
  readonly wishes: PlayedWishes
  readonly news: News
  /** The pace that an admitted module is given. */
  readonly heartbeatMs: number
}

const SCHEMAS = { announce: AnnounceSchema, heartbeat: Heartbeat, bye: Bye, dead: Dead, tell: Tell } as const

/** Beyond this nothing more is kept: who floods is told so all the same. */
export const MOST_KEPT = 20_000

/** The kernel's side of the wire as one module sees it: answers what it says, and remembers all of it. */
export const openPlayedKernel = async (parts: Parts): Promise<PlayedKernel> => {
  const { connection, subjects, manifest, facts, wishes, news } = parts
  const said: Said[] = []
  let decision: Decision = { state: 'admitted' }
  let isRefusing = false
  let proceed: () => Promise<object | undefined> = async () => ({ v: [] })

  const answer = async (one: Said): Promise<object | string | undefined> => {
    switch (one.verb) {
      case 'announce':
        return 'text' in decision ? decision.text : announced(decision, one)
      case 'dead':
        return ''
      case 'tell':
        if (isRefusing) return { error: { code: 'module-not-at-work', words: 'not now', isPassing: true } }
        return replyToTell(manifest, one, (fact) => facts.keepTold(fact))
      case 'proceed':
        return proceed()
      case 'ask':
      case 'within':
        return { error: { kind: 'unavailable', code: 'nobody-there', message: 'nobody answers this hook here' } }
      case 'kv':
      case 'job':
      case 'api':
        return wishes.answer(one)
      default:
        return undefined
    }
  }

  const announced = async (
    { state, reasons = [], heartbeatMs = parts.heartbeatMs, config }: Exclude<Decision, { text: string }>,
    { body, flaw }: Said,
  ): Promise<Announced & { later: string }> => {
    // A field that this version does not know: a newer kernel may say more.
    const usual = { reasons: [...reasons], kernel: 'conform 0.1.0', heartbeatMs, later: 'a field of a later version' }
    if (flaw !== undefined) return { ...usual, state: 'rejected', reasons: [flaw] }
    const kept = config ? { config } : {}
    if (state !== 'admitted' && state !== 'replaying') return { ...usual, ...kept, state }
    const hearing = await facts.admit(body as unknown as Announce)
    return { ...usual, ...kept, state, ...(hearing ? { hearing } : {}) }
  }

  const hear = (message: Msg) => {
    const { verb, rest } = readKernelSubject(message.subject)
    const one: Said = { verb, name: rest.join('.'), at: performance.now(), ...readBody(verb, message.string()) }
    if (said.length < MOST_KEPT) said.push(one)
    if (message.reply) void respond(message, one)
    news.ring()
  }

  /** What is asked while the bus goes gets no answer, as from any kernel. */
  const respond = async (message: Msg, one: Said) => {
    try {
      const reply = await answer(one)
      if (reply !== undefined) message.respond(typeof reply === 'string' ? reply : JSON.stringify(reply))
      news.ring()
    } catch (error) {
      if (!isBusAway(error as Error)) throw error
    }
  }

  const listen = () =>
    connection.subscribe(subjects.kernelBranchOf(manifest.name), {
      callback: (error, message) => {
        if (!error) hear(message)
      },
    })
  let subscription = listen()
  await connection.flush()

  return {
    said,
    next: (verb, { from, withinMs, fits = () => true }) =>
      news.until(() => said.slice(from).find((one) => one.verb === verb && fits(one)), withinMs),
    answerWith: (next) => {
      decision = next
    },
    proceedWith: (next) => {
      proceed = next
    },
    refuseTells: (next) => {
      isRefusing = next
    },
    leave: () => subscription.unsubscribe(),
    async comeBack() {
      if (!subscription.isClosed()) return
      subscription = listen()
      await connection.flush()
    },
  }
}

/** Errors of the client and of JetStream bear names of theirs; a mistake of ours does not. */
const isBusAway = (error: Error): boolean => /Connection|Timeout|Request|NoResponders|JetStream/.test(error.name)

const readBody = (verb: string, text: string): Pick<Said, 'text' | 'body' | 'flaw'> => {
  const schema = SCHEMAS[verb as keyof typeof SCHEMAS]
  const isKnown = schema !== undefined || KNOWN.has(verb)
  try {
    const body = schema ? parseJson(schema, text, verb) : {}
    return { text, body, flaw: isKnown ? undefined : `there is no verb '${verb}' on the kernel's branch` }
  } catch (error) {
    return { text, body: {}, flaw: (error as Error).message }
  }
}

/** Verbs whose bodies are looked at where they are answered. */
const KNOWN: ReadonlySet<string> = new Set(['proceed', 'ask', 'within', 'kv', 'job', 'api'])
