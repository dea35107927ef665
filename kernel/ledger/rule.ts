import type { DataOf, FactSpec, HookSpec, Mode } from '@recyclique/contracts'
import type { Read } from '../store/port.ts'
import type { Change } from '../store/table.ts'
import type { Asked } from './asked.ts'

/** What somebody wants, as it came through the gate. `id` is a fresh UUID for the thing that it may make. */
export interface Command<B = unknown> {
  /** The idempotency key: the same key is the same act. */
  readonly key: string
  /** Keyed digest of route, actor and body: the same key with another digest is a mistake of the caller. */
  readonly digest: string
  readonly actor: string
  readonly id: string
  readonly body: B
  /** What modules were asked about it. No part of the digest: the same act may be asked about in other words on a retry. */
  readonly asked?: Asked
}

/** When a command is decided. `recordedAt` is an instant in UTC, `today` its day in the site's time zone. */
export interface Moment {
  readonly recordedAt: string
  readonly today: string
}

/** A fact that a rule wants kept; the ledger adds position, number, time and hash. */
export interface Draft<F extends FactSpec = FactSpec> {
  readonly spec: F
  readonly data: DataOf<F>
  readonly mode: Mode
  readonly businessDate: string
}

/** Facts for the chain and, apart from it, changes of tables that are never rebuilt (held tickets, personal data). */
export interface Decision {
  readonly facts: readonly Draft[]
  readonly apart?: readonly Change[]
  /** What modules are asked about this decision, where its rule asks: it says what will be kept, and no time and no number. */
  readonly question?: Readonly<Record<string, unknown>>
}

/** Whom a rule asks before its facts are kept, and how long one command may spend on it, however often it asks. Milliseconds. */
export interface Asks {
  readonly hook: HookSpec
  readonly budgetMs: number
}

/**
 * How one kind of command is decided. `load` reads what the decision depends on; `decide` is pure and throws a `Refusal`.
 *
 * Where modules are asked, both run first on what is committed, to know the question; and always inside the write transaction, on
 * the state as the commands before it left it.
 */
export interface Rule<B, S> {
  /** Absent: no module is asked. Else every decision has a `question` for this hook. */
  readonly asks?: Asks
  readonly load: (read: Read, body: B, command: Command<B>) => Promise<S>
  readonly decide: (state: S, command: Command<B>, moment: Moment) => Decision
}

export const draft = <F extends FactSpec>(
  spec: F,
  data: DataOf<F>,
  { mode = 'live', businessDate }: { mode?: Mode; businessDate: string },
): Draft<F> => ({ spec, data, mode, businessDate })
