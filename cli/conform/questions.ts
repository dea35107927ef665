import { argsSchemaOf, type HookCall, type HookReply, type HookSpec, parse } from '@recyclique/contracts'
import { Fault } from './case.ts'
import { readAs } from './checks.ts'
import { type Back, readHookReply, readPart } from './kernel/asking.ts'
import { sampleOf, type Wish } from './sample.ts'
import type { Player, Stage } from './stage.ts'
import type { Line } from './story.ts'

/** A question as the kernel asks it, with arguments that fit. The deadline is far: what is quick enough is a case of its own. */
export const callOf = (stage: Stage, { spec, handler, answers }: Line, is: Wish['is']): HookCall => {
  const nth = stage.nextNth()
  const args = sampleOf(argsSchemaOf(spec, answers.args), { is, nth }, spec.name) as HookCall['args']
  return {
    ...{ hook: spec.name, version: spec.version, handler, args, callId: `c-${nth}`, depth: 0, kernel: 'k-conform' },
    deadline: Date.now() + stage.timeoutMs,
    ...(spec.historic ? { seq: nth } : {}),
  }
}

export const ask = (stage: Stage, { asking }: Player, call: HookCall, more: Readonly<Record<string, unknown>> = {}) =>
  asking.hook({ call, more }, stage.timeoutMs)

/** The text of an answer. Throws a `Fault` where none came. */
export const mustAnswer = (
  stage: Stage,
  { process }: Player,
  back: Back,
  hook: string,
): { text: string; ms: number } => {
  if (process.end)
    throw new Fault(`it ${process.end.words} when it was asked ${hook}`, 'A question must never end the process.')
  if (back === 'nobody')
    throw new Fault(
      `nobody hears …<instance>.hook.${hook}`,
      'Subscribe to rq.<site>.mod.<module>.<instance>.hook.> before you announce.',
    )
  if (back === 'silence')
    throw new Fault(
      `${hook}: no answer within ${stage.timeoutMs / 1000} s`,
      'Answer every question; { "none": true } where there is nothing to say.',
    )
  return back
}

/** Throws a `Fault` unless it is a good answer to a question that was a good one. */
export const mustFit = async (stage: Stage, player: Player, line: Line, text: string): Promise<HookReply> => {
  const reply = readReply(text)
  const { name } = line.spec
  if ('error' in reply && reply.error.kind === 'thrown')
    throw new Fault(
      `${name}: it threw (${reply.error.code}: ${reply.error.message.slice(0, 200)}) although the arguments fit the hook`,
      'Arguments that fit are answered; kind is denied or invalid where you mean it.',
    )
  if ('same' in reply && !line.answers.isWrapper)
    throw new Fault(`${name}: it answers "same", which is a wrapper's word`, 'Answer with "v", "none" or "error".')
  if ('v' in reply) mustBeValue(line, reply.v)
  if ('stream' in reply) await takeParts(stage, player, line, reply.stream)
  return reply
}

export const readReply = (text: string): HookReply => {
  const todo = 'Reply with exactly one of "v", "none", "error", "same", "stream": docs/protocol.md, "Being asked".'
  const reply = readAs(readHookReply, text, todo)
  const said = ['v', 'none', 'error', 'same', 'stream'].filter((one) => one in reply)
  if (said.length > 1) throw new Fault(`its answer says ${said.join(' and ')} at once`, todo)
  return reply
}

const mustBeValue = ({ spec, answers }: Line, value: unknown): void => {
  if (value === null) return
  const check = answers.isWrapper ? resultCheck(spec) : answerCheck(spec)
  readAs(() => check(value), JSON.stringify(value), `docs/schemas/${spec.name}.answer.json has the form of one answer.`)
}

const answerCheck =
  (spec: HookSpec) =>
  (value: unknown): void => {
    if (spec.mode === 'pipeline') mustBeChange(spec, value)
    else parse(spec.answer, value, `the answer to ${spec.name}`)
  }

const mustBeChange = (spec: HookSpec, value: unknown): void => {
  const { replace, patch } = value as { replace?: unknown; patch?: unknown }
  if (replace !== undefined) parse(spec.args, replace, `what it puts in place of the arguments of ${spec.name}`)
  else if (typeof patch !== 'object' || patch === null)
    throw new Error(`a step of ${spec.name} answers { "patch": … } or { "replace": … }`)
}

/** What the whole call gives, since that is what a wrapper returns. */
const resultCheck =
  ({ name, mode, outcome, answer, args }: HookSpec) =>
  (value: unknown): void => {
    if (outcome) parse(outcome, value, `the result of ${name}`)
    else if (mode === 'pipeline') parse(args, value, `the result of ${name}`)
    else if (mode !== 'collect') parse(answer, value, `the result of ${name}`)
    else if (!Array.isArray(value)) throw new Error(`the result of ${name} is a list of answers`)
    else for (const one of value) parse(answer, one, `one answer in the result of ${name}`)
  }

const MOST_PARTS = 10_000

const takeParts = async (stage: Stage, player: Player, { spec }: Line, stream: string): Promise<void> => {
  for (let count = 0; count < MOST_PARTS; count += 1) {
    const back = await player.asking.part(stream, stage.timeoutMs)
    const { text } = mustAnswer(stage, player, back, `part.${stream}`)
    const part = readAs(readPart, text, 'A part is { "v": … }, { "done": true } or { "error": … }.')
    if (!('v' in part)) return
  }
  throw new Fault(`${spec.name}: its answer in parts has no end`, 'End it with { "done": true }.')
}
