import type { Logger } from 'pino'
import type { ControlSettings } from '../control-settings.ts'
import type { Clock } from '../hooks/clock.ts'
import type { Hooks } from '../hooks/hooks.ts'
import type { TraceSwitch } from '../hooks/trace-switch.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Metrics } from '../metrics.ts'
import type { Shelf } from '../pages/shelf.ts'
import type { Registry } from '../registry/registry.ts'
import type { Read } from '../store/port.ts'
import type { Trouble } from '../trouble.ts'

/** What the routes may reach. Made and joined in main.ts. */
export interface World {
  readonly site: string
  readonly version: string
  readonly ledger: Pick<Ledger, 'append' | 'answerTo' | 'rows' | 'head' | 'onCommit'>
  readonly read: Read
  readonly slowRead: Read
  readonly newId: () => string
  /** The time for budgets and deadlines, and the site's day of an instant. */
  readonly clock: Clock
  readonly dayOf: (instant: Date) => string
  /** The kernel's questions to modules. */
  readonly hooks: Hooks
  /** Has calls written to the log. */
  readonly trace: TraceSwitch
  /** Keyed digest of a command, so that the ledger's hash of it betrays no free text. */
  readonly digest: (text: string) => string
  /** Checks the whole ledger on a thread of its own; long. */
  readonly verify: () => Promise<unknown>
  /** Why the kernel does not do all its work at the moment, or nothing. */
  readonly degradedBy: () => Trouble[]
  readonly relay: () => { state: string; told: number; behind: number; reason?: string }
  readonly modules: Pick<
    Registry,
    | 'list'
    | 'view'
    | 'states'
    | 'callHttp'
    | 'openHttp'
    | 'ordered'
    | 'marks'
    | 'deadLetters'
    | 'configs'
    | 'wanted'
    | 'setLogLevel'
    | 'errand'
    | 'manifests'
    | 'jobsOf'
    | 'permissions'
    | 'admit'
    | 'remove'
  >
  /** The pages of modules, as they lie on this disk. */
  readonly pages?: Pick<Shelf, 'of' | 'all'>
  /** Which control pages answer, and who must be at work; the usual ones where nothing is said. */
  readonly control?: ControlSettings
  readonly metrics: Metrics
  readonly log: Logger
}
