import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { registryTables } from '../../kernel/registry/tables.ts'
import { salesTables } from '../../kernel/sales/tables.ts'
import { openSqlite } from '../../kernel/store/sqlite.ts'
import { put, type Table } from '../../kernel/store/table.ts'
import { wishTables } from '../../kernel/wishes/tables.ts'

/** The table as the first version of this program made it. */
const OLD_LETTERS = `CREATE TABLE dead_letter (module TEXT NOT NULL, position INTEGER NOT NULL, instance TEXT NOT NULL, error TEXT NOT NULL,
  attempts INTEGER NOT NULL, at TEXT NOT NULL, PRIMARY KEY (module, position)) STRICT, WITHOUT ROWID`

const OLD_TICKETS = `CREATE TABLE held_ticket (id TEXT NOT NULL, session_id TEXT NOT NULL, register_id TEXT NOT NULL, label TEXT,
  lines TEXT NOT NULL, held_at TEXT NOT NULL, actor TEXT NOT NULL, PRIMARY KEY (id)) STRICT, WITHOUT ROWID`

/** A file in which these statements were run, by an older program as it were. */
const fileWith = async (...statements: string[]): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'recyclique-old-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'ledger.sqlite')
  const old = new DatabaseSync(file)
  for (const statement of statements) old.exec(statement)
  old.close()
  return file
}

test('a table beside the ledger that an older version made gets the columns it lacks, and keeps its rows', async () => {
  const file = await fileWith(
    OLD_LETTERS,
    "INSERT INTO dead_letter VALUES ('stock', 7, 'stock-1', 'no room', 3, '2026-01-05T09:00:00.000Z')",
  )
  for (let start = 0; start < 2; start += 1) {
    const store = openSqlite(file, registryTables)
    const rows = await store.read.all('SELECT module, position, error, state, stack FROM dead_letter ORDER BY position')
    expect(rows[0]).toEqual({ module: 'stock', position: 7, error: 'no room', state: 'dead', stack: null })
    await store.write((tx) =>
      tx.change(
        put('dead_letter', {
          ...{ module: 'stock', position: 8, instance: 'stock-2', error: 'again', stack: 'at x', attempts: 1 },
          ...{ at: '2026-01-06T09:00:00.000Z', state: 'retried', decided_at: null, decided_by: null, reason: null },
        }),
      ),
    )
    expect(await store.read.one('SELECT state, stack FROM dead_letter WHERE position = 8')).toEqual({
      ...{ state: 'retried', stack: 'at x' },
    })
    await store.close()
  }
})

test('a ticket that was held before there was a mark for those that are gone is still held', async () => {
  const file = await fileWith(
    OLD_TICKETS,
    "INSERT INTO held_ticket VALUES ('t1', 's1', 'till-1', NULL, '[]', '2026-01-05T09:00:00.000Z', 'manager')",
  )
  const store = openSqlite(file, salesTables)
  onTestFinished(store.close)
  expect(await store.read.one("SELECT id, is_gone FROM held_ticket WHERE session_id = 's1'")).toEqual({
    ...{ id: 't1', is_gone: 0 },
  })
})

test('a column for which rows of before have no value is refused by name, and the file stays as it was', async () => {
  const file = await fileWith(OLD_TICKETS)
  const table: Table = { keep: 'apart', columns: { id: 'text', colour: 'text' }, key: ['id'] }
  expect(() => openSqlite(file, { held_ticket: table })).toThrow(/held_ticket .*'colour'.*since/)
  const store = openSqlite(file, salesTables)
  onTestFinished(store.close)
  expect(await store.read.all('SELECT id FROM held_ticket')).toEqual([])
})

test('keys and values that an older version kept stay for ever', async () => {
  const file = await fileWith(
    `CREATE TABLE module_kv (module TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, bytes INTEGER NOT NULL, revision INTEGER NOT NULL,
      PRIMARY KEY (module, key)) STRICT, WITHOUT ROWID`,
    "INSERT INTO module_kv VALUES ('shelf', 'a', '1', 1, 7)",
  )
  const store = openSqlite(file, wishTables)
  expect(await store.read.all('SELECT key, expires_at FROM module_kv')).toEqual([{ key: 'a', expires_at: null }])
  await store.close()
})
