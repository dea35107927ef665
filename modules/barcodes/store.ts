import { join } from 'node:path'
import type { Category, KeptFact, SaleRecorded, SaleRefunded, SaleVoided } from '@recyclique/contracts'
import { type OnceStore, openOnceStore } from '@recyclique/sdk'
import type { Batch, KeptBatch } from './labels/batch.ts'

/** A ticket on which the label of a single thing was sold. */
export interface Sold {
  readonly day: string
  readonly ticket: number
  readonly registerId: string
}

export interface KnownCategory {
  readonly id: string
  readonly name: string
  readonly isArchived: boolean
}

/** The number stands for the shape of the tables: another shape takes another file, and the facts are told anew. */
const FILE = 'labels-1.sqlite'

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS batch (number INTEGER PRIMARY KEY, position INTEGER NOT NULL, data TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS category (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, is_archived INTEGER NOT NULL, is_sold INTEGER NOT NULL, into_id TEXT
  ) STRICT;
  CREATE TABLE IF NOT EXISTS sold (
    label TEXT NOT NULL, sale TEXT NOT NULL, line INTEGER NOT NULL, day TEXT NOT NULL, ticket INTEGER NOT NULL, register TEXT NOT NULL,
    PRIMARY KEY (label, sale, line)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS sold_by_sale ON sold (sale);
`

/** All that this module knows, made from facts: delete the file and it comes back. Its processes share it. */
export const openLabels = (folder: string): OnceStore => openOnceStore(join(folder, FILE), SCHEMA)

type Db = OnceStore['db']

/** False where the number belongs to other labels already: then the ledger was put back to an older state, and numbers come again. */
export const keepBatch = (db: Db, told: { number: number; position: number }, batch: Batch): boolean => {
  const data = JSON.stringify(Object.entries(batch).sort())
  db.prepare('INSERT OR IGNORE INTO batch VALUES (?, ?, ?)').run(told.number, told.position, data)
  const kept = db.prepare('SELECT position, data FROM batch WHERE number = ?').get(told.number)
  return kept?.position === told.position && kept.data === data
}

export const findBatch = (db: Db, number: number): KeptBatch | undefined => {
  const row = db.prepare('SELECT data FROM batch WHERE number = ?').get(number)
  return row ? { ...(Object.fromEntries(JSON.parse(row.data as string)) as Batch), number } : undefined
}

/** The newest first. */
export const lastBatches = (db: Db, most: number): KeptBatch[] =>
  db
    .prepare('SELECT number FROM batch ORDER BY number DESC LIMIT ?')
    .all(most)
    .flatMap(({ number }) => findBatch(db, number as number) ?? [])

export const keepCategory = (db: Db, { id, officialName, archived, shownAtSale, mergedInto }: Category): void => {
  db.prepare('INSERT OR REPLACE INTO category VALUES (?, ?, ?, ?, ?)').run(
    ...([id, officialName, archived ? 1 : 0, shownAtSale ? 1 : 0, mergedInto ?? null] as const),
  )
}

export const mergeCategory = (db: Db, id: string, intoId: string): void => {
  db.prepare('UPDATE category SET is_archived = 1, into_id = ? WHERE id = ?').run(intoId, id)
}

/** More links than any centre makes; a ring of them ends here as well. */
const MOST_MERGES = 20

/** The category that stands for this one now: itself, or the one into which it was merged. */
export const findCategory = (db: Db, id: string): KnownCategory | undefined => {
  let at = id
  for (let nth = 0; nth < MOST_MERGES; nth += 1) {
    const row = db.prepare('SELECT name, is_archived, into_id FROM category WHERE id = ?').get(at)
    if (!row) return undefined
    if (row.into_id === null) return { id: at, name: row.name as string, isArchived: row.is_archived === 1 }
    at = row.into_id as string
  }
  return undefined
}

/** Those that a till shows, by name. */
export const categoriesForSale = (db: Db): KnownCategory[] =>
  db
    .prepare('SELECT id, name FROM category WHERE is_archived = 0 AND is_sold = 1')
    .all()
    .map(({ id, name }) => ({ id: id as string, name: name as string, isArchived: false }))
    .toSorted((a, b) => a.name.localeCompare(b.name, 'fr'))

export const noteSale = (db: Db, { data, seq, businessDate }: KeptFact<SaleRecorded>): void => {
  for (const { labelId, line } of data.lines) {
    if (labelId === undefined) continue
    const row = [labelId, data.saleId, line, businessDate, seq, data.registerId] as const
    db.prepare('INSERT OR REPLACE INTO sold VALUES (?, ?, ?, ?, ?, ?)').run(...row)
  }
}

export const forgetSale = (db: Db, { data }: KeptFact<SaleVoided>): void => {
  db.prepare('DELETE FROM sold WHERE sale = ?').run(data.saleId)
}

/** A thing that came back may be sold again; money that was given back without it changes nothing. */
export const noteReturn = (db: Db, { data }: KeptFact<SaleRefunded>): void => {
  if (!data.areGoodsBack) return
  for (const { line, qty } of data.lines)
    if (qty > 0) db.prepare('DELETE FROM sold WHERE sale = ? AND line = ?').run(data.saleId, line)
}

/** The last ticket with this label. */
export const findSold = (db: Db, label: string): Sold | undefined => {
  const row = db.prepare('SELECT day, ticket, register FROM sold WHERE label = ? ORDER BY day DESC LIMIT 1').get(label)
  return row && { day: row.day as string, ticket: row.ticket as number, registerId: row.register as string }
}
