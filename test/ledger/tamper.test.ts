import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LedgerFlaw } from '../../kernel/ledger/flaw.ts'
import type { VerifyReport } from '../../kernel/ledger/verify.ts'
import type { Value } from '../../kernel/store/table.ts'
import { tables } from '../../kernel/tables.ts'
import { IS_LONG, rebuildIn, verifyIn } from '../support/check.ts'
import { play, type Step, setUp } from '../support/history.ts'
import { openTestLedger } from '../support/ledger.ts'

/** A history that leaves a row in every state table. */
const HISTORY: readonly Step[] = (
  [
    ['open', 0, 1],
    ['open', 1, 1],
    ['open', 16, 0],
    ['sell', 0, 1],
    ['sell', 1, 3],
    ['sell', 0, 2],
    ['refund', 0, 0],
    ['void', 2, 0],
    ['copy', 1, 0],
    ['move', 0, 1],
    ['move', 0, 0],
    ['hold', 0, 1],
    ['deposit', 0, 0],
    ['weigh', 0, 0],
    ['weigh', 0, 1],
    ['correct', 0, 1],
    ['exit', 0, 0],
    ['closeDeposit', 0, 0],
    ['sell', 0, 1],
    ['changeModule', 0, 1],
    ['changeModule', 1, 2],
    ['orderModule', 0, 0],
    ['orderModule', 1, 0],
    ['orderModule', 1, 2],
    ['permitModule', 0, 0],
    ['permitModule', 1, 1],
    ['close', 1, 3],
  ] as const
).map(([act, pick, amount], at) => ({ act, pick, amount, waits: at % 3 > 0 }))

let dir: string
/** The untouched files; each attempt begins with them. */
let sound: string
const file = () => join(dir, 'ledger.sqlite')
const head = () => join(dir, 'keys', 'head')

beforeAll(async () => {
  const t = await openTestLedger()
  await setUp(t)
  await play(t, HISTORY)
  sound = mkdtempSync(join(tmpdir(), 'recyclique-sound-'))
  dir = mkdtempSync(join(tmpdir(), 'recyclique-tampered-'))
  const source = new DatabaseSync(join(t.dir, 'ledger.sqlite'))
  source.exec(`VACUUM INTO '${join(sound, 'ledger.sqlite')}'`)
  source.close()
  copyFileSync(join(t.dir, 'keys', 'head'), join(sound, 'head'))
  cpSync(join(t.dir, 'keys'), join(dir, 'keys'), { recursive: true })
  await t.close()
})

afterAll(() => {
  for (const folder of [sound, dir]) if (folder) rmSync(folder, { recursive: true, force: true })
})

const refresh = () => {
  for (const end of ['-wal', '-shm', '-journal']) if (existsSync(file() + end)) rmSync(file() + end)
  copyFileSync(join(sound, 'ledger.sqlite'), file())
  copyFileSync(join(sound, 'head'), head())
}

/** Somebody with the file and a SQL shell: no triggers, no types, no NOT NULL. */
const tampered = async (how: (db: DatabaseSync) => void): Promise<VerifyReport> => {
  refresh()
  const db = new DatabaseSync(file(), { defensive: false } as object)
  db.exec(`PRAGMA synchronous=OFF; DROP TRIGGER no_update_ledger; DROP TRIGGER no_delete_ledger; DROP TRIGGER no_update_seal; DROP TRIGGER no_delete_seal;
    PRAGMA writable_schema=ON;
    UPDATE sqlite_schema SET sql = replace(replace(replace(sql, ' NOT NULL', ''), 'STRICT, ', ''), ' STRICT', '') WHERE type = 'table';
    PRAGMA writable_schema=RESET`)
  try {
    how(db)
  } finally {
    db.close()
  }
  return verifyIn(dir)
}

const first = (report: VerifyReport): LedgerFlaw => {
  expect(report.ok).toBe(false)
  return report.flaws[0] as LedgerFlaw
}

const LOOKED_AT = Object.entries(tables).filter(([, { keep }]) => keep !== 'apart')

test('the untouched ledger is sound, and every state table has a row to tamper with', async () => {
  refresh()
  expect(await verifyIn(dir)).toMatchObject({ ok: true, flaws: [], notes: [] })
  const db = new DatabaseSync(file(), { readOnly: true })
  const empty = LOOKED_AT.filter(([name]) => !db.prepare(`SELECT 1 FROM ${name}`).get()).map(([name]) => name)
  db.close()
  expect(empty).toEqual([])
})

