import type { Announce, ApiAnswer, ApiCall, GrantPolicy, Manifest, Subjects } from '@recyclique/contracts'
import type { Bus, Log } from '../bus/port.ts'
import type { Hooks } from '../hooks/hooks.ts'
import type { Kept } from '../ledger/ledger.ts'
import type { Command, Rule } from '../ledger/rule.ts'
import type { Shelf } from '../pages/shelf.ts'
import type { Remote } from '../remote/remote.ts'
import type { Read } from '../store/port.ts'
import type { Change } from '../store/table.ts'
import type { Configs } from './configs.ts'
import type { PermissionBook } from './permissions.ts'
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
  /** Who decides what modules may; where nothing is said, everybody has what the manifest asks for. */
  readonly grants?: Grants | undefined
}

export interface Grants {
  readonly policy: GrantPolicy
  /** Absent on a server that does not know our keys. */
  readonly accounts?: Accounts | undefined
}

/** The modules' accounts on the server. What is decided while it is away is kept, and holds as soon as it is back. */
export interface Accounts {
  /** What it may say from now on, and no more. */
  allow(name: string, rights: readonly string[]): Promise<void>
  rightsOf(name: string): Promise<readonly string[]>
  /** In or out, as far as it is known at all. */
  follow(name: string, isBlocked: boolean): Promise<void>
  admit(name: string): Promise<void>
  /** Its credentials are worth nothing for ever. */
  remove(name: string): Promise<void>
}

/** What the parts of the registry share. */
export interface Shared extends RegistryParts {
  readonly roster: Roster
  readonly standings: Standings
  readonly configs: Configs
  readonly permissions: PermissionBook
  readonly subjects: Subjects
  /** Somebody's state may have changed: it is looked at, and kept where it did. */
  readonly settle: (name: string, instance?: string) => void
}

/** What a process said, with the manifest as it holds here; `whole` is the manifest as it came. */
export type Said = Announce & { readonly whole?: Manifest }

export interface Speaking {
  readonly speaker: string
  readonly said: Said
}
