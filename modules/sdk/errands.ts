import type { Msg, NatsConnection } from '@nats-io/transport-node'
import {
  type CommandResult,
  ErrandCall,
  type ErrandReply,
  type ErrandVerb,
  type Manifest,
  Misfit,
  parseJson,
  type Subjects,
} from '@recyclique/contracts'
import type { Logger } from 'pino'
import { errandKey } from './endpoints.ts'
import { faultOf } from './faults.ts'
import { type Intake, openIntake } from './intake.ts'
import type { Tally } from './tally.ts'
import { type Tell, tellerOf } from './tell.ts'
import type { Work } from './work.ts'

/** What a handler gets besides what it is to do. */
export interface Doing {
  /** For whom: a user, `module.<name>`, or `kernel` for a job. */
  readonly actor: string
  /** Tells a fact of this module's own, within the time that this has. */
  readonly tell: Tell
  readonly log: Logger
  /** Aborts when nobody waits any more. */
  readonly signal: AbortSignal
}

/**
 * Gives the words for the person who typed the command, alone or with files that the hand writes where they stand; all together less than the
 * bus carries at once. What it throws is told, and the command ends with an error.
 */
export type CommandHandler = (
  args: Readonly<Record<string, string>>,
  doing: Doing,
) => CommandResult | Promise<CommandResult>

/** Gives what the assistant reads, as JSON. Throw a `HookFailure` of kind `denied` or `invalid` for a no of the module's own. */
export type ToolHandler = (input: never, doing: Doing) => unknown

/** Which run this is. It may come twice: the same id and moment then, and the first time was perhaps done. */
export interface Running extends Doing {
  readonly id: string
  readonly dueAt: Date
  readonly attempt: number
}

/** When it returns, the run is done; when it throws, it comes again after a while, eight times. */
export type JobHandler = (data: never, running: Running) => unknown

export interface Errand {
  readonly verb: ErrandVerb
  readonly name: string
  readonly run: (args: never, doing: Doing & Partial<Running>) => unknown
}

export interface ErrandParts {
  readonly module: { readonly manifest: Manifest; readonly errands: readonly Errand[] }
  readonly instance: string
  readonly connection: NatsConnection
  readonly subjects: Subjects
  readonly work: Work
  readonly tally: Tally
  readonly log: Logger
}

/** Carries out what the kernel has this process do: commands, tools, jobs. Each is answered once. */
export const openErrands = (parts: ErrandParts): Intake => {
  const { subjects, module, instance, work } = parts
  const intakes = VERBS.map((verb) =>
    openIntake(parts, {
      subject: subjects.errandsOf(module.manifest.name, instance, verb),
      words: 'what it is to do',
      take: (message) => work.during(async () => send(parts, message, await counted(parts, verb, message))),
    }),
  )
  return {
    async close() {
      await Promise.all(intakes.map((one) => one.close()))
    },
  }
}

const VERBS = ['command', 'tool', 'job'] as const

const counted = (parts: ErrandParts, verb: ErrandVerb, message: Msg): Promise<ErrandReply> => {
  const name = message.subject.slice(message.subject.lastIndexOf('.') + 1)
  const errorIn = (reply: ErrandReply) => ('error' in reply ? `${reply.error.code}: ${reply.error.message}` : undefined)
  const text = message.string()
  return parts.tally.during(errandKey(verb, name), () => replyToErrand(parts, { verb, name, text }), errorIn)
}

/** Does what came as `text`, and never rejects: an error is a reply as well. */
export const replyToErrand = async (
  parts: Omit<ErrandParts, 'tally'>,
  { verb, name, text }: Pick<Errand, 'verb' | 'name'> & { readonly text: string },
): Promise<ErrandReply> => {
  const call = readCall(verb, text)
  if (call instanceof Misfit) return { error: { kind: 'invalid', code: `${verb}-malformed`, message: call.message } }
  const errand = parts.module.errands.find((one) => one.verb === verb && one.name === name)
  if (!errand) return unknown(verb, name)
  const { args, actor, callId, deadline, job } = call
  try {
    const signal = parts.work.signalFor(Math.max(1, deadline - Date.now()))
    const log = parts.log.child({ [verb]: name, callId })
    const doing: Doing = { actor, log, signal, tell: tellerOf(parts, signal) }
    const run = job ? { id: job.id, dueAt: new Date(job.dueAt), attempt: job.attempt } : {}
    return { v: (await errand.run(args as never, { ...doing, ...run })) ?? null }
  } catch (error) {
    parts.log.warn({ [verb]: name, err: error }, 'what was to be done ends with an error')
    return { error: faultOf(error) }
  }
}

const readCall = (verb: ErrandVerb, text: string): ErrandCall | Misfit => {
  try {
    return parseJson(ErrandCall, text, `the ${verb}`)
  } catch (error) {
    if (error instanceof Misfit) return error
    throw error
  }
}

const unknown = (verb: ErrandVerb, name: string): ErrandReply => ({
  error: { kind: 'invalid', code: `${verb}-unknown`, message: `there is no ${verb} '${name}' here` },
})

/** The server cuts off who sends more than it takes. */
const send = ({ connection, log }: ErrandParts, message: Msg, reply: ErrandReply) => {
  const text = JSON.stringify(reply)
  const mostBytes = connection.info?.max_payload ?? Number.POSITIVE_INFINITY
  if (Buffer.byteLength(text) <= mostBytes) return void message.respond(text)
  log.error({ mostBytes }, 'an answer is too large for the bus')
  const error = { kind: 'invalid' as const, code: 'answer-too-large', message: `the answer is over ${mostBytes} bytes` }
  message.respond(JSON.stringify({ error }))
}
