import {
  Bye,
  Dead,
  Heartbeat,
  type HttpAnswer,
  type HttpCall,
  type JobView,
  type LogLevel,
  type LogLevelTaken,
  type Manifest,
  type ModuleState,
  type ModuleView,
  type PermissionsView,
  parseJson,
  subjectsOf,
} from '@recyclique/contracts'
import { refuse } from '../errors.ts'
import { openWishes } from '../wishes/wishes.ts'
import { openAccess } from './access.ts'
import { openAnnounce } from './announce.ts'
import { callHttp, type OpenedAnswer, openHttp } from './call-http.ts'
import { openComplaints } from './complaints.ts'
import { openConfigs } from './configs.ts'
import { openDeadHands } from './dead-hands.ts'
import { type DeadLetters, openDeadLetters } from './dead-letters.ts'
import { openDoor } from './door.ts'
import { durableKeeper } from './durables.ts'
import { type Errand, runErrand } from './errand.ts'
import { giveAgain } from './give-again.ts'
import { inTurns } from './in-turns.ts'
import { openLifecycle } from './lifecycle.ts'
import { setLogLevel } from './log-level.ts'
import { openLongAnswers } from './long-answers.ts'
import { openNews } from './news.ts'
import { openOnlookers } from './onlookers.ts'
import { openOrders } from './orders.ts'
import { openPageBundles } from './page-bundles.ts'
import type { RegistryParts, Shared } from './parts.ts'
import type { Instance } from './party.ts'
import { openPermissions } from './permissions.ts'
import { permissionsViewOf } from './permissions-view.ts'
import { openRoster } from './roster.ts'
import { openRounds } from './rounds.ts'
import { openServices } from './services.ts'
import { type ConfigOrders, openConfigOrders } from './set-config.ts'
import { settler } from './settle.ts'
import type { Mark } from './standing.ts'
import { openStandings } from './standings.ts'
import { openTell } from './tell.ts'
import type { Unasked } from './unasked.ts'
import { manifestOf } from './view.ts'
import { openViews } from './views.ts'
import { openWanted, type Wanted } from './wanted.ts'

export type { RegistryParts } from './parts.ts'

/**
 * Which modules are there, which processes of each, what they are asked, and where their facts wait.
 *
 * It only hears and answers: at the start nothing is asked of anybody. Modules announce themselves, and who lives on from an earlier kernel is
 * asked to, once its heartbeat is heard.
 */
export interface Registry {
  list(): Promise<ModuleView[]>
  /** One module with its last transitions; undefined for a name that nobody knows. */
  view(name: string): Promise<ModuleView | undefined>
  /** Refuses with `module-unknown` or `module-unavailable`. */
  callHttp(module: string, call: HttpCall): Promise<HttpAnswer>
  /** The same with an answer of any length: a long one comes as a stream. */
  openHttp(module: string, call: HttpCall): Promise<OpenedAnswer>
  /** The operator ordered something of this module, and the ledger has it: now it is done. */
  ordered(module: string): Promise<void>
  /** Where each module stands, at once and without its details. */
  states(): { readonly name: string; readonly state: ModuleState; readonly reasons: readonly string[] }[]
  /** Answers of modules at work to questions that nobody declares. */
  unasked(): readonly Unasked[]
  /** Whom the operator marked, and for which hook. */
  marks(): readonly Mark[]
  /** What a module asks for, and what was decided about it; all of it empty for a name that nobody knows. */
  permissions(name: string): PermissionsView
  /** Lets a name onto the bus that has no keys yet, or whose account the server has lost. False where the server knows no keys of ours. */
  admit(module: string): Promise<boolean>
  /** Takes a name from the bus for good: its credentials are worth nothing from now on. What was decided is forgotten by then. */
  remove(module: string): Promise<void>
  /** Does this module's manifest say that it asks this hook? */
  mayAsk(module: string, hook: string): boolean
  /** The facts that modules could not take. */
  readonly deadLetters: DeadLetters
  /** Has one process of a module do something. Rejects as `runErrand` does. */
  errand(errand: Errand): Promise<unknown>
  /** The manifests of the modules at work: those that a process stands behind. */
  manifests(): readonly Manifest[]
  /** What a module wants to be called for, and when. */
  jobsOf(module: string): Promise<JobView[]>
  /** What is set for each module. */
  readonly configs: ConfigOrders
  /** The installation's list of modules, as it is handed over. */
  readonly wanted: Wanted
  /** How much the processes of a module write, until they end. Refuses with `module-unknown`. */
  setLogLevel(module: string, level: LogLevel): Promise<LogLevelTaken>
  /** A breaker of this module changed. */
  guardChanged(module: string): void
  close(): Promise<void>
}

/** One of several kernels answers. */
const QUEUE = 'kernel'

