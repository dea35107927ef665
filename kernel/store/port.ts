import type { Change, Value } from './table.ts'

/** Questions to committed state. SQL stays in the part that both SQLite and PostgreSQL understand, with `?` for each value. */
export interface Read {
  all<R>(sql: string, ...values: Value[]): Promise<R[]>
  /** The first row, or `undefined`. */
  one<R>(sql: string, ...values: Value[]): Promise<R | undefined>
}

/** One write transaction: sees its own changes. */
export interface WriteTransaction extends Read {
  /** Runs `work`; when it throws, all that it changed is undone and the rest of the transaction stands. */
  savepoint<T>(work: () => Promise<T>): Promise<T>
  change(change: Change): Promise<void>
}

/**
 * Where the ledger and its state live.
 *
 * `write` promises: one at a time, all or nothing, and on disk (fsync) when it resolves. It does not retry. When it rejects,
 * nothing of it is kept. `StoreLost` says that the disk itself failed and that the process should end.
 */
export interface Store {
  /** Quick reads (by key), on the caller's thread. */
  readonly read: Read
  /** Long reads (reports, exports), never in the way of a write. */
  readonly slowRead: Read
  write<T>(work: (tx: WriteTransaction) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** The disk or the file failed in a way that no retry mends: full, read-only, torn, gone. */
export class StoreLost extends Error {
  constructor(cause: unknown) {
    super(`the ledger's store failed: ${(cause as Error).message}`, { cause })
    this.name = 'StoreLost'
  }
}
