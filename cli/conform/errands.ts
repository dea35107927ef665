import {
  type ErrandCall,
  type ErrandReply,
  type ErrandVerb,
  type Manifest,
  objectSchemaFrom,
} from '@recyclique/contracts'
import { Fault } from './case.ts'
import { readAs } from './checks.ts'
import { type Back, readErrandReply } from './kernel/asking.ts'
import { bodyOf } from './kernel/played-wishes.ts'
import { sampleOf, type Wish } from './sample.ts'
import type { Player, Stage } from './stage.ts'

/** A command, tool or job of the manifest that the module has a handler for. */
export interface Errand {
  readonly verb: ErrandVerb
  readonly name: string
  /** JSON Schema of the arguments; undefined of a job, whose data are what it was set with. */
  readonly input: object | undefined
  /** What the manifest says that it may take. */
  readonly timeoutMs: number | undefined
}

const TEXT = { type: 'string', minLength: 1 }
const SWITCH = { const: 'true' }

export const errandsOf = ({ commands = [], tools = [], jobs = [] }: Manifest): Errand[] => [
  ...commands.map(({ name, args = [], options = [] }): Errand => {
    const typed = options.map((one) => [one.name, one.value === undefined ? SWITCH : TEXT] as const)
    const properties = Object.fromEntries([...args.map((one) => [one.name, TEXT] as const), ...typed])
    const required = args.filter(({ isOptional }) => !isOptional).map((one) => one.name)
    return { verb: 'command', name, input: { type: 'object', properties, required }, timeoutMs: undefined }
  }),
  ...tools
    // One that stands for a hook or a route is asked as that.
    .filter(({ hook, route }) => hook === undefined && route === undefined)
    .map(
      ({ name, input = { type: 'object' }, timeoutMs }): Errand => ({
        verb: 'tool',
        name,
        input: input as object,
        timeoutMs,
      }),
    ),
  ...jobs.map(({ name, timeoutMs }): Errand => ({ verb: 'job', name, input: undefined, timeoutMs })),
]

/** As the kernel sends it. The deadline is what the manifest says; far where it says nothing. */
export const errandCallOf = (stage: Stage, { verb, name, input, timeoutMs }: Errand, is: Wish['is']): ErrandCall => {
  const nth = stage.nextNth()
  const common = {
    callId: `e-${nth}`,
    deadline: Date.now() + Math.min(timeoutMs ?? Number.POSITIVE_INFINITY, stage.timeoutMs),
  }
  if (verb !== 'job') return { ...common, args: sampleOf(objectSchemaFrom(input), { is, nth }, name), actor: 'conform' }
  const { id = `conform-${nth}`, data = null } = settingOf(stage, name)
  return { ...common, args: data, actor: 'kernel', job: { id, dueAt: new Date().toISOString(), attempt: 1 } }
}

/** Under which id, and with which data, the module itself set this job last. */
const settingOf = ({ wishes }: Stage, job: string): { id?: string; data?: unknown } => {
  const set = wishes.all.findLast(
    ({ said, reply }) =>
      said.verb === 'job' && said.name === 'set' && reply && 'v' in reply && bodyOf(said.text).job === job,
  )
  return set ? (bodyOf(set.said.text) as { id?: string; data?: unknown }) : {}
}

export const spelled = ({ verb, name }: Pick<Errand, 'verb' | 'name'>): string => `${verb} ${name}`

/** Its answer. Throws a `Fault` where none came, or one that is none. */
export const mustReply = (stage: Stage, { process }: Player, back: Back, what: string): ErrandReply => {
  if (process.end)
    throw new Fault(`it ${process.end.words} at ${what}`, 'What it is told to do must never end the process.')
  if (back === 'nobody')
    throw new Fault(
      `nobody hears …<instance>.${what.replace(' ', '.')}`,
      'Subscribe to …<instance>.command.*, …tool.* and …job.* before you announce, as far as the manifest lists some.',
    )
  if (back === 'silence')
    throw new Fault(`${what}: no answer within ${stage.timeoutMs / 1000} s`, `Answer with ${FORM}`)
  const reply = readAs(readErrandReply, back.text, `Reply with ${FORM}`)
  if ('v' in reply && 'error' in reply)
    throw new Fault(`${what}: its answer says v and error at once`, `Reply with ${FORM}`)
  return reply
}

const FORM = 'exactly one of { "v": … } and { "error": { kind, code, message } }.'
