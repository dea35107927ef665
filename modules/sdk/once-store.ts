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
  /** Goes on behind a position that lies with the dead letters, and notes that its effect is missing; nothing where it was applied. */
  pass(position: number): void
  /**
   * Runs the effect of a position that was passed without it, once. False, and no effect, for one whose effect is there. Throws
   * for one that has not come yet: it comes by itself, in its order.
   */
  applyPassed(position: number, effect: (db: DatabaseSync) => void): boolean
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
  db.exec('CREATE TABLE IF NOT EXISTS passed (position INTEGER PRIMARY KEY)')
  db.exec(schema)
  const read = db.prepare('SELECT position FROM heard')
  const keep = db.prepare('UPDATE heard SET position = ?')
  const notePassed = db.prepare('INSERT OR IGNORE INTO passed VALUES (?)')
  const forgetPassed = db.prepare('DELETE FROM passed WHERE position = ?')
  const kept = () => (read.get() as { position: number }).position

  return {
    db,
    get position() {
      return kept()
    },
    apply: (position, effect) =>
      atOnce(db, () => {
        if (position <= kept()) return false
        refusePromise(effect(db))
        keep.run(position)
        return true
      }),
    pass: (position) =>
      atOnce(db, () => {
        if (position <= kept()) return
        notePassed.run(position)
        keep.run(position)
      }),
    applyPassed: (position, effect) =>
      atOnce(db, () => {
        if (position > kept())
          throw new Error(`position ${position} has not come yet: it comes by itself, in its order`)
        if (forgetPassed.run(position).changes === 0) return false
        refusePromise(effect(db))
        return true
      }),
    close: () => db.close(),
  }
}

/** All or nothing. Immediate, so that a second process on the same file waits before it reads the position, and not after. */
const atOnce = <T>(db: DatabaseSync, work: () => T): T => {
  db.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    db.exec('COMMIT')
    return result
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}

/** An effect that is still under way at the commit would be outside of it, and the compiler lets it pass for `void`. */
const refusePromise = (result: unknown): void => {
  if (result instanceof Promise) throw new TypeError('the effect of once must be done when it returns: no async')
}
