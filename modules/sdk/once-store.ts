import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** A module's own SQLite file, in which the effect of a fact and the fact's position are one transaction. */
export interface OnceStore {
  /** The last position whose effect is in the file; 0 when it is new. */
  readonly position: number
  /**
   * Runs the effect and keeps the position, both or neither. False, and no effect, for a position that is not behind the kept one:
   * it was applied before. What the effect throws comes out, and nothing is kept.
   *
   * Only for facts that come in order: a lower position that was never seen would count as seen.
   */
  apply(position: number, effect: (db: DatabaseSync) => void): boolean
  /** For reading. */
  readonly db: DatabaseSync
  close(): void
}

/**
 * Opens the file, and makes it and its folder where they are missing. `schema` is SQL that may run at every start (`CREATE TABLE IF
 * NOT EXISTS …`). When the tables change their shape, take another file name: the facts are told again from the start.
 */
export const openOnceStore = (file: string, schema: string): OnceStore => {
  mkdirSync(dirname(file), { recursive: true })
  const db = new DatabaseSync(file)
  // Without a sync per fact. A power cut may take the last facts away, never half of one; their position goes with them, so that
  // they are told again.
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000;')
  db.exec('CREATE TABLE IF NOT EXISTS heard (one INTEGER PRIMARY KEY CHECK (one = 1), position INTEGER NOT NULL)')
  db.exec('INSERT OR IGNORE INTO heard VALUES (1, 0)')
  db.exec(schema)
  const read = db.prepare('SELECT position FROM heard')
  const keep = db.prepare('UPDATE heard SET position = ?')
  const kept = () => (read.get() as { position: number }).position

  return {
    db,
    get position() {
      return kept()
    },
    apply(position, effect) {
      // Immediate, so that a second process on the same file waits before it reads the position, and not after.
      db.exec('BEGIN IMMEDIATE')
      try {
        const isNew = position > kept()
        if (isNew) {
          refusePromise(effect(db))
          keep.run(position)
        }
        db.exec('COMMIT')
        return isNew
      } catch (error) {
        if (db.isTransaction) db.exec('ROLLBACK')
        throw error
      }
    },
    close: () => db.close(),
  }
}

/** An effect that is still under way at the commit would be outside of it, and the compiler lets it pass for `void`. */
const refusePromise = (result: unknown): void => {
  if (result instanceof Promise) throw new TypeError('the effect of once must be done when it returns: no async')
}
