import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dayIn } from '../../kernel/centre/day.ts'
import { openHeadFile } from '../../kernel/ledger/head-file.ts'
import { type Kept, type Ledger, openLedger } from '../../kernel/ledger/ledger.ts'
import type { Command, Rule } from '../../kernel/ledger/rule.ts'
import { openSealer } from '../../kernel/ledger/seal.ts'
import { projection } from '../../kernel/projection.ts'
import type { Store } from '../../kernel/store/port.ts'
import { openSqlite } from '../../kernel/store/sqlite.ts'
import { tables } from '../../kernel/tables.ts'

export interface TestLedger {
  readonly ledger: Ledger
  readonly store: Store
  readonly dir: string
  /** Does one act, under a fresh key and id unless said. */
  do<B, S>(rule: Rule<B, S>, body: B, as?: Partial<Pick<Command, 'key' | 'actor' | 'id'>>): Promise<Kept>
  /** The next id: a UUID that counts, so that a failed test reads the same each time. */
  newId(): string
  /** What the clock shows from now on, as an ISO instant. */
  setClock(instant: string): void
  /** Closes everything and removes the folder. */
  close(): Promise<void>
}

/** The real ledger, with every rule's tables, in a folder of its own. The clock stands still until a test moves it. */
export const openTestLedger = async (start = '2026-03-10T10:00:00.000Z'): Promise<TestLedger> => {
  const dir = await mkdtemp(join(tmpdir(), 'recyclique-ledger-'))
  const store = openSqlite(join(dir, 'ledger.sqlite'), tables)
  const sealer = openSealer(join(dir, 'keys'))
  let clock = new Date(start)
  let made = 0
  const newId = () => {
    made += 1
    return `00000000-0000-7000-8000-${String(made).padStart(12, '0')}`
  }
  const ledger = await openLedger({
    store,
    sealer,
    headFile: openHeadFile(join(dir, 'keys', 'head')),
    projection,
    site: 'centre',
    now: () => clock,
    dayOf: dayIn('Europe/Paris'),
    newId,
    onLost: (error) => {
      throw error
    },
  })
  return {
    ledger,
    store,
    dir,
    newId,
    do: (rule, body, { key = newId(), actor = 'manager', id = newId() } = {}) =>
      ledger.append({ key, actor, id, body, digest: sealer.digest(JSON.stringify([actor, body])) }, rule),
    setClock(instant) {
      clock = new Date(instant)
    },
    async close() {
      await ledger.close()
      await store.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
