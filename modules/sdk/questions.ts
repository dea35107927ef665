import type { Msg, NatsConnection } from '@nats-io/transport-node'
import {
  AfterPartRaised,
  type AskCall,
  AskReply,
  CALL_HEADERS,
  HookCall,
  type HookReply,
  Misfit,
  parse,
  parseJson,
  type Subjects,
} from '@recyclique/contracts'
import type { Logger } from 'pino'
import { type Answered, type Asking, HookFailure } from './answering.ts'
import type { Module } from './define-module.ts'
import { failureFrom, faultOf } from './faults.ts'
import type { Work } from './work.ts'

export interface Questions {
  /** How far this process has come with the historic questions; sent with each announce. */
  readonly historySeen: number
  /** Takes no more questions; those that arrived already are answered, wrappers with all that stands inside them. */
  close(): Promise<void>
}

export interface QuestionParts {
  readonly module: Module
  readonly instance: string
  readonly connection: NatsConnection
  readonly subjects: Subjects
  readonly work: Work
  readonly log: Logger
}

/** Answers the questions of the kernel. Each is answered exactly once, whatever its handler does, unless its deadline has passed. */
export const openQuestions = (parts: QuestionParts): Questions => {
  const { connection, subjects, module, instance, work, log } = parts
  const running = new Set<Promise<unknown>>()
  let historySeen = 0
  const take = async (message: Msg) => {
    const call = readCall(message)
    const reply =
      call instanceof Misfit ? malformed(call) : await replyTo(parts, call, deadlineOf(message), traceOf(message))
    if (reply) send(parts, message, reply)
    if (!(call instanceof Misfit) && call.seq !== undefined) historySeen = Math.max(historySeen, call.seq)
  }
  const subscription = connection.subscribe(subjects.hooksOf(module.manifest.name, instance), {
    callback: (error, message) => {
      if (error) return void log.error({ err: error }, 'the bus does not let this module hear its questions')
      const one = work
        .during(() => take(message))
        .catch((err: unknown) => log.warn({ err }, 'an answer could not be sent'))
        .finally(() => running.delete(one))
      running.add(one)
    },
  })
  return {
    get historySeen() {
      return historySeen
    },
    async close() {
      if (!connection.isClosed()) await subscription.drain()
      await Promise.all(running)
    },
  }
}

const readCall = (message: Msg): HookCall | Misfit => {
  try {
    return parseJson(HookCall, message.string(), 'the question')
  } catch (error) {
    if (error instanceof Misfit) return error
    throw error
  }
}

const deadlineOf = ({ headers }: Msg): number => Number(headers?.get(CALL_HEADERS.deadline) || Number.POSITIVE_INFINITY)
const traceOf = ({ headers }: Msg): string | undefined => headers?.get(CALL_HEADERS.trace) || undefined

const malformed = ({ message }: Misfit): HookReply => ({
  error: { kind: 'invalid', code: 'question-malformed', message },
})

/** Undefined where nobody waits any more. */
const replyTo = async (
  parts: QuestionParts,
  call: HookCall,
  deadline: number,
  trace: string | undefined,
): Promise<HookReply | undefined> => {
  if (deadline <= Date.now()) return void parts.log.debug({ hook: call.hook }, 'a question came after its deadline')
  const answered = parts.module.answered.find(
    ({ handler, spec }) => handler === call.handler && spec.name === call.hook,
  )
  if (!answered) return unknownHandler(call)
  const inside = openInside(parts, call, deadline)
  try {
    const args = parse(answered.argsSchema, call.args, call.hook)
    const value = await answered.run(args as never, inside.proceed, asking(parts, call, deadline, trace))
    return value === null || value === undefined ? nothing(answered) : { v: checked(answered, value) }
  } catch (error) {
    return refusal(parts, answered, error, inside.error())
  }
}

/** A wrapper that gives null gives a result; whoever only answers and gives null has no answer. */
const nothing = ({ isWrapper }: Answered): HookReply => (isWrapper ? { v: null } : { none: true })