const TRICKS = ['other', 'null', 'blob', 'broken', 'nul', 'real', 'huge', 'empty'] as const

/** What a cell is changed into; `undefined` where the trick means nothing for it. */
const trick = (kind: (typeof TRICKS)[number], cell: Value, at: number): string | undefined => {
  const text = String(cell)
  const place = at % Math.max(1, text.length)
  const flipped = `${text.slice(0, place)}${String.fromCharCode(text.charCodeAt(place) ^ 1)}${text.slice(place + 1)}`
  const hex = Buffer.from(text).toString('hex')
  switch (kind) {
    case 'other':
      return typeof cell === 'number'
        ? String(cell + 1 + (at % 3))
        : `CAST(x'${Buffer.from(flipped).toString('hex')}' AS TEXT)`
    case 'null':
      return 'NULL'
    case 'blob':
      return `x'${hex}'`
    case 'broken':
      return typeof cell === 'number'
        ? undefined
        : `CAST(x'${hex.slice(0, 2 * place)}ff${hex.slice(2 * place + 2)}' AS TEXT)`
    case 'nul':
      return typeof cell === 'number' ? undefined : `CAST(x'${hex}00' AS TEXT)`
    case 'real':
      return typeof cell === 'number' ? `${cell}.5` : undefined
    case 'huge':
      return typeof cell === 'number' ? '9223372036854775000' : undefined
    case 'empty':
      return "''"
  }
}

test('any changed value in any column of any row is found, and its place is named', async () => {
  const cases = fc.record({
    table: fc.constantFrom(...LOOKED_AT.map(([name]) => name)),
    row: fc.nat(1000),
    column: fc.nat(30),
    at: fc.nat(500),
    kind: fc.constantFrom(...TRICKS),
  })
  let changed = 0
  await fc.assert(
    fc.asyncProperty(cases, async ({ table, row, column, at, kind }) => {
      const { columns, key, keep } = tables[table] as (typeof tables)[string]
      const name = Object.keys(columns)[column % Object.keys(columns).length] as string
      let isChanged = false
      let before: Record<string, Value> = {}
      const report = await tampered((db) => {
        const rows = db.prepare(`SELECT * FROM ${table}`).all() as Record<string, Value>[]
        before = rows[row % rows.length] as Record<string, Value>
        const to = trick(kind, before[name] as Value, at)
        if (to === undefined) return
        const where = key.map((one) => `${one} = ?`).join(' AND ')
        const values = key.map((one) => before[one] as Value)
        const shown = () =>
          JSON.stringify(db.prepare(`SELECT typeof(${name}) AS t, hex(CAST(${name} AS BLOB)) AS v FROM ${table}`).all())
        const was = shown()
        try {
          db.prepare(`UPDATE ${table} SET ${name} = ${to} WHERE ${where}`).run(...values)
        } catch {
          return // The key of a table cannot hold it.
        }
        isChanged = shown() !== was
      })
      if (!isChanged) return
      changed += 1
      const flaw = first(report)
      if (keep === 'state') {
        const keys = report.flaws.filter((one) => one.table === table).map((one) => one.key)
        expect(report.flaws.every(({ what }) => what === 'table')).toBe(true)
        expect(keys).toContainEqual(Object.fromEntries(key.map((one) => [one, before[one]])))
      } else {
        // A row that was put elsewhere shows where it is now, or where it is missed.
        const positions = report.flaws.map(({ position }) => position)
        if (name === 'position') expect(positions).toContain(before.position)
        else expect(flaw.position).toBe(before.position)
        if (name !== 'position') expect(flaw.what === 'numbering').toBe(false)
      }
    }),
    { numRuns: IS_LONG ? 5000 : 80, endOnFailure: !IS_LONG },
  )
  expect(changed).toBeGreaterThan(IS_LONG ? 2000 : 30)
}, 3_600_000)

test('an altered amount is named with its ticket, by position, journal and number', async () => {
  let row: Record<string, Value> = {}
  const report = await tampered((db) => {
    row = db.prepare("SELECT * FROM ledger WHERE name = 'sale.recorded' ORDER BY position LIMIT 1").get() as typeof row
    db.exec(
      `UPDATE ledger SET data = replace(data, '"totalCents":300', '"totalCents":200') WHERE position = ${row.position}`,
    )
  })
  const { saleId } = JSON.parse(row.data as string)
  expect(first(report)).toEqual({
    what: 'row',
    position: row.position,
    journal: 'register-till-1',
    seq: 1,
    ticket: `sale ${saleId} ticket n° 1 of till-1`,
    why: 'its hash does not fit its content: something in it was altered',
  })
  const ticket = report.flaws.find(({ table }) => table === 'ticket')
  expect(ticket).toMatchObject({ position: row.position, why: 'total_cents is 300 here, 200 by the facts' })
})

