import type { DatabaseSync } from 'node:sqlite'
import {
  argsSchemaOf,
  type DataOf,
  type FactSpec,
  type HookSpec,
  type KeptFact,
  type Manifest,
  outcomeStyle,
} from '@recyclique/contracts'
import type { Logger } from 'pino'
import type { Answer } from './answer.ts'
import type { Answered, AnswerHandler, Asking, HealthHandler, OutcomeHandler, WrapHandler } from './answering.ts'
import type { OpenAtWork } from './at-work.ts'
import { checkConfig } from './check-config.ts'
import type { RunningConfig } from './config.ts'
import type { CommandHandler, Errand, JobHandler, ToolHandler } from './errands.ts'
import { ModuleError } from './errors.ts'
import { type Bundle, listBundle } from './list-bundle.ts'
import { matchPath, type Params, type PathMatcher } from './match-path.ts'
import type { OnceStore } from './once-store.ts'
import { checkPages } from './page-files.ts'
import type { SeeCalls } from './see-calls.ts'
import { openTells, type Tell, type Tells } from './tell.ts'
import { type CallApi, type Kv, openWishes, type Schedule, type Wishes } from './wishes.ts'

/** What a handler of a fact gets besides the fact. */
export interface Hearing {
  /**
   * Commits an effect and this fact's position together, in the store of `keepIn`; false, and no effect, when the fact was applied
   * before. Once a handler. Throws where the module has no store.
   */
  readonly once: (effect: (db: DatabaseSync) => void) => boolean
  /** It could not be taken before, and is given out again on an operator's word: others came in between. */
  readonly isRetry: boolean
  /** Tells a fact of this module's own, in the mode of the fact that is heard. Give a key made from its position: it may come twice. */
  readonly tell: Tell
  readonly log: Logger
  /** Aborts when the process must go and will wait no longer. The fact comes again. */
  readonly signal: AbortSignal
}

/**
 * Takes one fact. When it returns, the fact is done and is acknowledged. When it throws, the same fact comes again after a
 * while, and none behind it before: so it may come twice, and `once` makes that harmless. After nine failures (some six minutes) it goes to
 * the dead letters, and those behind it come; at once when it throws a `DeadLetter`.
 */
export type FactHandler<F extends FactSpec> = (fact: KeptFact<DataOf<F>>, hearing: Hearing) => unknown

