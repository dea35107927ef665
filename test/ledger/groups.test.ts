import { appendFileSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ClockSetBack } from '@recyclique/contracts'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { closeSession } from '../../kernel/cash/close-session.ts'
import { openSession } from '../../kernel/cash/open-session.ts'
import { changeRecord } from '../../kernel/centre/change-record.ts'
import { dayIn } from '../../kernel/centre/day.ts'
import { openHeadFile } from '../../kernel/ledger/head-file.ts'
import { type Ledger, openLedger } from '../../kernel/ledger/ledger.ts'
import { draft, type Rule } from '../../kernel/ledger/rule.ts'
import { openSealer } from '../../kernel/ledger/seal.ts'
import { projection } from '../../kernel/projection.ts'
import { recordSale } from '../../kernel/sales/record-sale.ts'
import { refundSale } from '../../kernel/sales/refund-sale.ts'
import { type Store, StoreLost } from '../../kernel/store/port.ts'
import { openSqlite } from '../../kernel/store/sqlite.ts'
import { insert } from '../../kernel/store/table.ts'
import { tables } from '../../kernel/tables.ts'
import { IS_LONG, verifyIn } from '../support/check.ts'
import { setUp } from '../support/history.ts'
import { openTestLedger, type TestLedger } from '../support/ledger.ts'

let t: TestLedger
let sessionId: string

beforeEach(async () => {
  t = await openTestLedger()
  await setUp(t)
  sessionId = t.newId()
  await t.do(openSession, { registerId: 'till-1', floatCents: 0 }, { id: sessionId })
})

afterEach(async () => {
  await t.close()
})

const chair = (qty = 1) => ({
  sessionId,
  lines: [{ categoryId: 'chairs', qty, unitCents: 500 }],
  totalCents: 500 * qty,
  payments: [{ methodId: 'cash', cents: 500 * qty }],
})

const back = (saleId: string, qty: number) => ({
  saleId,
  sessionId,
  lines: [{ line: 1, qty, cents: 500 * qty }],
  payments: [{ methodId: 'cash', cents: 500 * qty }],
  areGoodsBack: true,
})

const codesOf = async (acts: Promise<unknown>[]): Promise<string[]> =>
  (await Promise.allSettled(acts)).map((one) => (one.status === 'fulfilled' ? 'kept' : one.reason.code))

test('refunds that arrive together never give back more than was sold', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 6 }),
      fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 8 }),
      async (sold, wanted) => {
        const saleId = t.newId()
        await t.do(recordSale, chair(sold), { id: saleId })
        await Promise.allSettled(wanted.map((qty) => t.do(refundSale, back(saleId, qty))))
        const gone = await t.store.read.one<{ qty: number; cents: number }>(
          'SELECT COALESCE(SUM(qty), 0) AS qty, COALESCE(SUM(cents), 0) AS cents FROM refunded_line WHERE sale_id = ?',
          saleId,
        )
        let left = sold
        for (const qty of wanted) if (qty <= left) left -= qty
        expect(gone).toMatchObject({ qty: sold - left, cents: 500 * (sold - left) })
      },
    ),
    { numRuns: IS_LONG ? 1000 : 20 },
  )
}, 120_000)

test('a close and a sale that race end in one order: the close counts the sale, or the sale is refused', async () => {
  const close = { sessionId, counted: [{ methodId: 'cash', cents: 500 }], reason: 'compté' }
  expect(await codesOf([t.do(recordSale, chair()), t.do(closeSession, close)])).toEqual(['kept', 'kept'])
  const first = await t.store.read.one<{ data: string }>("SELECT data FROM ledger WHERE name = 'cash.session.closed'")
  expect(JSON.parse(first?.data ?? '')).toMatchObject({ saleCount: 1, salesCents: 500, varianceCents: 0 })

  sessionId = t.newId()
  await t.do(openSession, { registerId: 'till-1', floatCents: 500 }, { id: sessionId })
  const early = { ...close, sessionId }
  expect(await codesOf([t.do(closeSession, early), t.do(recordSale, chair())])).toEqual(['kept', 'session-closed'])
})