const lastOf = (db: DatabaseSync) => Number(db.prepare('SELECT max(position) AS p FROM ledger').get()?.p)

test('a removed row is missed at its position', async () => {
  for (const back of [0, 1, 9]) {
    let position = 0
    const report = await tampered((db) => {
      position = lastOf(db) - back
      db.exec(`DELETE FROM ledger WHERE position = ${position}`)
    })
    expect(report.flaws.map((flaw) => flaw.position)).toContain(position)
    // Behind a last row that is gone, those of its commit stand unsealed.
    if (back > 0) expect(first(report).position).toBe(position)
  }
})

test('two rows that changed places are both named', async () => {
  const report = await tampered((db) =>
    db.exec(
      'UPDATE ledger SET position = -9 WHERE position = 9; UPDATE ledger SET position = 9 WHERE position = 10; UPDATE ledger SET position = 10 WHERE position = -9',
    ),
  )
  expect(report.flaws.filter(({ what }) => what === 'row').map(({ position }) => position)).toEqual(
    expect.arrayContaining([9, 10]),
  )
})

test('a row that was added is named, wherever it stands', async () => {
  for (const to of [-1, 0, 1]) {
    let position = 0
    const report = await tampered((db) => {
      position = to < 1 ? to : lastOf(db) + 1
      const columns = Object.keys(tables.ledger?.columns ?? {}).filter((one) => one !== 'position' && one !== 'seq')
      db.exec(
        `INSERT INTO ledger (position, seq, ${columns}) SELECT ${position}, seq + 1000, ${columns} FROM ledger WHERE position = ${lastOf(db)}`,
      )
    })
    expect(first(report).position).toBe(Math.max(position, 1))
  }
})

test('a tail that was cut off ledger and seals alike shows against the head file', async () => {
  for (const from of [1, 12]) {
    const report = await tampered((db) => {
      const position =
        from === 1
          ? 1
          : Number(db.prepare('SELECT position AS p FROM seal ORDER BY position LIMIT 1 OFFSET 10').get()?.p) + 1
      db.exec(`DELETE FROM ledger WHERE position >= ${position}; DELETE FROM seal WHERE position >= ${position}`)
    })
    const flaw = report.flaws.find(({ what }) => what === 'head-file')
    expect(flaw?.why).toMatch(/the ledger ends at position \d+, but \d+ was reached before: its end was cut off/)
  }
})

test('a removed seal is named by the seal behind it, and the last one by the rows that it leaves unsealed', async () => {
  const seals = await allSeals()
  for (const position of [seals.at(0), seals.at(4), seals.at(-1)]) {
    const report = await tampered((db) => db.exec(`DELETE FROM seal WHERE position = ${position}`))
    expect(report.flaws.filter(({ what }) => what === 'seal')).toHaveLength(1)
    const before = seals[seals.indexOf(position as number) - 1] ?? 0
    const flaw = report.flaws.find(({ what }) => what === 'seal') as LedgerFlaw
    expect(flaw.position).toBe(position === seals.at(-1) ? before + 1 : position)
  }
})

const allSeals = async () => {
  refresh()
  const db = new DatabaseSync(file(), { readOnly: true })
  const seals = db.prepare('SELECT position FROM seal ORDER BY position').all() as { position: number }[]
  db.close()
  return seals.map(({ position }) => position)
}

test('any altered byte of the head file is found', async () => {
  const size = readFileSync(join(sound, 'head')).length
  await fc.assert(
    fc.asyncProperty(fc.nat(size - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
      refresh()
      const bytes = readFileSync(head())
      bytes[at] = (bytes[at] as number) ^ flip
      writeFileSync(head(), bytes)
      expect(first(await verifyIn(dir)).what).toBe('head-file')
    }),
    { numRuns: IS_LONG ? 2000 : 30 },
  )
}, 600_000)

test('a line that was taken out of the head file, and the file itself, are missed', async () => {
  refresh()
  const lines = readFileSync(head(), 'utf8').split('\n')
  writeFileSync(head(), lines.toSpliced(3, 1).join('\n'))
  expect(first(await verifyIn(dir))).toMatchObject({
    what: 'head-file',
    why: 'the head file has lost the line of this position',
  })
  rmSync(head())
  expect(first(await verifyIn(dir))).toMatchObject({ what: 'head-file', why: expect.stringContaining('is gone') })
})

