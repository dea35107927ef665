import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { type OnceStore, openOnceStore } from '@recyclique/sdk'
import type { Change, Flow } from './figures.ts'

/** One category's kilos of a day, one way. */
export interface CategoryGrams {
  readonly categoryId: string
  readonly categoryName: string
  readonly grams: number
}

/** All figures of a day. Money in cents, weight in grams. `position`: up to which fact they count. */
export interface DayFigures {
  readonly date: string
  readonly takingsCents: number
  readonly donationsCents: number
  readonly tickets: number
  readonly in: Kilos
  readonly out: Kilos & { readonly tillGrams: number; readonly exitGrams: number }
  readonly position: number
}

export interface Kilos {
  readonly grams: number
  /** The heaviest first. */
  readonly categories: readonly CategoryGrams[]
}

/** The number stands for the shape of the tables: another shape takes another file, and the facts are told anew. */
const FILE = 'figures-1.sqlite'

/** A category bears the name that the latest fact gave it. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS day (
    day TEXT PRIMARY KEY, takings_cents INTEGER NOT NULL, donations_cents INTEGER NOT NULL, tickets INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS kilos (
    day TEXT NOT NULL, flow TEXT NOT NULL, category_id TEXT NOT NULL, grams INTEGER NOT NULL,
    PRIMARY KEY (day, flow, category_id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS category (id TEXT PRIMARY KEY, name TEXT NOT NULL) STRICT;
`

export const openFigures = (folder: string): OnceStore => openOnceStore(join(folder, FILE), SCHEMA)

export const applyChanges = (db: DatabaseSync, changes: readonly Change[]): void => {
  for (const change of changes) {
    if (change.kind === 'money') addMoney(db, change)
    else addKilos(db, change)
  }
}

const addMoney = (db: DatabaseSync, one: Extract<Change, { kind: 'money' }>): void => {
  db.prepare(
    `INSERT INTO day VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET takings_cents = takings_cents + excluded.takings_cents,
     donations_cents = donations_cents + excluded.donations_cents, tickets = tickets + excluded.tickets`,
  ).run(one.day, one.takingsCents, one.donationsCents, one.tickets)
}

const addKilos = (db: DatabaseSync, one: Extract<Change, { kind: 'kilos' }>): void => {
  db.prepare('INSERT INTO kilos VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET grams = grams + excluded.grams').run(
    one.day,
    one.flow,
    one.categoryId,
    one.grams,
  )
  db.prepare('INSERT INTO category VALUES (?, ?) ON CONFLICT DO UPDATE SET name = excluded.name').run(
    one.categoryId,
    one.categoryName,
  )
}

/** The figures of a day; zeros for one on which nothing happened. */
export const readDay = ({ db, position }: OnceStore, date: string): DayFigures => {
  const money = db
    .prepare('SELECT takings_cents AS takingsCents, donations_cents AS donationsCents, tickets FROM day WHERE day = ?')
    .get(date) as Pick<DayFigures, 'takingsCents' | 'donationsCents' | 'tickets'> | undefined
  const out = readKilos(db, date, ['till', 'exit'])
  return {
    date,
    ...(money ?? { takingsCents: 0, donationsCents: 0, tickets: 0 }),
    in: readKilos(db, date, ['in']),
    out: { ...out, tillGrams: readKilos(db, date, ['till']).grams, exitGrams: readKilos(db, date, ['exit']).grams },
    position,
  }
}

const readKilos = (db: DatabaseSync, date: string, flows: readonly Flow[]): Kilos => {
  const categories = db
    .prepare(
      `SELECT id AS categoryId, name AS categoryName, SUM(grams) AS grams
       FROM kilos JOIN category ON category.id = category_id
       WHERE day = ? AND flow IN (${flows.map(() => '?').join(', ')})
       GROUP BY id HAVING SUM(grams) <> 0 ORDER BY SUM(grams) DESC, id`,
    )
    .all(date, ...flows)
    .map((row) => ({ ...row }) as unknown as CategoryGrams)
  return { grams: categories.reduce((all, { grams }) => all + grams, 0), categories }
}
