import type { Change } from './table.ts'

/** A cell as it was found; `bigint` is a whole number beyond what a column of ours can mean. */
export type Cell = string | number | bigint | null | Uint8Array

/** A row as it was found on disk. `row` may be trusted only where there is no `misfit`. */
export interface Stored<R> {
  readonly row: R
  /** The very bytes of the column that was asked for, decoded by nobody. */
  readonly bytes: Uint8Array
  /** What is not as the table declares it, such as `seq is not a whole number`. */
  readonly misfit: string | undefined
}

/** One row of a table that is not as the replay made it. */
export interface Difference {
  readonly key: Readonly<Record<string, Cell>>
  /** The position that the row speaks of, where it bears one. */
  readonly position: number | undefined
  readonly why: string
}

/** Which rows of an append-only table: from a position on, in order. `bytesOf` names the column whose bytes are wanted. */
export interface Wanted {
  readonly from: bigint
  readonly limit: number
  readonly bytesOf?: string
}

/**
 * What `verify` needs of a store: one frozen view of all that is kept, and an empty place beside it to replay into.
 *
 * All answers speak of the same instant, however much is sold meanwhile, and no seller waits for them. A damaged file shows as
 * an error of the verb that met the damage.
 */
export interface Inspection {
  /** The last position, for showing how far the work has come. */
  last(): Promise<number>
  stored<R>(table: string, wanted: Wanted): Promise<Stored<R>[]>
  /** Carries a change out in the empty place; gives how many rows it touched. */
  replay(change: Change): Promise<number>
  /** The rows of a state table that differ from the replayed ones, by key, at most so many. */
  differences(table: string, most: number): Promise<Difference[]>
  /** What the store itself finds wrong with its file: broken pages, indexes that miss a row; at most twenty. */
  damage(): Promise<string[]>
  close(): Promise<void>
}

/** An inspection that nobody sells beside, and that may put the replayed tables in the place of the kept ones. */
export interface Takeover extends Inspection {
  /** Replaces every state table, whole or not at all. Tables that stand apart from the ledger are not touched. */
  replaceState(): Promise<void>
}

/** Another process has the store open. */
export class StoreInUse extends Error {
  constructor(file: string, cause: unknown) {
    super(
      `${file} is in use by another process. Stop the kernel (and any verify or backup that runs), then try again.`,
      { cause },
    )
    this.name = 'StoreInUse'
  }
}