test('a head file that is behind, as a power cut leaves it, is only worth a note', async () => {
  refresh()
  for (const cut of [1, 40, 500]) {
    truncateSync(head(), readFileSync(join(sound, 'head')).length - cut)
    const report = await verifyIn(dir)
    expect(report).toMatchObject({ ok: true, notes: [expect.stringContaining('behind')] })
  }
})

test('whatever bytes of the file are altered, verify ends with a verdict, and calls nothing sound that reads otherwise', async () => {
  const sane = contentOf(join(sound, 'ledger.sqlite'))
  const size = readFileSync(join(sound, 'ledger.sqlite')).length
  let found = 0
  await fc.assert(
    fc.asyncProperty(
      fc.nat(size - 1),
      fc.integer({ min: 1, max: 255 }),
      fc.integer({ min: 1, max: 64 }),
      async (at, flip, many) => {
        refresh()
        const bytes = readFileSync(file())
        for (let i = at; i < Math.min(size, at + many); i += 1) bytes[i] = (bytes[i] as number) ^ flip
        writeFileSync(file(), bytes)
        const report = await verifyIn(dir)
        if (report.ok) expect(contentOf(file())).toEqual(sane)
        else found += 1
      },
    ),
    { numRuns: IS_LONG ? 3000 : 60, endOnFailure: !IS_LONG },
  )
  expect(found).toBeGreaterThan(10)
}, 3_600_000)

const contentOf = (path: string) => {
  const db = new DatabaseSync(path, { readOnly: true })
  try {
    return LOOKED_AT.map(([name, { key }]) => db.prepare(`SELECT * FROM ${name} ORDER BY ${key}`).all())
  } finally {
    db.close()
  }
}

test('a missing table, a file that is no database, and no file at all are flaws, not crashes', async () => {
  expect((await tampered((db) => db.exec('DROP TABLE payment'))).flaws).toMatchObject([
    { what: 'table', table: 'payment' },
  ])
  expect(first(await tampered((db) => db.exec('DROP TABLE seal'))).what).toBe('seal')
  expect(first(await tampered((db) => db.exec('DROP TABLE ledger'))).why).toMatch(/no such table/)
  refresh()
  writeFileSync(
    file(),
    'this is no database, whatever its name says, and it is long enough to be read as one'.repeat(100),
  )
  expect(first(await verifyIn(dir)).why).toMatch(/not a database/)
  rmSync(file())
  expect(first(await verifyIn(dir)).why).toMatch(/there is no/)
})

test('rebuild mends the tables and says which rows differed, but builds nothing from a ledger that was altered', async () => {
  await tampered((db) =>
    db.exec(
      "UPDATE payment SET cents = cents + 1 WHERE n = 0; DELETE FROM cash_move; INSERT INTO record VALUES ('post', 'ghost', '{}', 0)",
    ),
  )
  const mended = await rebuildIn(dir)
  expect(mended).toMatchObject({ isRebuilt: true, flaws: [] })
  expect(new Set(mended.differences.map(({ table }) => table))).toEqual(new Set(['payment', 'cash_move', 'record']))
  expect(await verifyIn(dir)).toMatchObject({ ok: true })

  await tampered((db) => db.exec("UPDATE ledger SET data = replace(data, '300', '301') WHERE name = 'sale.recorded'"))
  expect(await rebuildIn(dir)).toMatchObject({ isRebuilt: false, flaws: [{ what: 'row' }, { what: 'row' }] })
})

test('rebuild leaves alone what stands apart from the ledger, and refuses while anybody has the file open', async () => {
  await tampered((db) => db.exec("INSERT INTO personal VALUES ('x', 'note', 'kept', '2026-01-01')"))
  const other = new DatabaseSync(file(), { readOnly: true })
  other.exec('PRAGMA journal_mode')
  other.prepare('SELECT 1 FROM ledger').get()
  other.close()
  expect(await rebuildIn(dir)).toMatchObject({ isRebuilt: true })
  const db = new DatabaseSync(file())
  expect(db.prepare("SELECT text FROM personal WHERE ref = 'x'").get()).toMatchObject({ text: 'kept' })
  db.exec('PRAGMA journal_mode=WAL')
  db.prepare('SELECT 1 FROM ledger').get()
  await expect(rebuildIn(dir)).rejects.toThrow('is in use by another process')
  db.close()
})
