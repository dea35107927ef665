import { randomUUID } from 'node:crypto'
import {
  fold,
  type HookCall,
  HookReply,
  type HookSpec,
  type Manifest,
  Misfit,
  type PipelineAnswer,
  parse,
} from '@recyclique/contracts'
import { replyTo } from '../answer-question.ts'
import { HookFailure } from '../answering.ts'
import { failureFrom } from '../faults.ts'
import type { Gate } from './gate.ts'
import { KERNEL, type Stage, sentAndBack } from './stage.ts'

export interface Asked {
  /** Which line of `answers` in the manifest, where the module has several for one hook. */
  readonly handler?: string
  /** The most that it may take, in milliseconds; what manifest and hook say where nothing is said. */
  readonly withinMs?: number
}

type Args = Readonly<Record<string, unknown>>
type Line = NonNullable<Manifest['answers']>[number] & { readonly handler: string }
type One = { readonly spec: HookSpec; readonly args: Args; readonly asked: Asked }

/** Its own answer as the kernel would take it; null for none. Throws a `HookFailure` with the kernel's kind and code. */
export const askOne = async (stage: Stage, one: One): Promise<unknown> => {
  const line = lineOf(stage.module.manifest, one, false)
  const reply = await replyOf(stage, line, { ...one, args: wanted(one, line.args) })
  if ('none' in reply || ('v' in reply && reply.v === null)) return null
  if ('stream' in reply) return reply.parts
  if ('v' in reply) return checked(one, reply.v, line.args)
  throw 'error' in reply ? failureFrom(reply.error) : new TypeError('only a wrapper lets an answer through')
}

/** The line of the manifest: the one that was named, else the only one of this kind. Its absence is the test's own mistake. */
export const lineOf = ({ answers = [] }: Manifest, { spec: { name }, asked }: One, isWrapper: boolean): Line => {
  const lines = answers
    .filter((one) => one.hook === name && (one.isWrapper ?? false) === isWrapper)
    .map((one) => ({ ...one, handler: one.handler ?? one.hook }))
  const [line, ...others] = lines.filter(({ handler }) => asked.handler === undefined || handler === asked.handler)
  const what = `${name}${asked.handler === undefined ? '' : ` with '${asked.handler}'`}`
  if (!line)
    throw new TypeError(`the manifest lists no ${isWrapper ? 'wrapper' : 'answer'} for ${what} under 'answers'`)
  if (others.length > 0) throw new TypeError(`${what} has several: say which, as in { handler: '${line.handler}' }`)
  return line
}

/** The caller's arguments, checked; then those that the line of the manifest lists, and no others. */
export const wanted = ({ spec, args }: One, names: readonly string[] | undefined): Args => {
  try {
    parse(spec.args, args, spec.name)
  } catch (error) {
    if (error instanceof Misfit) throw new HookFailure('invalid', 'argument-invalid', `${spec.name}: ${error.message}`)
    throw error
  }
  if (!names) return args
  return Object.fromEntries(Object.entries(args).filter(([name]) => names.includes(name)))
}

type Replied =
  | Exclude<HookReply, { stream: string }>
  | { readonly stream: string; readonly parts: AsyncIterable<unknown> }

/** Sends the question to the module's own code, and waits for as long as the kernel would. */
export const replyOf = async (
  stage: Stage,
  line: Line,
  { spec, args, asked, gate }: One & { gate?: Gate },
): Promise<Replied> => {
  const ms = asked.withinMs ?? line.timeoutMs ?? spec.timeoutMs ?? spec.deadlineMs
  const leftMs = Math.min(ms, spec.deadlineMs)
  const call: HookCall = {
    ...{ hook: spec.name, version: spec.version, handler: line.handler, kernel: KERNEL, depth: 0 },
    ...{ args: sentAndBack(args), callId: randomUUID().replaceAll('-', ''), deadline: Date.now() + leftMs },
    ...(gate ? { proceed: gate.subject } : {}),
  }
  const streams = holdStreams(spec)
  const late = Promise.withResolvers<undefined>()
  const timer = setTimeout(late.resolve, leftMs, undefined)
  const replied = stage.work.during(() => replyTo({ ...stage, streams }, call, undefined))
  const reply = await Promise.race([replied, late.promise]).finally(() => clearTimeout(timer))
  if (!reply)
    throw new HookFailure('timeout', 'no-answer-in-time', `no answer from ${stage.module.manifest.name} in time`)
  const sent = parse(HookReply, sentAndBack(reply), 'the reply')
  return 'stream' in sent ? { ...sent, parts: streams.take(sent.stream) } : sent
}

/** In parts, each checked as it is taken. */
const holdStreams = (spec: HookSpec) => {
  const held = new Map<string, AsyncIterable<unknown>>()
  return {
    keep: (parts: AsyncIterable<unknown>) => {
      const name = `s${held.size}`
      held.set(name, parts)
      return name
    },
    close: async () => {},
    async *take(name: string) {
      for await (const part of held.get(name) ?? []) yield fitting(spec, sentAndBack(part ?? null))
    },
  }
}

const checked = ({ spec, args }: One, value: unknown, names: readonly string[] | undefined): unknown => {
  if (spec.mode !== 'pipeline') return fitting(spec, value)
  const isChange = typeof value === 'object' && value !== null && ('replace' in value || 'patch' in value)
  if (!isChange)
    throw new HookFailure('invalid', 'answer-invalid', `the answer to ${spec.name} is neither {replace} nor {patch}`)
  fitting(spec, fold(args, value as PipelineAnswer, names))
  return value
}

const fitting = ({ answer, name }: HookSpec, value: unknown): unknown => {
  try {
    return parse(answer, value, `the answer to ${name}`)
  } catch (error) {
    if (error instanceof Misfit) throw new HookFailure('invalid', 'answer-invalid', error.message)
    throw error
  }
}
