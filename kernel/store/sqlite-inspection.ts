import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { type Inspection, StoreInUse, type Takeover } from './inspection.ts'
import { slowReader } from './slow-reader.ts'
import { changesOn } from './sqlite-change.ts'
import { constrainedDdl, tableDdl } from './sqlite-ddl.ts'
import { type Copies, differencesOn } from './sqlite-difference.ts'
import { storedOn } from './sqlite-stored.ts'
import type { Table, Tables } from './table.ts'

/** Looks at a ledger's file, beside a selling kernel or without one. Nothing can be written to it this way. */
export const inspectSqlite = async (file: string, tables: Tables): Promise<Inspection> => {
  mustExist(file)
  // An empty name is a database of SQLite's own that spills into a nameless temporary file: nothing to clean up after a crash.
  const db = new DatabaseSync('')
  try {
    // The replay may be thrown away at any time, hence no journal; the attached file has its own.
    db.exec('PRAGMA main.journal_mode=OFF; PRAGMA main.cache_size=-200000; PRAGMA busy_timeout=5000')
    db.prepare('ATTACH ? AS kept').run(`${pathToFileURL(resolve(file)).href}?mode=ro`)
    db.exec('PRAGMA kept.cache_size=-16000')
    return inspectionOn(db, { file, tables, copies: { kept: 'kept', replayed: 'main' } })
  } catch (error) {
    db.close()
    throw error
  }
}

/** As `inspectSqlite`, but alone: nobody else may have the file open, nor opens it until `close`. Throws a `StoreInUse`. */
export const takeOverSqlite = async (file: string, tables: Tables): Promise<Takeover> => {
  mustExist(file)
  const db = new DatabaseSync(file)
  try {
    claim(db, file)
    db.exec("ATTACH '' AS replayed; PRAGMA replayed.journal_mode=OFF; PRAGMA replayed.cache_size=-200000")
    const inspection = inspectionOn(db, { file, tables, copies: { kept: 'main', replayed: 'replayed' } })
    return {
      ...inspection,
      damage: async () => damageOn(db, 'main'),
      replaceState: async () => replaceState(db, tables),
    }
  } catch (error) {
    db.close()
    throw error
  }
}

/** Opening a file that is not there would make one, and an empty ledger is in order. */
const mustExist = (file: string) => {
  if (!existsSync(file)) throw new Error(`there is no ${file}`)
}

/** In exclusive mode the first write needs the whole file, so that it fails while anybody else has it open, even idle. */
const claim = (db: DatabaseSync, file: string) => {
  try {
    db.exec('PRAGMA busy_timeout=500; PRAGMA main.locking_mode=EXCLUSIVE; PRAGMA synchronous=FULL')
    db.exec('BEGIN EXCLUSIVE; COMMIT')
  } catch (cause) {
    throw ((cause as { errcode?: number }).errcode ?? 0) % 256 === BUSY ? new StoreInUse(file, cause) : cause
  }
}

const BUSY = 5

interface Place {
  readonly file: string
  readonly tables: Tables
  readonly copies: Copies
}

const inspectionOn = (db: DatabaseSync, { file, tables, copies }: Place): Inspection => {
  const state = Object.entries(tables).filter(([, { keep }]) => keep === 'state')
  for (const [name, table] of state)
    for (const statement of constrainedDdl(name, table, copies.replayed)) db.exec(statement)
  db.exec('BEGIN')
  // The first read freezes the view, and no later one moves it.
  db.prepare(`SELECT 1 FROM ${copies.kept}.sqlite_schema`).get()
  const change = changesOn(db, tables, copies.replayed)
  const stored = storedOn(db, copies.kept)
  const differences = differencesOn(db, copies)
  return {
    async last() {
      const row = db.prepare(`SELECT max(position) AS last FROM ${copies.kept}.ledger`).get()
      return Number(row?.last ?? 0)
    },
    stored: async (name, wanted) => stored(name, tableOf(tables, name), wanted),
    replay: async (one) => change(one),
    differences: async (name, most) => differences(name, tableOf(tables, name), most),
    damage: () => damageBeside(db, file),
    async close() {
      if (db.isTransaction) db.exec('ROLLBACK')
      db.close()
    },
  }
}

const tableOf = (tables: Tables, name: string): Table => {
  const table = tables[name]
  if (!table) throw new RangeError(`there is no table '${name}'`)
  return table
}

/** A small file is looked through at once; a large one on a thread of its own, while this one replays. */
const damageBeside = async (db: DatabaseSync, file: string): Promise<string[]> => {
  if (Number(db.prepare('PRAGMA kept.page_count').get()?.page_count) < 5000) return damageOn(db, 'kept')
  const reader = slowReader(file)
  try {
    return wordsOf(await reader.read.all<Check>('PRAGMA integrity_check(20)'))
  } finally {
    await reader.close()
  }
}

interface Check {
  readonly integrity_check: string
}

const damageOn = (db: DatabaseSync, schema: string) =>
  wordsOf(db.prepare(`PRAGMA ${schema}.integrity_check(20)`).all() as unknown as Check[])

const wordsOf = (rows: readonly Check[]) =>
  rows.map(({ integrity_check: words }) => words).filter((words) => words !== 'ok')

/** State tables are made anew, so that one of an older program's shape gets today's. */
const replaceState = (db: DatabaseSync, tables: Tables) => {
  for (const [name, table] of Object.entries(tables)) {
    if (table.keep !== 'state') continue
    db.exec(`DROP TABLE IF EXISTS main.${name}`)
    for (const statement of tableDdl(name, table)) db.exec(statement)
    const columns = Object.keys(table.columns).join(', ')
    db.exec(
      `INSERT INTO main.${name} (${columns}) SELECT ${columns} FROM replayed.${name} ORDER BY ${table.key.join(', ')}`,
    )
  }
  db.exec('COMMIT')
}
