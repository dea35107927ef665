import {
  AfterPartRaised,
  type AskCall,
  AskReply,
  type HookCall,
  type HookReply,
  Misfit,
  parse,
  parseJson,
} from '@recyclique/contracts'
import { type Answered, type Asking, HookFailure } from './answering.ts'
import type { Module } from './define-module.ts'
import { failureFrom, faultOf } from './faults.ts'
import type { QuestionParts } from './questions.ts'
import { isStream, type Streams } from './streams.ts'
import { tellerOf } from './tell.ts'

export interface AnsweringParts extends QuestionParts {
  readonly streams: Streams
}

/** Undefined where nobody waits any more. */
export const replyTo = async (
  parts: AnsweringParts,
  call: HookCall,
  trace: string | undefined,
): Promise<HookReply | undefined> => {
  const { deadline } = call
  if (deadline <= Date.now()) return void parts.log.debug({ hook: call.hook }, 'a question came after its deadline')
  const answered = parts.module.answered.find(
    ({ handler, spec }) => handler === call.handler && spec.name === call.hook,
  )
  if (!answered) return unknownHandler(call)
  const inside = openInside(parts, call)
  try {
    const args = parse(answered.argsSchema, call.args, call.hook)
    const value = await answered.run(args as never, inside.proceed, asking(parts, call, trace))
    if (value === null || value === undefined) return nothing(answered)
    if (isStream(value)) return { stream: parts.streams.keep(value, deadline) }
    return inside.isUnchanged(value) ? { same: true } : { v: checked(answered, value) }
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

const refusal = ({ log }: AnsweringParts, { spec }: Answered, thrown: unknown, inner: unknown): HookReply => {
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
const openInside = (parts: AnsweringParts, { proceed: subject, hook, deadline }: HookCall) => {
  let inner: unknown
  let given: string | undefined
  const proceed = async (): Promise<unknown> => {
    if (subject === undefined) throw new HookFailure('invalid', 'not-a-wrapper', `${hook}: only a wrapper proceeds`)
    try {
      const value = await request(parts, subject, '', deadline)
      given ??= JSON.stringify(value)
      return value
    } catch (error) {
      inner ??= error
      throw error
    }
  }
  // What is let through as it was stays in the kernel, with what cannot be sent: a stream is shown here as an empty object.
  const isUnchanged = (value: unknown) => given !== undefined && JSON.stringify(value) === given
  return { proceed, isUnchanged, error: () => inner }
}

const asking = (parts: AnsweringParts, call: HookCall, trace: string | undefined): Asking => ({
  ...{ callId: call.callId, parentId: call.parentId, depth: call.depth, deadline: call.deadline, trace },
  ask: async (spec, args) => {
    const said: AskCall = { args, within: call.callId }
    const { subjects, module } = parts
    refuseUndeclared(module, spec.name)
    const subject = subjects.within(module.manifest.name, call.kernel, spec.name)
    return (await request(parts, subject, JSON.stringify(said), call.deadline)) as never
  },
  // Made when it is wanted: most answers say nothing, and a logger costs more than they do.
  get log() {
    return parts.log.child({ hook: call.hook, callId: call.callId })
  },
  get signal() {
    return parts.work.signalFor(call.deadline - Date.now())
  },
  get tell() {
    return tellerOf(parts, parts.work.signalFor(call.deadline - Date.now()))
  },
})

const refuseUndeclared = ({ manifest }: Module, hook: string) => {
  if (!manifest.asks?.includes(hook))
    throw new HookFailure('denied', 'asks-undeclared', `manifest.json does not list '${hook}' under 'asks'`)
}

/** The deadline is the call's; a little more, so that the kernel's own words about it arrive. */
const PATIENCE_MS = 1_000

const request = async (
  { connection }: AnsweringParts,
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
