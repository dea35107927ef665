import { DatabaseSync } from 'node:sqlite'
import { type Read, type Store, StoreLost, type WriteTransaction } from './port.ts'
import { slowReader } from './slow-reader.ts'
import { changesOn } from './sqlite-change.ts'
import { ddl, growth } from './sqlite-ddl.ts'
import { statementsOn } from './sqlite-statements.ts'
import type { Tables, Value } from './table.ts'

/**
 * The store in one SQLite file: WAL, `synchronous=FULL`, so that COMMIT means fsync.
 *
 * Its write connection is the only one; the kernel gives it a thread of its own (kernel/writer). Reads see what was committed.
 */
export const openSqlite = (file: string, tables: Tables): Store => {
  const writer = new DatabaseSync(file)
  writer.exec(
    'PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=5000; PRAGMA cache_size=-8000; PRAGMA wal_autocheckpoint=4000',
  )
  const grown = Object.entries(tables).flatMap(([name, table]) => growth(name, table, columnsIn(writer, name)))
  writer.exec(`BEGIN IMMEDIATE; ${[...grown, ...ddl(tables)].join('; ')}; COMMIT`)
  const { read, slowRead, close } = openSqliteReads(file)
  const tx = transactionOn(writer, tables)
  let last: Promise<unknown> = Promise.resolve()

  return {
    read,
    slowRead,
    write(work) {
      const run = last.then(() => inTransaction(writer, () => work(tx)))
      last = run.catch(() => undefined)
      return run
    },
    async close() {
      await last
      await close()
      writer.close()
    },
  }
}

/** Reading alone, beside the one that writes: quick reads here and now, long ones on a thread of their own. The file must be there. */
export const openSqliteReads = (file: string): Pick<Store, 'read' | 'slowRead' | 'close'> => {
  const reader = new DatabaseSync(file, { readOnly: true })
  reader.exec('PRAGMA busy_timeout=5000; PRAGMA cache_size=-4000')
  const slow = slowReader(file)
  return {
    read: readOn(reader),
    slowRead: slow.read,
    async close() {
      await slow.close()
      reader.close()
    },
  }
}

/** None for a table that is not there yet. */
const columnsIn = (db: DatabaseSync, table: string): string[] =>
  db
    .prepare('SELECT name FROM pragma_table_info(?)')
    .all(table)
    .map(({ name }) => String(name))

const inTransaction = async <T>(db: DatabaseSync, work: () => Promise<T>): Promise<T> => {
  try {
    db.exec('BEGIN IMMEDIATE')
  } catch (cause) {
    throw isLost(cause) ? new StoreLost(cause) : cause
  }
  try {
    const result = await work()
    db.exec('COMMIT')
    return result
  } catch (cause) {
    rollback(db)
    throw isLost(cause) ? new StoreLost(cause) : cause
  }
}

/** An I/O error may have ended the transaction already; a second error would hide the first. */
const rollback = (db: DatabaseSync) => {
  if (db.isTransaction) db.exec('ROLLBACK')
}

/** SQLite's primary result codes IOERR, CORRUPT, FULL, CANTOPEN, NOTADB and READONLY: the file or the disk, not the statement. */
const LOST = new Set([8, 10, 11, 13, 14, 26])
const isLost = (cause: unknown) => LOST.has(((cause as { errcode?: number }).errcode ?? 0) & 0xff)

const readOn = (db: DatabaseSync): Read => {
  const statement = statementsOn(db)
  return {
    all: async <R>(sql: string, ...values: Value[]) => statement(sql).all(...values) as R[],
    one: async <R>(sql: string, ...values: Value[]) => statement(sql).get(...values) as R | undefined,
  }
}

const transactionOn = (db: DatabaseSync, tables: Tables): WriteTransaction => {
  const statement = statementsOn(db)
  const change = changesOn(db, tables)
  return {
    ...readOn(db),
    async savepoint(work) {
      statement('SAVEPOINT one').run()
      try {
        const result = await work()
        statement('RELEASE one').run()
        return result
      } catch (cause) {
        // Some errors end the whole transaction. To go on would keep what follows outside of it, piece by piece and unsealed.
        if (isLost(cause) || !db.isTransaction) throw new StoreLost(cause)
        db.exec('ROLLBACK TO one; RELEASE one')
        throw cause
      }
    },
    async change(one) {
      change(one)
    },
  }
}
