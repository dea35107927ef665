import { join } from 'node:path'
import type { CashSessionOpened, KeptFact } from '@recyclique/contracts'
import { v7 as newId } from 'uuid'
import { closeSession } from '../../kernel/cash/close-session.ts'
import { openSession } from '../../kernel/cash/open-session.ts'
import { changeRecord } from '../../kernel/centre/change-record.ts'
import { dayIn } from '../../kernel/centre/day.ts'
import { firstStart } from '../../kernel/first-start.ts'
import { openHeadFile } from '../../kernel/ledger/head-file.ts'
import { type Ledger, openLedger } from '../../kernel/ledger/ledger.ts'
import type { Rule } from '../../kernel/ledger/rule.ts'
import { openSealer } from '../../kernel/ledger/seal.ts'
import { projection } from '../../kernel/projection.ts'
import { recordSale } from '../../kernel/sales/record-sale.ts'
import { openSqlite } from '../../kernel/store/sqlite.ts'
import { tables } from '../../kernel/tables.ts'

const CATEGORIES = 60
const DAYS_A_YEAR = 200
const YEARS = 5

/** Real sales through the real ledger, spread over five years of opening days by a clock of our own; three weighed lines each. */
export const fillLedger = async (dataDir: string, sales: number): Promise<void> => {
  const keys = join(dataDir, 'keys')
  const store = openSqlite(join(dataDir, 'ledger.sqlite'), tables)
  let clock = new Date('2021-01-04T08:00:00Z')
  const ledger = await openLedger({
    store,
    sealer: openSealer(keys),
    headFile: openHeadFile(join(keys, 'head')),
    projection,
    site: 'centre',
    now: () => clock,
    dayOf: dayIn('Europe/Paris'),
    newId,
    onLost: (error) => {
      throw error
    },
  })
  await firstStart(ledger, 'centre', newId)
  await set(ledger, 'register', { id: 'caisse-1', name: 'Caisse 1' })
  for (let n = 0; n < CATEGORIES; n += 1)
    await set(ledger, 'category', {
      id: `cat-${n}`,
      shortName: `Cat ${n}`,
      officialName: `Catégorie ${n}`,
      eee: 'none',
      shownAtSale: true,
      shownAtReception: true,
    })
  const aDay = Math.ceil(sales / (YEARS * DAYS_A_YEAR))
  for (let sold = 0, day = 0; sold < sales; sold += aDay, day += 1) {
    clock = dayOf(day)
    const session = await act(ledger, openSession, { registerId: 'caisse-1', floatCents: 5000 })
    const { sessionId } = (session.facts[0] as KeptFact<CashSessionOpened>).data
    await Promise.all(
      Array.from({ length: Math.min(aDay, sales - sold) }, (_, n) =>
        act(ledger, recordSale, sale(sessionId, sold + n)),
      ),
    )
    const takings = Math.min(aDay, sales - sold) * 1500
    await act(ledger, closeSession, { sessionId, counted: [{ methodId: 'cash', cents: 5000 + takings }] })
  }
  await ledger.close()
  await store.close()
}

const dayOf = (day: number): Date => {
  const year = 2021 + Math.floor(day / DAYS_A_YEAR)
  const inYear = Math.floor(((day % DAYS_A_YEAR) * 360) / DAYS_A_YEAR)
  return new Date(Date.UTC(year, 0, 4 + inYear, 9))
}

const sale = (sessionId: string, n: number) => ({
  sessionId,
  lines: [0, 1, 2].map((line) => ({
    categoryId: `cat-${(n * 7 + line * 13) % CATEGORIES}`,
    qty: 1,
    unitCents: 500,
    grams: 690,
  })),
  totalCents: 1500,
  payments: [{ methodId: 'cash', cents: 1500 }],
})

const act = <B, S>(ledger: Ledger, rule: Rule<B, S>, body: B) => {
  const id = newId()
  return ledger.append({ key: id, digest: '', actor: 'manager', id, body }, rule)
}

const set = (ledger: Ledger, kind: 'register' | 'category', record: object) =>
  act(ledger, changeRecord, { kind, record: record as never })
