import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Store, WriteTransaction } from '../../kernel/store/port.ts'
import { add, insert, put, type Row, remove, type Tables, update } from '../../kernel/store/table.ts'

/** The tables that the suite asks for: one of each `keep`, each kind of column, and both kinds of uniqueness. */
export const SUITE_TABLES: Tables = {
  thing: { keep: 'state', columns: { id: 'text', n: 'int', note: 'text?', weight: 'int?' }, key: ['id'] },
  pair: {
    keep: 'state',
    columns: { a: 'text', b: 'int', status: 'text' },
    key: ['a', 'b'],
    unique: [{ columns: ['a'], where: "status = 'open'" }],
    index: [['status']],
  },
  sum_by_day: { keep: 'state', columns: { day: 'text', cents: 'int', name: 'text' }, key: ['day'] },
  log: { keep: 'ledger', columns: { position: 'int', data: 'text' }, key: ['position'] },
  beside: { keep: 'apart', columns: { id: 'text', text: 'text' }, key: ['id'] },
}

/** What an adapter brings: an empty store with `SUITE_TABLES`. `close` takes it away, and may be called after the store's own. */
export interface StoreUnderTest {
  readonly store: Store
  close(): Promise<void>
}

/**
 * What every adapter of the Store port must do. Only verbs of the port are used, and SQL that all databases understand. A
 * statement that fails stands in a savepoint of its own: without one, some databases end the whole transaction.
 */
