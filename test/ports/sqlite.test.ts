import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { openSqlite } from '../../kernel/store/sqlite.ts'
import { insert, put } from '../../kernel/store/table.ts'
import { SUITE_TABLES, storeSuite } from './store.suite.ts'

/** In memory where there is such a disk: 10,000 writes are 10,000 fsyncs, and what they cost is not asked here. */
const place = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

const openStore = async () => {
  const folder = await mkdtemp(join(place, 'recyclique-store-'))
  const file = join(folder, 'store.sqlite')
  const store = openSqlite(file, SUITE_TABLES)
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= store.close()
    return closing
  }
  return {
    file,
    store: { ...store, close },
    async close() {
      await close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

storeSuite(openStore)

test('a commit is synced: the file is in WAL mode, and another process reads what was written', async () => {
  const { file, store, close } = await openStore()
  await store.write((tx) => tx.change(insert('beside', { id: 'a', text: 'x' })))
  const other = new DatabaseSync(file, { readOnly: true })
  expect(other.prepare('PRAGMA journal_mode').get()).toMatchObject({ journal_mode: 'wal' })
  expect(other.prepare('SELECT text FROM beside').all()).toMatchObject([{ text: 'x' }])
  other.close()
  await close()
})

test('a store that was closed opens again with all that it kept', async () => {
  const { file, store, close } = await openStore()
  await store.write((tx) => tx.change(insert('log', { position: 1, data: 'kept' })))
  await store.close()
  const again = openSqlite(file, SUITE_TABLES)
  expect(await again.read.all('SELECT data FROM log')).toMatchObject([{ data: 'kept' }])
  await expect(again.write((tx) => tx.change(insert('log', { position: 1, data: 'twice' })))).rejects.toThrow()
  await again.close()
  await close()
})

test('the database itself holds the ledger append-only: somebody with the file in hand is refused by it too', async () => {
  const { file, store, close } = await openStore()
  await store.write((tx) => tx.change(insert('log', { position: 1, data: 'kept' })))
  const other = new DatabaseSync(file)
  expect(() => other.exec("UPDATE log SET data = 'altered'")).toThrow(/log is append-only/)
  expect(() => other.exec('DELETE FROM log')).toThrow(/log is append-only/)
  other.close()
  await close()
})

// SQLite's REPLACE deletes without asking the DELETE trigger.
test('put takes the place of no row of the ledger', async () => {
  const { store, close } = await openStore()
  await store.write((tx) => tx.change(insert('log', { position: 1, data: 'kept' })))
  await store.write((tx) => tx.change(put('log', { position: 1, data: 'altered' }))).catch(() => undefined)
  const rows = await store.read.all('SELECT data FROM log')
  await close()
  expect(rows).toMatchObject([{ data: 'kept' }])
})

test('the database itself refuses INSERT OR REPLACE over a row of the ledger', async () => {
  const { file, store, close } = await openStore()
  await store.write((tx) => tx.change(insert('log', { position: 1, data: 'kept' })))
  const other = new DatabaseSync(file)
  const replace = () => other.exec("INSERT OR REPLACE INTO log (position, data) VALUES (1, 'altered')")
  try {
    expect(replace).toThrow(/log is append-only/)
  } finally {
    other.close()
    await close()
  }
})
