import type { Announce, ApiAnswer, ApiCall, Subjects } from '@recyclique/contracts'
import type { Bus, Log } from '../bus/port.ts'
import type { Hooks } from '../hooks/hooks.ts'
import type { Kept } from '../ledger/ledger.ts'
import type { Command, Rule } from '../ledger/rule.ts'
import type { Shelf } from '../pages/shelf.ts'
import type { Remote } from '../remote/remote.ts'
import type { Read } from '../store/port.ts'
import type { Change } from '../store/table.ts'
import type { Configs } from './configs.ts'
import type { Roster } from './roster.ts'
import type { Standings } from './standings.ts'

export interface RegistryParts {
  readonly bus: Bus
  readonly site: string
  /** The kernel's name for itself, with its version. */
  readonly kernel: string
  readonly hooks: Hooks
  readonly remote: Remote
  /** The names of all facts that the contracts know. */
  readonly facts: ReadonlySet<string>
  /** The ledger's last position. */
  readonly head: () => number
  readonly read: Read
  /** All or nothing, and on disk when it resolves. */
  readonly write: (changes: readonly Change[]) => Promise<void>
  /** A decision of the kernel's own, or of whom `as` names, on disk when it resolves. Without a key in `as` it bears a fresh one. */
  readonly decide: <B, S>(
    rule: Rule<B, S>,
    body: B,
    as?: Partial<Pick<Command, 'key' | 'digest' | 'actor'>>,
  ) => Promise<Kept>
  /** Where the pages of modules lie; none are shown where nothing is said. */
  readonly shelf?: Shelf
  readonly now: () => Date
  /** The site's. */
  readonly timeZone: () => string
  /** Carries out a request to the kernel's own API, as this module. */
  readonly callApi: (module: string, call: ApiCall) => Promise<ApiAnswer>
  readonly log: Log
  readonly heartbeatMs?: number
  readonly healthMs?: number
  /** Between two looks at what is due. */
  readonly jobsMs?: number
}

/** What the parts of the registry share. */
export interface Shared extends RegistryParts {
  readonly roster: Roster
  readonly standings: Standings
  readonly configs: Configs
  readonly subjects: Subjects
  /** Somebody's state may have changed: it is looked at, and kept where it did. */
  readonly settle: (name: string, instance?: string) => void
}

export interface Speaking {
  readonly speaker: string
  readonly said: Announce
}