export const openRegistry = async (parts: RegistryParts): Promise<Registry> => {
  const { bus } = parts
  const subjects = subjectsOf(parts.site)
  const roster = openRoster()
  const [standings, permissions] = await Promise.all([openStandings(parts), openPermissions(parts)])
  const configs = await openConfigs(parts)
  const [inTurn, settling] = [inTurns(), inTurns()]
  const onlookers = openOnlookers({ ...parts, roster, subjects })
  const settled = settler({ ...parts, roster, standings }, settling)
  const settle: Shared['settle'] = (name, instance) => {
    onlookers.revise()
    settled(name, instance)
  }
  const shared: Shared = { ...parts, roster, standings, permissions, configs, subjects, settle }
  const access = openAccess(shared)
  const complaints = openComplaints(shared)
  const door = openDoor({ complaints, now: parts.now })
  const { letters, buried } = openDeadLetters({
    ...shared,
    giveAgain: (module, fact) => giveAgain(shared, module, fact),
  })
  const bury = (module: string, dead: Omit<Dead, 'instance'>) => buried(module, { instance: 'unknown', ...dead })
  const durables = await durableKeeper({ ...shared, bury })
  const lifecycle = openLifecycle(shared)
  const orders = openOrders(shared, lifecycle, access)
  const tells = openTell({ ...shared, complaints })
  const news = openNews(shared)
  const pages = openPageBundles({ ...shared, shelf: parts.shelf })
  const { announced, refused, enrol } = openAnnounce({
    ...{ ...shared, lifecycle, durables, access, inTurn, pages },
    tell: news.tell,
  })
  const views = openViews({ ...shared, durables })
  const deadHands = openDeadHands({ ...shared, died: (module) => durables.died(inTurn, module) })
  const rounds = openRounds({ ...shared, lifecycle, durables, deadHands, complaints, inTurn })
  const wishes = openWishes({ ...shared, door, complaints })
  const at = () => parts.now().toISOString()
  const calling = { bus, roster, subjects, now: parts.now, longAnswers: openLongAnswers(shared) }
  const refuseWithheld = (module: string) => {
    if (permissions.isWithheld(module, 'routes'))
      refuse('module-unavailable', { module, why: 'an operator withholds its routes' })
  }

  const heartbeat = (module: string, text: string) => {
    const beat = parseJson(Heartbeat, text, 'heartbeat')
    const before = roster.find(module, beat.instance)?.state
    const isKnown = roster.beat(module, beat, at())
    if (isKnown && before === 'suspect') settle(module, beat.instance)
    const party = roster.partyWith(module, beat.instance)
    const instance = party?.instances.get(beat.instance)
    if (isKnown && party && instance && !lifecycle.mayHaveMissed(party, instance)) return
    bus.say(subjects.toModule(module, beat.instance, 'control', 'announce'), '')
  }

  const bye = (module: string, text: string) => {
    const { instance, phase } = parseJson(Bye, text, 'bye')
    if (phase === 'draining') return lifecycle.drain(module, instance)
    lifecycle.end(module, instance, 'gone', false)
    deadHands.ended(module, instance, false)
  }

  /** Who said goodbye before did not die. */
  const disconnected = ({ module, instance }: { module: string; instance: string }) => {
    const isDeath = lifecycle.end(module, instance, 'gone', roster.find(module, instance)?.state !== 'draining')
    deadHands.ended(module, instance, isDeath)
  }

  /** Answered when it is on disk; where that fails it is not, and the module tries the fact again. */
  const dead = async (module: string, text: string): Promise<string> => {
    await buried(module, parseJson(Dead, text, 'dead'))
    return ''
  }

  const stops = [
    bus.serve(subjects.everyModule('announce'), door.asked('announce', announced, refused), QUEUE),
    bus.serve(subjects.everyModule('dead'), door.asked('dead', dead), QUEUE),
    bus.serve(
      subjects.everyModuleNamed('tell'),
      (heard) => door.letIn('tell', heard, () => tells.told(heard), tells.tooOften),
      QUEUE,
    ),
    bus.serve(subjects.everyModule('heartbeat'), door.told('heartbeat', heartbeat)),
    bus.serve(subjects.everyModule('bye'), door.told('bye', bye)),
    bus.onDisconnect(disconnected),
    openServices({ ...shared, complaints }),
    news.hear({ ...shared, lifecycle, inTurn, orders, enrol, pages }),
  ]

  const configOrders = openConfigOrders({ ...shared, sayToAll: lifecycle.sayToAll, tell: news.tell })
  const ordered = async (module: string): Promise<void> => {
    await inTurn(module, () => orders.carryOut(module))
    news.tell({ is: 'ordered', module })
  }
  const manifestFor = (module: string) => manifestOf(roster.families.get(module))

  return {
    ...views,
    deadLetters: letters,
    configs: configOrders,
    wanted: openWanted({ ...shared, orders: configOrders, manifestFor, ordered }),
    ordered,
    setLogLevel: (module, level) => setLogLevel(shared, module, level),
    async callHttp(module, call) {
      refuseWithheld(module)
      return callHttp(calling, module, call)
    },
    async openHttp(module, call) {
      refuseWithheld(module)
      return openHttp(calling, module, call)
    },
    errand: (errand) => runErrand({ ...shared }, errand),
    manifests: () =>
      roster
        .all()
        .filter(({ place, instances }) => place === 'in' && [...instances.values()].some(isThere))
        .map(({ manifest }) => manifest),
    jobsOf: wishes.jobsOf,
    permissions: (name) =>
      permissionsViewOf({
        ...{ name, policy: permissions.policy, blocked: standings.of(name).blocked !== undefined },
        ...{ family: roster.families.get(name), permissions: permissions.of(name) },
      }),
    async admit(module) {
      await inTurn(module, () => access.open(module))
      return parts.grants?.accounts !== undefined
    },
    async remove(module) {
      await permissions.reload()
      await inTurn(module, () => access.remove(module))
      news.tell({ is: 'ordered', module })
    },
    marks: standings.marks,
    mayAsk: (module, hook) => roster.inside(module).some(({ manifest: { asks = [] } }) => asks.includes(hook)),
    guardChanged: (module) => settle(module),
    async close() {
      rounds.stop()
      onlookers.stop()
      deadHands.stop()
      await wishes.close()
      for (const stop of stops) stop()
      await inTurn.idle()
      await pages.close()
      await rounds.idle()
      await settling.idle()
    },
  }
}

const isThere = ({ state }: Instance): boolean => state !== 'gone'
