import type {
  ArgsOf,
  CommandResult,
  DataOf,
  FactSpec,
  GivenBy,
  Health,
  HookSpec,
  KeptFact,
  ResultOf,
  Retried,
} from '@recyclique/contracts'
import { type Logger, pino } from 'pino'
import { HookFailure } from '../answering.ts'
import { checkComplete, type Module } from '../define-module.ts'
import { failureFrom, faultOf } from '../faults.ts'
import { healthOf } from '../start-module.ts'
import { type Asked, askOne } from './ask.ts'
import { type AnswerApi, openApi } from './call-api.ts'
import { commandOf, type Doing, jobOf, type RunSaid, toolOf } from './errand.ts'
import { type Gate, openGate } from './gate.ts'
import { Unwished } from './grant.ts'
import { openJobs, type Scheduled } from './keep-jobs.ts'
import { openKv } from './keep-kv.ts'
import { openTold, type Told } from './keep-told.ts'
import { factMaker, type HeadSaid } from './make-fact.ts'
import { type Replayed, replayFile } from './replay.ts'
import { type Reply, requestOf, type Sent } from './request.ts'
import { openStage, sentAndBack } from './stage.ts'
import { type Dead, openTakes, type Taking } from './take.ts'
import { wrapOne } from './wrap.ts'

export interface RehearsalOptions {
  /** When the facts of `hear` were kept, and how long keys and values last; the clock where nothing is said. */
  readonly now?: () => Date
  /** The module's log; silent where nothing is said. */
  readonly log?: Logger
  /** What the kernel answers where the module asks a hook itself. Nobody is there where nothing is said. */
  readonly asked?: (hook: string, args: Readonly<Record<string, unknown>>) => unknown
  /** What the kernel's API answers, where the manifest allows the call. */
  readonly api?: AnswerApi
}

/** A module that runs in memory: every verb gives its handlers what a kernel would give them, and judges what they do as a kernel would. */
export interface Rehearsal {
  /** A fact with these data; resolves once it is taken, and rejects with what the handler threw. */
  hear<F extends FactSpec>(spec: F, data: DataOf<F>, head?: HeadSaid): Promise<void>
  /** A whole fact, and what becomes of it. Given a second time it comes a second time. */
  take(fact: KeptFact): Promise<Taking>
  /** Makes a fact for `take`. */
  fact<F extends FactSpec>(spec: F, data: DataOf<F>, head?: HeadSaid): KeptFact<DataOf<F>>
  /** A fact from the dead letters, once more. */
  retry(fact: KeptFact): Promise<Retried>
  /** All facts of a file that `recyclique facts record` wrote. */
  replay(file: string): Promise<Replayed>
  /** A question; null for no answer. Throws a `HookFailure` with the kind and the code that a caller would read. */
  ask<H extends HookSpec>(spec: H, args: ArgsOf<H>, asked?: Asked): Promise<GivenBy<H> | null>
  /** A question that the module wraps, with what stands inside it; gives what the caller gets. */
  wrap<H extends HookSpec>(
    spec: H,
    args: ArgsOf<H>,
    inside: () => ResultOf<H> | Promise<ResultOf<H>>,
    asked?: Asked,
  ): Promise<ResultOf<H>>
  /** A request; `path` is what stands behind `/m/<module>`, with its query. */
  request(method: string, path: string, sent?: Sent): Promise<Reply>
  /** A command, with its words and options by name. Throws a `HookFailure` for the module's no, and for words that the manifest does not list. */
  command(name: string, args?: Readonly<Record<string, string>>, doing?: Doing): Promise<CommandResult>
  /** A tool with its own handler, or one that stands for a route. */
  tool(name: string, input?: Readonly<Record<string, unknown>>, doing?: Doing): Promise<unknown>
  /** A run of a job, with the data and the attempts of what is set under `id`; rejects with what the handler threw. */
  job(name: string, run?: RunSaid): Promise<void>
  /** What is set for jobs, the manifest's own time tables among it. */
  readonly scheduled: readonly Scheduled[]
  health(): Promise<Health>
  /** What the module told, in order. */
  readonly told: readonly Told[]
  /** The facts that went to the dead letters. */
  readonly dead: readonly Dead[]
}