/** An HTTP request as a route sees it. The kernel has checked who asks. */
export interface Request {
  readonly method: string
  readonly path: string
  readonly params: Params
  readonly query: Readonly<Record<string, string>>
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

export interface Answering {
  /** Tells a fact of this module's own, within the time that this request has. */
  readonly tell: Tell
  readonly log: Logger
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal
}

/** Answers one request. What it throws is logged, and told as a problem without its insides. */
export type RouteHandler = (request: Request, answering: Answering) => Answer | Promise<Answer>

export interface Heard {
  readonly spec: FactSpec
  readonly handle: FactHandler<FactSpec>
}

export interface Routed {
  readonly method: string
  readonly path: string
  readonly match: PathMatcher
  readonly handle: RouteHandler
}

/** What a module is and does. Plain data: nothing runs until `runModule`. */
export interface Module {
  readonly manifest: Manifest
  readonly heard: ReadonlyMap<string, Heard>
  readonly answered: readonly Answered[]
  readonly routes: readonly Routed[]
  readonly tellsHealth: HealthHandler | undefined
  readonly errands: readonly Errand[]
  readonly sees: SeeCalls | undefined
  readonly tells: Tells
  readonly wishes: Wishes
  readonly store: OnceStore | undefined
  readonly bundle: Bundle | undefined
  readonly config: RunningConfig | undefined
  readonly opensAtWork: OpenAtWork | undefined
}

/** Which line of `answers` in the manifest this is, where the module has several for one hook. */
export interface Named {
  readonly handler?: string
}

export interface ModuleBuilder extends Module {
  /** Hears a fact that the manifest lists. One handler a fact. */
  hear<F extends FactSpec>(spec: F, handle: FactHandler<F>): ModuleBuilder
  /** Answers a question that the manifest lists. */
  answer<H extends HookSpec>(spec: H, handle: AnswerHandler<H>, named?: Named): ModuleBuilder
  /** Stands around a question; the manifest says `isWrapper`. */
  wrap<H extends HookSpec>(spec: H, handle: WrapHandler<H>, named?: Named): ModuleBuilder
  /** The same in the style that is given an outcome. */
  wrapOutcome<H extends HookSpec>(spec: H, handle: OutcomeHandler<H>, named?: Named): ModuleBuilder
  /** How the process says that it is; always well where nothing is said. */
  health(tell: HealthHandler): ModuleBuilder
  /** Looks on at the calls of the hooks that the manifest lists under `observes`, some time after they are over. */
  observe(handle: SeeCalls): ModuleBuilder
  /** Answers under `/m/<module><path>` what the manifest lists. `:name` in a path stands for one segment. */
  route(method: string, path: string, handle: RouteHandler): ModuleBuilder
  /** A command of the hand, as the manifest lists it: `recyclique <module> <name>`. */
  command(name: string, handle: CommandHandler): ModuleBuilder
  /** A tool for assistants, as the manifest lists it. */
  tool(name: string, handle: ToolHandler): ModuleBuilder
  /** What is done at a time, as the manifest lists it. */
  job(name: string, handle: JobHandler): ModuleBuilder
  /** Keys and values that the kernel keeps for this module. */
  readonly kv: Kv
  /** When jobs are to be called, beside the manifest's own time tables. */
  readonly schedule: Schedule
  /** The kernel's API, used as this module. */
  readonly api: CallApi
  /**
   * Hands the folder's files over to the kernel, which serves them under `/m/<module>/`, without this process and without NATS as
   * well. Read at once: what changes in it later is handed over at the next start.
   */
  pages(folder: string): ModuleBuilder
  /** What can be set for it: see `openConfig`. The manifest says the same. */
  configure(config: RunningConfig): ModuleBuilder
  /** What is open while the module is at work, beside its handlers: a listener, a connection. See `OpenAtWork`. */
  whileAtWork(open: OpenAtWork): ModuleBuilder
  /** Tells a fact of this module's own outside of any handler; waits until the module runs. */
  readonly tell: Tell
  /** The store of `once`. Its position is told at each announce, so that the facts go on right behind it. */
  keepIn(store: OnceStore): ModuleBuilder
}

/**
 * Begins a module from its manifest. Throws a `ModuleError` as soon as the code does what the manifest does not say; that all of
 * the manifest is there is checked at the start.
 */
export const defineModule = (manifest: Manifest): ModuleBuilder =>
  build({
    ...{ manifest, heard: new Map(), answered: [], routes: [], errands: [], tellsHealth: undefined, store: undefined },
    ...{ bundle: undefined, config: undefined, opensAtWork: undefined },
    sees: undefined,
    tells: openTells(manifest),
    wishes: openWishes(),
  })

const build = (module: Module): ModuleBuilder => ({
  ...module,
  hear(spec, handle) {
    const { name } = spec
    if (!module.manifest.hears?.includes(name)) throw new ModuleError('hears-undeclared', { fact: name })
    if (module.heard.has(name)) throw new ModuleError('hears-twice', { fact: name })
    return build({ ...module, heard: new Map(module.heard).set(name, { spec, handle: handle as Heard['handle'] }) })
  },
  answer: (spec, handle, named) =>
    build(withAnswer(module, spec, { named, isWrapper: false, run: (args, _, asking) => handle(args, asking) })),
  wrap: (spec, handle, named) =>
    build(withAnswer(module, spec, { named, isWrapper: true, run: handle as Answered['run'] })),
  wrapOutcome: (spec, handle, named) =>
    build(
      withAnswer(module, spec, { named, isWrapper: true, run: inOutcomeStyle(handle as OutcomeHandler<HookSpec>) }),
    ),
  health(tell) {
    if (module.tellsHealth) throw new ModuleError('health-twice')
    return build({ ...module, tellsHealth: tell })
  },
  observe(handle) {
    if (!module.manifest.observes?.length) throw new ModuleError('observes-undeclared')
    if (module.sees) throw new ModuleError('observes-twice')
    return build({ ...module, sees: handle })
  },
  route(method, path, handle) {
    const route = `${method} ${path}`
    if (!declaredRoutes(module.manifest).includes(route)) throw new ModuleError('route-undeclared', { route })
    if (codedRoutes(module).includes(route)) throw new ModuleError('route-twice', { route })
    return build({ ...module, routes: [...module.routes, { method, path, match: matchPath(path), handle }] })
  },
  command: (name, run) => build(withErrand(module, { verb: 'command', name, run })),
  tool: (name, run) => build(withErrand(module, { verb: 'tool', name, run })),
  job: (name, run) => build(withErrand(module, { verb: 'job', name, run: run as Errand['run'] })),
  pages(folder) {
    if (module.bundle) throw new ModuleError('pages-twice')
    return build({ ...module, bundle: listBundle(folder) })
  },
  configure(config) {
    if (module.config) throw new ModuleError('config-twice')
    return build({ ...module, config })
  },
  whileAtWork(open) {
    if (module.opensAtWork) throw new ModuleError('at-work-twice')
    return build({ ...module, opensAtWork: open })
  },
  ...{ tell: module.tells.tell, kv: module.wishes.kv, schedule: module.wishes.schedule, api: module.wishes.api },
  keepIn(store) {
    if (module.manifest.order === 'none') throw new ModuleError('store-disorder')
    return build({ ...module, store })
  },
})

const withErrand = (module: Module, errand: Errand): Module => {
  const { verb, name } = errand
  if (!declaredErrands(module.manifest).some((one) => one.verb === verb && one.name === name))
    throw new ModuleError('errand-undeclared', { verb, name })
  if (module.errands.some((one) => one.verb === verb && one.name === name))
    throw new ModuleError('errand-twice', { verb, name })
  return { ...module, errands: [...module.errands, errand] }
}

/** A tool that stands for a hook or a route has no handler of its own. */
const declaredErrands = ({ commands = [], tools = [], jobs = [] }: Manifest): Pick<Errand, 'verb' | 'name'>[] => [
  ...commands.map(({ name }) => ({ verb: 'command' as const, name })),
  ...tools
    .filter(({ hook, route }) => hook === undefined && route === undefined)
    .map(({ name }) => ({ verb: 'tool' as const, name })),
  ...jobs.map(({ name }) => ({ verb: 'job' as const, name })),
]

const inOutcomeStyle =
  (handle: OutcomeHandler<HookSpec>): Answered['run'] =>
  (args, proceed, asking) =>
    outcomeStyle(([args, asking]: [never, Asking], inner) => handle(args, inner, asking))([args, asking], proceed)

type Handling = Pick<Answered, 'isWrapper' | 'run'> & { readonly named: Named | undefined }

const withAnswer = (module: Module, spec: HookSpec, { named, isWrapper, run }: Handling): Module => {
  const { name: hook } = spec
  const handler = named?.handler ?? hook
  const said = module.manifest.answers?.find((one) => one.hook === hook && (one.handler ?? one.hook) === handler)
  if (!said) throw new ModuleError('answers-undeclared', { hook, handler })
  if (isAnswered(module, { hook, handler })) throw new ModuleError('answers-twice', { hook, handler })
  if (isWrapper !== (said.isWrapper ?? false))
    throw new ModuleError(isWrapper ? 'wraps-as-answer' : 'answers-as-wrapper', { hook })
  const one: Answered = { spec, handler, isWrapper, argsSchema: argsSchemaOf(spec, said.args), run }
  return { ...module, answered: [...module.answered, one] }
}

const isAnswered = ({ answered }: Module, { hook, handler }: { hook: string; handler: string }): boolean =>
  answered.some((one) => one.spec.name === hook && one.handler === handler)

/** Throws a `ModuleError` where the manifest promises what the code does not do. */
export const checkComplete = (module: Module): void => {
  const { manifest, heard } = module
  for (const fact of manifest.hears ?? []) if (!heard.has(fact)) throw new ModuleError('hears-nothing', { fact })
  for (const { hook, handler = hook } of manifest.answers ?? []) {
    if (!isAnswered(module, { hook, handler })) throw new ModuleError('answers-nothing', { hook, handler })
  }
  if (manifest.observes?.length && !module.sees) throw new ModuleError('observes-nothing')
  for (const { verb, name } of declaredErrands(manifest)) {
    if (!module.errands.some((one) => one.verb === verb && one.name === name))
      throw new ModuleError('errand-nothing', { verb, name })
  }
  for (const route of declaredRoutes(manifest)) {
    if (!codedRoutes(module).includes(route)) throw new ModuleError('route-nothing', { route })
  }
  checkPages(module)
  checkConfig(module)
}

const declaredRoutes = ({ routes = [] }: Manifest): string[] => routes.map(spelled)
const codedRoutes = ({ routes }: Module): string[] => routes.map(spelled)
const spelled = ({ method, path }: { method: string; path: string }): string => `${method} ${path}`