export const storeSuite = (open: () => Promise<StoreUnderTest>): void => {
  let store: Store
  let close: () => Promise<void>
  beforeEach(async () => {
    ;({ store, close } = await open())
  })
  afterEach(() => close())

  const thing = (id: string, n = 0): Row => ({ id, n, note: null, weight: null })
  const keep = (...rows: Row[]) =>
    store.write(async (tx) => {
      for (const row of rows) await tx.change(insert('thing', row))
    })
  const idsIn = async (read: Pick<Store['read'], 'all'>) =>
    (await read.all<{ id: string }>('SELECT id FROM thing ORDER BY id')).map(({ id }) => id)
  const ids = () => idsIn(store.read)
  const failing = (tx: WriteTransaction, work: () => Promise<unknown>) =>
    tx.savepoint(work).then(
      () => undefined,
      (error: Error) => error,
    )
  /** A gate that a test opens when it likes. */
  const gate = () => Promise.withResolvers<void>()

  test('a write gives what its work gives, and what it changed can be read', async () => {
    const given = await store.write(async (tx) => {
      await tx.change(insert('thing', thing('a', 7)))
      return 'done'
    })
    expect(given).toBe('done')
    expect(await store.read.one('SELECT n FROM thing WHERE id = ?', 'a')).toMatchObject({ n: 7 })
  })

  test('a question without an answer gives no rows, and not one row', async () => {
    expect(await store.read.all('SELECT * FROM thing')).toEqual([])
    expect(await store.read.one('SELECT * FROM thing')).toBeUndefined()
    expect(await store.slowRead.one('SELECT * FROM thing')).toBeUndefined()
  })

  test('a write that fails rejects with its own error and keeps nothing', async () => {
    const wrong = store.write(async (tx) => {
      await tx.change(insert('thing', thing('a')))
      throw new Error('no')
    })
    await expect(wrong).rejects.toThrow('no')
    expect(await ids()).toEqual([])
  })

  test('after a write that failed the next one works', async () => {
    await expect(store.write(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
    await keep(thing('a'))
    expect(await ids()).toEqual(['a'])
  })

  test('writes run one at a time, in the order in which they were asked for', async () => {
    const seen: string[] = []
    const { promise: opened, resolve } = gate()
    const first = store.write(async () => {
      seen.push('first begins')
      await opened
      seen.push('first ends')
    })
    const second = store.write(async () => {
      seen.push('second')
    })
    await store.read.all('SELECT * FROM thing')
    resolve()
    await Promise.all([first, second])
    expect(seen).toEqual(['first begins', 'first ends', 'second'])
  })

  test('10,000 writes at once keep their order, and each sees the one before', { timeout: 120_000 }, async () => {
    const count = 10_000
    const wait = Array.from({ length: count }, (_, n) =>
      store.write(async (tx) => {
        const last = await tx.one<{ position: number }>('SELECT position FROM log ORDER BY position DESC LIMIT 1')
        await tx.change(insert('log', { position: (last?.position ?? 0) + 1, data: String(n) }))
      }),
    )
    await Promise.all(wait)
    const rows = await store.read.all<{ data: string }>('SELECT data FROM log ORDER BY position')
    expect(rows.length).toBe(count)
    expect(rows.every(({ data }, n) => data === String(n))).toBe(true)
  })

  test('a transaction sees its own changes, and nobody else does before it is done', async () => {
    await keep(thing('a'))
    await store.write(async (tx) => {
      await tx.change(insert('thing', thing('b')))
      expect(await idsIn(tx)).toEqual(['a', 'b'])
      expect(await idsIn(store.read)).toEqual(['a'])
      expect(await idsIn(store.slowRead)).toEqual(['a'])
    })
    expect(await idsIn(store.read)).toEqual(['a', 'b'])
    expect(await idsIn(store.slowRead)).toEqual(['a', 'b'])
  })

  test('a savepoint undoes only itself, and gives its error on', async () => {
    await store.write(async (tx) => {
      await tx.change(insert('thing', thing('before')))
      const error = await failing(tx, async () => {
        await tx.change(insert('thing', thing('inside')))
        throw new Error('no')
      })
      expect(error?.message).toBe('no')
      await tx.change(insert('thing', thing('later')))
      expect(await idsIn(tx)).toEqual(['before', 'later'])
    })
    expect(await ids()).toEqual(['before', 'later'])
  })

  test('a savepoint that works gives what its work gives and stands', async () => {
    const given = await store.write((tx) =>
      tx.savepoint(async () => {
        await tx.change(insert('thing', thing('a')))
        return 42
      }),
    )
    expect(given).toBe(42)
    expect(await ids()).toEqual(['a'])
  })

  test('savepoints inside each other are undone from the inside out', async () => {
    await store.write(async (tx) => {
      await tx.savepoint(async () => {
        await tx.change(insert('thing', thing('outer')))
        await failing(tx, async () => {
          await tx.change(insert('thing', thing('inner')))
          throw new Error('no')
        })
        await tx.savepoint(() => tx.change(insert('thing', thing('second inner'))))
      })
      await failing(tx, async () => {
        await tx.savepoint(() => tx.change(insert('thing', thing('kept by the inner one'))))
        throw new Error('but not by the outer one')
      })
    })
    expect(await ids()).toEqual(['outer', 'second inner'])
  })

  test('a savepoint that worked is undone with the write around it', async () => {
    const wrong = store.write(async (tx) => {
      await tx.savepoint(() => tx.change(insert('thing', thing('a'))))
      throw new Error('no')
    })
    await expect(wrong).rejects.toThrow('no')
    expect(await ids()).toEqual([])
  })

  test('300 savepoints in one write: each third is undone, the others stand', async () => {
    await store.write(async (tx) => {
      for (let n = 0; n < 300; n += 1)
        await failing(tx, async () => {
          await tx.change(insert('log', { position: n + 1, data: '' }))
          if (n % 3 === 0) throw new Error('no')
        })
    })
    expect(await store.read.one('SELECT COUNT(*) AS n FROM log')).toMatchObject({ n: 200 })
  })

  test('a second row with the same key is refused, and the first one stands', async () => {
    await keep(thing('a', 1))
    await expect(keep(thing('b'), thing('a', 2))).rejects.toThrow()
    expect(await store.read.all('SELECT id, n FROM thing')).toMatchObject([{ id: 'a', n: 1 }])
  })

  test('a key of two columns is the pair', async () => {
    const pair = (a: string, b: number) => insert('pair', { a, b, status: 'closed' })
    await store.write(async (tx) => {
      await tx.change(pair('x', 1))
      await tx.change(pair('x', 2))
      await tx.change(pair('y', 1))
      expect(await failing(tx, () => tx.change(pair('x', 2)))).toBeInstanceOf(Error)
    })
    expect(await store.read.one('SELECT COUNT(*) AS n FROM pair')).toMatchObject({ n: 3 })
  })

  test('what is unique under a condition may stand twice outside of it', async () => {
    const pair = (b: number, status: string) => insert('pair', { a: 'x', b, status })
    await store.write(async (tx) => {
      await tx.change(pair(1, 'closed'))
      await tx.change(pair(2, 'closed'))
      await tx.change(pair(3, 'open'))
      expect(await failing(tx, () => tx.change(pair(4, 'open')))).toBeInstanceOf(Error)
      expect(await failing(tx, () => tx.change(update('pair', { a: 'x', b: 1 }, { status: 'open' })))).toBeInstanceOf(
        Error,
      )
      await tx.change(update('pair', { a: 'x', b: 3 }, { status: 'closed' }))
      await tx.change(pair(4, 'open'))
    })
    expect(await store.read.all("SELECT b FROM pair WHERE status = 'open'")).toMatchObject([{ b: 4 }])
  })

  test('put makes a row or takes the place of the one with its key', async () => {
    for (const text of ['first', 'second']) await store.write((tx) => tx.change(put('beside', { id: 'a', text })))
    expect(await store.read.all('SELECT id, text FROM beside')).toMatchObject([{ id: 'a', text: 'second' }])
  })

  test('update changes the named columns of the row with the key, and of no other one', async () => {
    await keep(thing('a', 1), thing('b', 1))
    await store.write((tx) => tx.change(update('thing', { id: 'a' }, { n: 2, note: 'x' })))
    expect(await store.read.all('SELECT id, n, note FROM thing ORDER BY id')).toMatchObject([
      { id: 'a', n: 2, note: 'x' },
      { id: 'b', n: 1, note: null },
    ])
  })

  test('remove takes the row with the key, and no other one', async () => {
    await keep(thing('a'), thing('b'))
    await store.write((tx) => tx.change(remove('thing', { id: 'a' })))
    expect(await ids()).toEqual(['b'])
  })

  test('add makes the row the first time, then adds to its sums and sets the rest', async () => {
    const sold = (day: string, cents: number, name: string) => add('sum_by_day', { day }, { cents }, { name })
    await store.write(async (tx) => {
      await tx.change(sold('monday', 500, 'books'))
      await tx.change(sold('tuesday', 1, 'books'))
      await tx.change(sold('monday', -200, 'paper'))
    })
    expect(await store.read.all('SELECT day, cents, name FROM sum_by_day ORDER BY day')).toMatchObject([
      { day: 'monday', cents: 300, name: 'paper' },
      { day: 'tuesday', cents: 1, name: 'books' },
    ])
  })

  test('a row of the ledger is neither changed nor removed', async () => {
    await store.write((tx) => tx.change(insert('log', { position: 1, data: 'kept' })))
    const refused = (change: Parameters<WriteTransaction['change']>[0]) =>
      expect(store.write((tx) => tx.change(change))).rejects.toThrow()
    await refused(update('log', { position: 1 }, { data: 'altered' }))
    await refused(update('log', { position: 1 }, { position: 2 }))
    await refused(remove('log', { position: 1 }))
    expect(await store.read.all('SELECT position, data FROM log')).toMatchObject([{ position: 1, data: 'kept' }])
  })

  test('the tables that are no ledger can be changed', async () => {
    await keep(thing('a'))
    await store.write(async (tx) => {
      await tx.change(insert('beside', { id: 'a', text: 'x' }))
      await tx.change(remove('beside', { id: 'a' }))
      await tx.change(remove('thing', { id: 'a' }))
    })
    expect(await ids()).toEqual([])
  })

  test.each([0, -1, 1, 1_000_000_000, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER])(
    'the whole number %i comes back as it was',
    async (n) => {
      await keep({ ...thing('a', n), weight: n })
      expect(await store.read.one('SELECT n, weight FROM thing WHERE n = ?', n)).toMatchObject({ n, weight: n })
      expect(await store.slowRead.one('SELECT n FROM thing')).toMatchObject({ n })
    },
  )

  test('minus nothing is nothing', async () => {
    await keep(thing('a', -0))
    expect(Object.is((await store.read.one<{ n: number }>('SELECT n FROM thing'))?.n, 0)).toBe(true)
  })

  test('a sum of whole numbers is a whole number', async () => {
    await keep(thing('a', 4_000_000_000_000_000), thing('b', 4_000_000_000_000_001))
    const sum = 'SELECT SUM(n) AS n, COUNT(*) AS many FROM thing'
    expect(await store.read.one(sum)).toMatchObject({ n: 8_000_000_000_000_001, many: 2 })
    expect(await store.slowRead.one(sum)).toMatchObject({ n: 8_000_000_000_000_001, many: 2 })
  })

  test.each([
    ['empty', ''],
    ['with quotes', `l'abaque "du" quai; -- ?`],
    ['with accents, composed and not', 'été été'],
    ['with an emoji of several code points', '👩‍👩‍👧 🚲'],
    ['with line feeds and tabs', 'a\nb\tc\r\n'],
    ['that looks like a number', '0042'],
    ['that looks like JSON', '{"a":1.50}'],
    ['of 100,000 characters', 'é'.repeat(100_000)],
  ])('text %s comes back as it was', async (_, text) => {
    await keep({ ...thing('a'), note: text })
    expect(await store.read.one('SELECT note FROM thing WHERE note = ?', text)).toMatchObject({ note: text })
    expect(await store.slowRead.one('SELECT note FROM thing WHERE note = ?', text)).toMatchObject({ note: text })
  })

  test('text with a NUL in it is kept whole or refused, never cut', async () => {
    const text = 'before\0after'
    const isKept = await keep({ ...thing('a'), note: text }).then(
      () => true,
      () => false,
    )
    expect(await store.read.all('SELECT note FROM thing')).toMatchObject(isKept ? [{ note: text }] : [])
  })

  test('text is told apart by its bytes and ordered by them', async () => {
    await keep(...['b', 'B', 'a', 'é', 'e', 'a-b', 'a.b'].map((id) => thing(id)))
    expect(await ids()).toEqual(['B', 'a', 'a-b', 'a.b', 'b', 'e', 'é'])
  })

  test('nothing is null, and null is neither empty text nor 0', async () => {
    await keep(thing('a'), { ...thing('b'), note: '', weight: 0 })
    expect(await store.read.all('SELECT note, weight FROM thing ORDER BY id')).toMatchObject([
      { note: null, weight: null },
      { note: '', weight: 0 },
    ])
    expect(await store.read.all('SELECT id FROM thing WHERE note IS NULL')).toHaveLength(1)
  })

  test.each([
    ['null where there must be a number', { id: 'a', n: null, note: null, weight: null }],
    ['text where there must be a number', { id: 'a', n: 'many', note: null, weight: null }],
    ['half a number where there must be a whole one', { id: 'a', n: 0.5, note: null, weight: null }],
    ['a column that the table has not', { id: 'a', n: 1, colour: 'red' }],
    ['a row without a column that must be there', { id: 'a' }],
  ])('%s is refused', async (_, row) => {
    await expect(keep(row)).rejects.toThrow()
    expect(await ids()).toEqual([])
  })

  test('a change of a table that is not declared is refused', async () => {
    await expect(store.write((tx) => tx.change(insert('nowhere', { id: 'a' })))).rejects.toThrow(/nowhere/)
  })

  test('a question that cannot be understood is refused, by whomever it is asked', async () => {
    const wrong = 'SELECT * FROM nowhere'
    await expect(store.read.all(wrong)).rejects.toThrow()
    await expect(store.slowRead.all(wrong)).rejects.toThrow()
    await expect(store.write((tx) => tx.all(wrong))).rejects.toThrow()
    await keep(thing('a'))
    expect(await idsIn(store.slowRead)).toEqual(['a'])
  })

  test('values are never read as SQL', async () => {
    await keep(thing('a'))
    expect(await store.read.all('SELECT id FROM thing WHERE id = ?', "a' OR 'x' = 'x")).toEqual([])
  })

  test('a long question is answered while a write is open, and the write while the question runs', async () => {
    await keep(thing('a'))
    const slow = `SELECT COUNT(*) AS n FROM ${Array.from({ length: 3 }, (_, n) => `many AS m${n}`).join(', ')}`
    const many = 'WITH RECURSIVE many(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM many WHERE i < 120)'
    const answer = store.slowRead.one<{ n: number }>(`${many} ${slow}`)
    let isAnswered = false
    answer.then(() => {
      isAnswered = true
    })
    const { promise: opened, resolve } = gate()
    const write = store.write(async (tx) => {
      await tx.change(insert('thing', thing('b')))
      await opened
    })
    expect(await idsIn(store.read)).toEqual(['a'])
    expect(isAnswered).toBe(false)
    expect(await answer).toMatchObject({ n: 120 ** 3 })
    expect(await idsIn(store.slowRead)).toEqual(['a'])
    resolve()
    await write
    expect(await idsIn(store.slowRead)).toEqual(['a', 'b'])
  })

  test('many long questions at once are each answered with their own', async () => {
    const asked = Array.from({ length: 50 }, (_, n) => n)
    await keep(...asked.map((n) => thing(`t${n}`, n)))
    const answers = asked.map((n) => store.slowRead.one('SELECT n FROM thing WHERE id = ?', `t${n}`))
    expect(await Promise.all(answers)).toMatchObject(asked.map((n) => ({ n })))
  })

  test('close waits for the writes that were asked for', async () => {
    const { promise: opened, resolve } = gate()
    const ended: string[] = []
    const writes = ['first', 'second'].map((name) =>
      store.write(async (tx) => {
        await opened
        await tx.change(insert('thing', thing(name)))
        ended.push(name)
      }),
    )
    const closed = store.close().then(() => ended.push('closed'))
    resolve()
    await Promise.all([...writes, closed])
    expect(ended).toEqual(['first', 'second', 'closed'])
  })
}