/**
 * Runs a module's handlers without a kernel and without a bus: arguments are those that the manifest lists, answers are checked against
 * the hook, wrappers proceed exactly once, deadlines end, facts are numbered, what is told, kept, set and called must stand in the manifest.
 *
 * Throws a `ModuleError` at once where manifest and code differ, as the start does.
 */
export const rehearse = (module: Module, options: RehearsalOptions = {}): Rehearsal => {
  checkComplete(module)
  const { now = () => new Date(), log = pino({ level: 'silent' }) } = options
  const gates = new Map<string, Gate>()
  let position = module.store?.position ?? 0
  const nextPosition = () => ++position
  const told = openTold(module.manifest, nextPosition)
  const kv = openKv(module.manifest, now)
  const jobs = openJobs(module.manifest)
  const api = openApi(module.manifest, options.api ?? noApi)
  const stage = openStage(module, log, async (verb, rest, text) => {
    if (verb === 'tell') return told.answer(rest, text)
    if (verb === 'kv') return kv(rest, text)
    if (verb === 'job') return jobs.answer(rest, text)
    if (verb === 'api') return api(rest, text)
    if (verb === 'proceed') return gates.get(rest)?.proceed() ?? {}
    // Before the hook's name stands which kernel is asked.
    return answerOf(options.asked, rest.split('.').slice(1).join('.'), text)
  })
  module.tells.start(stage, stage.work.signalFor(Number.POSITIVE_INFINITY))
  module.wishes.start(stage)
  const takes = openTakes(stage)
  const fact = factMaker(nextPosition, now)

  return {
    fact,
    take: takes.take,
    retry: takes.retry,
    told: told.told,
    dead: takes.dead,
    hear: async (spec, data, head) => {
      const taking = await takes.take(fact(spec, data, head))
      if (taking.is === 'unheard')
        throw new TypeError(`the bus would not bring this ${spec.name}: see 'hears' in manifest.json`)
      if (taking.is === 'again' || taking.is === 'dead') throw taking.error
    },
    replay: (file) => replayFile(takes, file),
    ask: async (spec, args, asked = {}) => (await askOne(stage, { spec, args, asked })) as never,
    wrap: async (spec, args, inside, asked = {}) => {
      const ticket = `t-${gates.size}`
      const run = () => asModules(inside)
      const gate = openGate(stage.subjects.proceed(module.manifest.name, 'rehearsal', ticket), run)
      gates.set(`rehearsal.${ticket}`, gate)
      return (await wrapOne(stage, { spec, args, asked, gate, inside: run })) as never
    },
    request: (method, path, sent) => requestOf(stage, method, path, sent),
    command: (name, args = {}, doing = {}) => commandOf(stage, name, args, doing),
    tool: (name, input = {}, doing = {}) => toolOf(stage, name, input, doing),
    job: (name, run = {}) => jobOf(stage, jobs, name, run, now()),
    get scheduled() {
      return jobs.all()
    },
    health: () => healthOf(module),
  }
}

/** Said at once, since nobody would ever answer. */
const noApi: AnswerApi = () => {
  throw new Unwished('unknown', "There is no API of a kernel in a rehearsal: say 'api' in the test.")
}

/** What stands inside are other modules: an error of theirs is one that the kernel has read. */
const asModules = async (inside: () => unknown): Promise<unknown> => {
  try {
    return await inside()
  } catch (error) {
    throw error instanceof HookFailure ? error : failureFrom(faultOf(error))
  }
}

const answerOf = async (asked: RehearsalOptions['asked'], hook: string, text: string): Promise<object> => {
  const { args } = JSON.parse(text) as { args: Readonly<Record<string, unknown>> }
  try {
    if (!asked) throw new HookFailure('unavailable', 'nobody-there', `nobody answers ${hook}: say 'asked' in the test`)
    return { v: sentAndBack(await asked(hook, args)) ?? null }
  } catch (error) {
    return { error: faultOf(error) }
  }
}
