import { randomUUID } from 'node:crypto'
import {
  CommandResult,
  type ErrandCall,
  ErrandReply,
  type ErrandVerb,
  type Manifest,
  Misfit,
  type ModuleCommand,
  type ModuleTool,
  objectSchemaFrom,
  parse,
} from '@recyclique/contracts'
import { Type } from '@sinclair/typebox'
import { HookFailure } from '../answering.ts'
import { replyToErrand } from '../errands.ts'
import { failureFrom } from '../faults.ts'
import type { Jobs } from './keep-jobs.ts'
import { requestOf } from './request.ts'
import { type Stage, sentAndBack } from './stage.ts'

/** For whom something is done, and how long anybody waits for it; what the kernel gives where nothing is said. */
export interface Doing {
  readonly actor?: string
  readonly withinMs?: number
}

/** Which run of a job. Without an `id` that is set, the data are those that are given. */
export interface RunSaid {
  readonly id?: string
  readonly data?: unknown
  readonly attempt?: number
  readonly dueAt?: Date
  readonly withinMs?: number
}

/** As long as the kernel waits. */
const COMMAND_WITHIN_MS = 120_000
const TOOL_WITHIN_MS = 20_000
const RUN_WITHIN_MS = 60_000
const ACTOR = 'user:rehearsal'

type Words = Readonly<Record<string, string>>
type Input = Readonly<Record<string, unknown>>

/** The text for who typed it, alone or with files. Throws a `HookFailure` with the kind and the code that the module's own code, or the kernel, says no with. */
export const commandOf = async (stage: Stage, name: string, args: Words, doing: Doing): Promise<CommandResult> => {
  const command = declared(stage, 'commands', name)
  checkWords(command, args)
  const { actor = ACTOR, withinMs = COMMAND_WITHIN_MS } = doing
  const said = await errandOf(stage, { verb: 'command', name, withinMs, call: { args, actor } })
  return resultOf(name, said)
}

/** Anything that is neither text nor text with files is shown as it is. A file that cannot be written anywhere is the module's failure. */
const resultOf = (name: string, said: unknown): CommandResult => {
  if (typeof said !== 'string' && !(typeof said === 'object' && said !== null && 'files' in said))
    return JSON.stringify(said, undefined, 2)
  try {
    return parse(CommandResult, said, `what ${name} gave`)
  } catch (error) {
    throw error instanceof Misfit ? new HookFailure('invalid', 'result-invalid', error.message) : error
  }
}

/** What an assistant reads: from the tool's handler, or from the route that it stands for. One that stands for a hook is asked with `ask`. */
export const toolOf = async (stage: Stage, name: string, input: Input, doing: Doing): Promise<unknown> => {
  const tool = declared(stage, 'tools', name)
  if (tool.hook !== undefined) throw new TypeError(`the tool '${name}' stands for the hook ${tool.hook}: ask that one`)
  checkInput(tool, input)
  const { actor = ACTOR, withinMs = tool.timeoutMs ?? TOOL_WITHIN_MS } = doing
  if (tool.route !== undefined) return overRoute(stage, tool.route, input, actor)
  return errandOf(stage, { verb: 'tool', name, withinMs, call: { args: input, actor } })
}

/** One run. Rejects with what the kernel would note down as its error; then it is set still, as it was. */
export const jobOf = async (stage: Stage, jobs: Jobs, name: string, said: RunSaid, now: Date): Promise<void> => {
  const { timeoutMs = RUN_WITHIN_MS } = declared(stage, 'jobs', name)
  const set = jobs.find(said.id ?? `manifest:${name}`)
  if (set && set.job !== name) throw new TypeError(`under the id '${set.id}' the job '${set.job}' is set`)
  const { id = set?.id ?? randomUUID(), data = set?.data ?? null, withinMs = timeoutMs } = said
  const { attempt = (set?.attempts ?? 0) + 1, dueAt = set?.nextAt === undefined ? now : new Date(set.nextAt) } = said
  const job = { id, dueAt: dueAt.toISOString(), attempt }
  const run = errandOf(stage, { verb: 'job', name, withinMs, call: { args: data, actor: 'kernel', job } })
  const error = await run.then(
    () => undefined,
    (thrown: Error) => thrown,
  )
  // What was set anew meanwhile stands: this run was of the setting before.
  if (set && jobs.find(id) === set) jobs.ran(id, error, now)
  if (error) throw error
}

type Lists = 'commands' | 'tools' | 'jobs'

/** Its line in the manifest. Its absence is the test's own mistake. */
const declared = <L extends Lists>({ module }: Stage, list: L, name: string): NonNullable<Manifest[L]>[number] => {
  const lines = (module.manifest[list] ?? []) as readonly NonNullable<Manifest[L]>[number][]
  const found = lines.find((one) => one.name === name)
  if (!found) throw new TypeError(`the manifest lists no '${name}' under '${list}'`)
  return found
}

type Sent = {
  readonly verb: ErrandVerb
  readonly name: string
  readonly withinMs: number
  readonly call: Pick<ErrandCall, 'args' | 'actor' | 'job'>
}

/** Through the module's own code, as it comes over the bus. */
const errandOf = async (stage: Stage, { verb, name, withinMs, call }: Sent): Promise<unknown> => {
  const whole: ErrandCall = { ...call, callId: randomUUID().slice(0, 18), deadline: Date.now() + withinMs }
  const late = Promise.withResolvers<undefined>()
  const timer = setTimeout(late.resolve, withinMs, undefined)
  const replied = stage.work.during(() => replyToErrand(stage, { verb, name, text: JSON.stringify(whole) }))
  const reply = await Promise.race([replied, late.promise]).finally(() => clearTimeout(timer))
  if (!reply)
    throw new HookFailure('timeout', 'no-answer-in-time', `no answer from ${stage.module.manifest.name} in time`)
  const sent = parse(ErrandReply, sentAndBack(reply), 'the reply')
  if ('v' in sent) return sent.v
  throw failureFrom(sent.error)
}

const overRoute = async (stage: Stage, route: string, input: Input, actor: string): Promise<unknown> => {
  const [method = 'GET', path = '/'] = route.split(' ')
  const query = new URLSearchParams(
    Object.fromEntries(Object.entries(input).map(([key, value]) => [key, wordOf(value)])),
  )
  const headers = { 'recyclique-actor': actor }
  const { status, text } =
    method === 'GET'
      ? await requestOf(stage, method, `${path}?${query}`, { headers })
      : await requestOf(stage, method, path, { headers, json: input })
  if (status >= 400) throw new HookFailure('thrown', `http-${status}`, text.slice(0, 500))
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const wordOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

const checkWords = ({ args: wanted = [], options = [] }: ModuleCommand, args: Words): void => {
  for (const { name, isOptional } of wanted)
    if (!isOptional && args[name] === undefined) throw misfit(`/args/${name} is missing`)
  for (const name of Object.keys(args))
    if (![...wanted, ...options].some((one) => one.name === name)) throw misfit(`/args/${name} is not known here`)
}

const checkInput = ({ input: schema }: ModuleTool, input: Input): void => {
  try {
    parse(schema === undefined ? NO_INPUT : objectSchemaFrom(schema), input, 'the input')
  } catch (error) {
    throw error instanceof Misfit ? misfit(error.message) : error
  }
}

const NO_INPUT = Type.Object({}, { additionalProperties: false })

const misfit = (words: string) => new HookFailure('invalid', 'argument-invalid', words)