test('the same key and body give the same facts again, alone and within one commit', async () => {
  const body = chair()
  const as = { key: 'one-key-for-all', id: t.newId() }
  const [one, two] = await Promise.all([t.do(recordSale, body, as), t.do(recordSale, body, { ...as, id: t.newId() })])
  const later = await t.do(recordSale, body, { ...as, id: t.newId() })
  expect([one?.replayed, two?.replayed, later.replayed]).toEqual([false, true, true])
  expect(two?.facts).toEqual(one?.facts)
  expect(later.facts).toEqual(one?.facts)
  expect(await t.store.read.one('SELECT COUNT(*) AS n FROM ticket')).toMatchObject({ n: 1 })
})

test('the same key with another body is refused, and the first answer stands', async () => {
  const as = { key: 'one-key-for-all' }
  await t.do(recordSale, chair(1), as)
  expect(await codesOf([t.do(recordSale, chair(2), as)])).toEqual(['key-reused'])
  expect(await codesOf([t.do(recordSale, chair(1), { ...as, actor: 'another' })])).toEqual(['key-reused'])
  expect(await t.do(recordSale, chair(1), as)).toMatchObject({ replayed: true })
})

test('a key whose command was refused is free: the corrected ticket may bear it', async () => {
  const as = { key: 'one-key-for-all' }
  expect(await codesOf([t.do(recordSale, { ...chair(), totalCents: 1 }, as), t.do(recordSale, chair(), as)])).toEqual([
    'total-differs',
    'kept',
  ])
})

test('a refusal, or a rule that crashes half-way, touches nobody else in the commit', async () => {
  const crash: Rule<object, undefined> = {
    load: async () => undefined,
    decide: () => {
      throw new TypeError('a bug')
    },
  }
  /** Breaks once its fact is in the ledger: the second note has the key of the first. */
  const note = insert('personal', { ref: 'x', kind: 'note', text: '', written_at: '' })
  const clash: Rule<object, undefined> = {
    load: async () => undefined,
    decide: (_, __, { today, recordedAt }) => ({
      facts: [draft(ClockSetBack, { clock: recordedAt, lastRecordedAt: recordedAt }, { businessDate: today })],
      apart: [note, note],
    }),
  }
  const before = t.ledger.head.position
  const results = await codesOf([
    t.do(recordSale, chair()),
    t.do(recordSale, { ...chair(), totalCents: 1 }),
    t.do(crash, {}),
    t.do(clash, {}),
    t.do(recordSale, chair()),
    t.do(openSession, { registerId: 'till-1', floatCents: 0 }),
    t.do(recordSale, chair()),
  ])
  expect(results).toEqual([
    'kept',
    'total-differs',
    undefined,
    'ERR_SQLITE_ERROR',
    'kept',
    'session-already-open',
    'kept',
  ])
  expect(t.ledger.head.position).toBe(before + 3)
  const seqs = await t.store.read.all("SELECT seq FROM ledger WHERE journal = 'register-till-1' ORDER BY seq")
  expect(seqs).toMatchObject([{ seq: 1 }, { seq: 2 }, { seq: 3 }])
  expect(await verifyIn(t.dir)).toMatchObject({ ok: true })
})

/** A store whose commits fail while it is told to: after all work is done, as a full disk does. */
const failing = (store: Store) => {
  const control = { error: undefined as Error | undefined }
  const wrapped: Store = {
    ...store,
    write: (work) =>
      store.write(async (tx) => {
        const result = await work(tx)
        if (control.error) throw control.error
        return result
      }),
  }
  return { control, wrapped }
}

const reopen = async (store: Store, onLost: (error: StoreLost) => void): Promise<Ledger> => {
  const sealer = openSealer(join(t.dir, 'keys'))
  return openLedger({
    store,
    sealer,
    headFile: openHeadFile(join(t.dir, 'keys', 'head')),
    projection,
    site: 'centre',
    now: () => new Date('2026-03-10T11:00:00.000Z'),
    dayOf: dayIn('Europe/Paris'),
    newId: t.newId,
    onLost,
  })
}

