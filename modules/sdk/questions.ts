import type { Msg, NatsConnection } from '@nats-io/transport-node'
import {
  CALL_HEADERS,
  type HistorySeen,
  HookCall,
  type HookReply,
  Misfit,
  parseJson,
  type Subjects,
} from '@recyclique/contracts'
import type { Logger } from 'pino'
import { replyTo } from './answer-question.ts'
import type { Module } from './define-module.ts'
import { hookKey } from './endpoints.ts'
import { type Intake, openIntake } from './intake.ts'
import { openStreams } from './streams.ts'
import type { Tally } from './tally.ts'
import type { Work } from './work.ts'

/** Closed, those that arrived already are answered, wrappers with all that stands inside them. */
export interface Questions extends Intake {
  /** How far this process has come with the historic questions; sent with each announce. */
  readonly historySeen: HistorySeen
}

export interface QuestionParts {
  readonly module: Module
  readonly instance: string
  readonly connection: NatsConnection
  readonly subjects: Subjects
  readonly work: Work
  readonly tally: Tally
  readonly log: Logger
}

/** Answers the questions of the kernel. Each is answered exactly once, whatever its handler does, unless its deadline has passed. */
export const openQuestions = (parts: QuestionParts): Questions => {
  const { subjects, module, instance, work, tally } = parts
  const streams = openStreams(parts)
  const answering = { ...parts, streams }
  const historySeen: HistorySeen = {}
  const counted = (call: HookCall, message: Msg) =>
    tally.during(hookKey(call.hook, call.handler), () => replyTo(answering, call, traceOf(message)), errorIn)
  const take = async (message: Msg) => {
    const call = readCall(message)
    const reply = call instanceof Misfit ? malformed(call) : await counted(call, message)
    if (reply) send(parts, message, reply)
    if (!(call instanceof Misfit) && call.seq !== undefined)
      historySeen[call.hook] = Math.max(historySeen[call.hook] ?? 0, call.seq)
  }
  const intake = openIntake(parts, {
    subject: subjects.hooksOf(module.manifest.name, instance),
    words: 'its questions',
    take: (message) => work.during(() => take(message)),
  })
  return {
    historySeen,
    async close() {
      await intake.close()
      await streams.close()
    },
  }
}

const errorIn = (reply: HookReply | undefined): string | undefined =>
  reply && 'error' in reply ? `${reply.error.code}: ${reply.error.message}` : undefined

const readCall = (message: Msg): HookCall | Misfit => {
  try {
    return parseJson(HookCall, message.string(), 'the question')
  } catch (error) {
    if (error instanceof Misfit) return error
    throw error
  }
}

const traceOf = ({ headers }: Msg): string | undefined => headers?.get(CALL_HEADERS.trace) || undefined

const malformed = ({ message }: Misfit): HookReply => ({
  error: { kind: 'invalid', code: 'question-malformed', message },
})

const send = ({ connection, log }: QuestionParts, message: Msg, reply: HookReply) => {
  const text = JSON.stringify(reply)
  // The server cuts off who sends more than it takes.
  const mostBytes = connection.info?.max_payload ?? Number.POSITIVE_INFINITY
  if (text.length * 3 <= mostBytes || Buffer.byteLength(text) <= mostBytes) return void message.respond(text)
  log.error({ mostBytes }, 'an answer is too large for the bus')
  const error = { kind: 'invalid' as const, code: 'answer-too-large', message: `the answer is over ${mostBytes} bytes` }
  message.respond(JSON.stringify({ error }))
}