const unknownHandler = ({ hook, handler }: HookCall): HookReply => ({
  error: { kind: 'invalid', code: 'handler-unknown', message: `there is no handler '${handler}' for ${hook} here` },
})

/** An answer of another form is this module's mistake: its author should read of it here as well as in the kernel's log. */
const checked = ({ spec, isWrapper }: Answered, value: unknown): unknown =>
  isWrapper || spec.mode === 'pipeline' ? value : parse(spec.answer, value, `the answer to ${spec.name}`)

const refusal = ({ log }: QuestionParts, { spec }: Answered, thrown: unknown, inner: unknown): HookReply => {
  if (inner !== undefined && thrown === inner) return { same: true }
  if (thrown instanceof Misfit) {
    log.error({ hook: spec.name, reason: thrown.message }, 'a question or an answer does not fit its hook')
    return { error: { kind: 'invalid', code: 'answer-invalid', message: thrown.message } }
  }
  log.warn({ hook: spec.name, err: thrown }, 'a question ends with an error')
  if (thrown instanceof AfterPartRaised) return { error: faultOf(thrown.cause), afterPart: true }
  return { error: faultOf(thrown) }
}

/** The way on of a wrapper. An error of the inside is kept, so that it can be told from the wrapper's own. */
const openInside = (parts: QuestionParts, { proceed: subject, hook }: HookCall, deadline: number) => {
  let inner: unknown
  const proceed = async (): Promise<unknown> => {
    if (subject === undefined) throw new HookFailure('invalid', 'not-a-wrapper', `${hook}: only a wrapper proceeds`)
    try {
      return await request(parts, subject, '', deadline)
    } catch (error) {
      inner ??= error
      throw error
    }
  }
  return { proceed, error: () => inner }
}

const asking = (parts: QuestionParts, call: HookCall, deadline: number, trace: string | undefined): Asking => ({
  ...{ callId: call.callId, depth: call.depth, deadline, trace },
  ask: async (spec, args) => {
    const said: AskCall = { args, within: call.callId }
    const { subjects, module } = parts
    refuseUndeclared(module, spec.name)
    const subject = subjects.within(module.manifest.name, call.kernel, spec.name)
    return (await request(parts, subject, JSON.stringify(said), deadline)) as never
  },
  log: parts.log.child({ hook: call.hook, callId: call.callId }),
  get signal() {
    return parts.work.signalFor(deadline - Date.now())
  },
})

const refuseUndeclared = ({ manifest }: Module, hook: string) => {
  if (!manifest.asks?.includes(hook))
    throw new HookFailure('denied', 'asks-undeclared', `manifest.json does not list '${hook}' under 'asks'`)
}

/** The deadline is the call's; a little more, so that the kernel's own words about it arrive. */
const PATIENCE_MS = 1_000

const request = async (
  { connection }: QuestionParts,
  subject: string,
  text: string,
  deadline: number,
): Promise<unknown> => {
  const leftMs = Math.min(deadline - Date.now(), 600_000)
  const answer = await connection
    .request(subject, text, { timeout: Math.max(1, leftMs) + PATIENCE_MS })
    .catch((cause: Error) => {
      throw new HookFailure('unavailable', 'kernel-away', `the kernel does not answer: ${cause.message}`, { cause })
    })
  const reply = parseJson(AskReply, answer.string(), 'what the kernel sent back')
  if ('error' in reply) throw failureFrom(reply.error)
  return reply.v
}

const send = ({ connection, log }: QuestionParts, message: Msg, reply: HookReply) => {
  const text = JSON.stringify(reply)
  // The server cuts off who sends more than it takes.
  const mostBytes = connection.info?.max_payload ?? Number.POSITIVE_INFINITY
  if (text.length * 3 <= mostBytes || Buffer.byteLength(text) <= mostBytes) return void message.respond(text)
  log.error({ mostBytes }, 'an answer is too large for the bus')
  const error = { kind: 'invalid' as const, code: 'answer-too-large', message: `the answer is over ${mostBytes} bytes` }
  message.respond(JSON.stringify({ error }))
}
