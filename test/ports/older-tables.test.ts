import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { registryTables } from '../../kernel/registry/tables.ts'
import { openSqlite } from '../../kernel/store/sqlite.ts'
import { put } from '../../kernel/store/table.ts'

/** The table as the first version of this program made it. */
const OLD = `CREATE TABLE dead_letter (module TEXT NOT NULL, position INTEGER NOT NULL, instance TEXT NOT NULL, error TEXT NOT NULL,
  attempts INTEGER NOT NULL, at TEXT NOT NULL, PRIMARY KEY (module, position)) STRICT, WITHOUT ROWID`

test('a table beside the ledger that an older version made gets the columns it lacks, and keeps its rows', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'recyclique-old-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'ledger.sqlite')
  const old = new DatabaseSync(file)
  old.exec(OLD)
  old.exec("INSERT INTO dead_letter VALUES ('stock', 7, 'stock-1', 'no room', 3, '2026-01-05T09:00:00.000Z')")
  old.close()

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