test('when the commit fails, all of the group are told so, nothing is kept, and the next commit goes on from the disk', async () => {
  const { control, wrapped } = failing(t.store)
  const lost: StoreLost[] = []
  const ledger = await reopen(wrapped, (error) => lost.push(error))
  const sell = (key: string) =>
    ledger.append({ key, digest: 'd', actor: 'manager', id: t.newId(), body: chair() }, recordSale)
  const { head } = ledger
  control.error = new Error('the commit failed')
  expect(await codesOf([sell('key-1'), sell('key-2'), sell('key-3')])).toEqual(Array(3).fill('ledger-unavailable'))
  expect([ledger.head, lost]).toEqual([head, []])
  expect(await t.store.read.one('SELECT COUNT(*) AS n FROM ticket')).toMatchObject({ n: 0 })

  control.error = new StoreLost(new Error('disk I/O error'))
  expect(await codesOf([sell('key-1')])).toEqual(['ledger-unavailable'])
  expect(lost).toHaveLength(1)

  control.error = undefined
  expect(await codesOf([sell('key-1'), sell('key-2')])).toEqual(['kept', 'kept'])
  expect(ledger.head.position).toBe(head.position + 2)
  expect(await verifyIn(t.dir)).toMatchObject({ ok: true, notes: [] })
  await ledger.close()
})

test('what was committed is answered even if the head file cannot be written, and then the process is told to end', async () => {
  const lost: StoreLost[] = []
  const sealer = openSealer(join(t.dir, 'keys'))
  const headFile = openHeadFile(join(t.dir, 'keys', 'head'))
  const full = {
    ...headFile,
    last: headFile.last,
    append: () => {
      throw new Error('no space left on device')
    },
  }
  const ledger = await openLedger({
    store: t.store,
    sealer,
    headFile: full,
    projection,
    site: 'centre',
    now: () => new Date('2026-03-10T11:00:00.000Z'),
    dayOf: dayIn('Europe/Paris'),
    newId: t.newId,
    onLost: (error) => lost.push(error),
  })
  const kept = await ledger.append(
    { key: 'key-1', digest: 'd', actor: 'manager', id: t.newId(), body: chair() },
    recordSale,
  )
  expect([kept.facts.length, lost.length]).toEqual([1, 1])
  expect(await verifyIn(t.dir)).toMatchObject({ ok: true, notes: [expect.stringContaining('1 seal(s) behind')] })
  headFile.close()

  await (await reopen(t.store, () => undefined)).close()
  expect(await verifyIn(t.dir)).toMatchObject({ ok: true, notes: [] })
})

test('a clock that is set back never takes the ledger back in time, and is told of', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: -100_000_000, max: 100_000_000 }), { maxLength: 6 }), async (jumps) => {
      let clock = Date.parse('2026-03-10T10:00:00.000Z')
      for (const jump of jumps) {
        clock += jump
        t.setClock(new Date(clock).toISOString())
        await t.do(changeRecord, { kind: 'post', record: { id: 'door', name: t.newId() } })
      }
      const times = await t.store.read.all<{ recorded_at: string }>('SELECT recorded_at FROM ledger ORDER BY position')
      const all = times.map((row) => row.recorded_at)
      expect(all).toEqual(all.toSorted())
    }),
    { numRuns: IS_LONG ? 300 : 10 },
  )
  expect(await verifyIn(t.dir)).toMatchObject({ ok: true })
})

test('a head file whose last line a power cut tore is mended at the next start', async () => {
  const dir = join(t.dir, 'torn')
  const file = join(dir, 'head')
  const one = openHeadFile(file)
  one.append({ position: 1, hash: 'a'.repeat(64) })
  one.append({ position: 2, hash: 'b'.repeat(64) })
  one.close()
  const whole = readFileSync(file, 'utf8')
  for (const torn of ['3 cc', '\0\0\0', '3']) {
    appendFileSync(file, torn)
    const again = openHeadFile(file)
    expect(again.last).toEqual({ position: 2, hash: 'b'.repeat(64) })
    again.close()
    expect(readFileSync(file, 'utf8')).toBe(whole)
  }
  await rm(dir, { recursive: true })
})

test('the bare store undoes a savepoint that fails and keeps the rest', async () => {
  const store = openSqlite(join(t.dir, 'bare.sqlite'), tables)
  const note = (ref: string) => ({
    do: 'insert' as const,
    table: 'personal',
    row: { ref, kind: 'note', text: '', written_at: '' },
  })
  await store.write(async (tx) => {
    await tx.change(note('a'))
    await tx
      .savepoint(async () => {
        await tx.change(note('b'))
        await tx.change(note('a'))
      })
      .catch(() => undefined)
    await tx.change(note('c'))
  })
  expect(await store.read.all('SELECT ref FROM personal ORDER BY ref')).toMatchObject([{ ref: 'a' }, { ref: 'c' }])
  await store.close()
})
