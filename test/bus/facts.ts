import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CashVarianceFlagged, type Mode, PostChanged } from '@recyclique/contracts'
import { projectionOf } from '../../kernel/ledger/apply.ts'
import { openHeadFile } from '../../kernel/ledger/head-file.ts'
import { type Ledger, openLedger } from '../../kernel/ledger/ledger.ts'
import { type Draft, draft, type Rule } from '../../kernel/ledger/rule.ts'
import { openSealer } from '../../kernel/ledger/seal.ts'
import { ledgerTables } from '../../kernel/ledger/tables.ts'
import { registryApply } from '../../kernel/registry/apply.ts'
import { registryTables } from '../../kernel/registry/tables.ts'
import type { Store } from '../../kernel/store/port.ts'
import { openSqlite } from '../../kernel/store/sqlite.ts'
import { wishTables } from '../../kernel/wishes/tables.ts'

export type Facts = {
  ledger: Ledger
  store: Store
  /** Keeps so many facts of no consequence (`cash.variance.flagged`), as one command. */
  keep(count: number, mode?: Mode): Promise<void>
  /** Keeps one `post.changed`. */
  keepOther(): Promise<void>
  close(): Promise<void>
}

const keepThem: Rule<Draft[], undefined> = {
  load: async () => undefined,
  decide: (_, { body }) => ({ facts: body }),
}

/** A real ledger on a real file whose facts change nothing but the chain: for those who tell facts, and do not read them. */
export const openFacts = async (): Promise<Facts> => {
  const folder = await mkdtemp(join(tmpdir(), 'recyclique-facts-'))
  const store = openSqlite(join(folder, 'ledger.sqlite'), { ...ledgerTables, ...registryTables, ...wishTables })
  const ledger = await openLedger({
    store,
    sealer: openSealer(join(folder, 'keys')),
    headFile: openHeadFile(join(folder, 'keys', 'head')),
    projection: projectionOf([
      ...[CashVarianceFlagged, PostChanged].map((spec) => ({ spec, apply: () => [] })),
      ...registryApply,
    ]),
    site: 'essai',
    now: () => new Date(),
    dayOf: (instant) => instant.toISOString().slice(0, 10),
    newId: randomUUID,
    onLost: (error) => {
      throw error
    },
  })
  const append = async (drafts: Draft[]) => {
    const id = randomUUID()
    await ledger.append({ key: id, digest: id, actor: 'anne', id, body: drafts }, keepThem)
  }
  return {
    ledger,
    store,
    keep: (count, mode = 'live') => append(Array.from({ length: count }, () => aFact(mode))),
    keepOther: () =>
      append([
        draft(PostChanged, { id: 'quai', name: 'Quai', siteId: 'essai', isArchived: false } as unknown as PostChanged, {
          businessDate: '2026-11-20',
        }) as unknown as Draft,
      ]),
    async close() {
      await ledger.close()
      await store.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const aFact = (mode: Mode): Draft =>
  draft(
    CashVarianceFlagged,
    { sessionId: randomUUID(), registerId: 'caisse-1', varianceCents: 5 },
    { mode, businessDate: '2026-11-20' },
  ) as unknown as Draft
