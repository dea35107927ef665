import type { HttpAnswer, HttpCall, ModuleView } from '@recyclique/contracts'
import type { Logger } from 'pino'
import type { Ledger } from '../ledger/ledger.ts'
import type { Metrics } from '../metrics.ts'
import type { Read } from '../store/port.ts'

/** What the routes may reach. Made and joined in main.ts. */
export interface World {
  readonly site: string
  readonly version: string
  readonly ledger: Pick<Ledger, 'append' | 'rows' | 'head' | 'onCommit'>
  readonly read: Read
  readonly slowRead: Read
  readonly newId: () => string
  /** Keyed digest of a command, so that the ledger's hash of it betrays no free text. */
  readonly digest: (text: string) => string
  /** Checks the whole ledger on a thread of its own; long. */
  readonly verify: () => Promise<unknown>
  /** Why facts are not told at the moment, or nothing. */
  readonly degradedBy: () => string[]
  readonly relay: () => { state: string; told: number; behind: number; reason?: string }
  readonly modules: {
    list(): Promise<ModuleView[]>
    callHttp(module: string, call: HttpCall): Promise<HttpAnswer>
  }
  readonly metrics: Metrics
  readonly log: Logger
}
