import {
  type Category,
  type DataOf,
  type DepositOpened,
  type ExitLineBody,
  type ExitRecorded,
  type FactSpec,
  type KeptFact,
  type MatterCorrected,
  type MatterLogged,
  type OpenDepositBody,
  type RecordExitBody,
  type RecordKind,
  type RecordOf,
  SaleRecorded,
  type WeighBody,
} from '@recyclique/contracts'
import { changeRecord } from '../../kernel/centre/change-record.ts'
import { Refusal } from '../../kernel/errors.ts'
import type { Kept } from '../../kernel/ledger/ledger.ts'
import { type Draft, draft, type Rule } from '../../kernel/ledger/rule.ts'
import { closeDeposit } from '../../kernel/matter/close-deposit.ts'
import { type CorrectLine, correctLine } from '../../kernel/matter/correct-line.ts'
import { openDeposit } from '../../kernel/matter/open-deposit.ts'
import { recordExit } from '../../kernel/matter/record-exit.ts'
import { type StockLine, stock } from '../../kernel/matter/stock.ts'
import { weigh } from '../../kernel/matter/weigh.ts'
import { openTestLedger } from '../support/ledger.ts'

/** The day on which the test ledger's clock stands. */
export const TODAY = '2026-03-10'

export type Reception = Awaited<ReturnType<typeof openReception>>

/** A centre with a post, some categories, a trolley of 2 kg and two partners; and its acts in one word each. */
export const openReception = async () => {
  const { do: act, ...t } = await openTestLedger(`${TODAY}T10:00:00.000Z`)
  const record = <K extends RecordKind>(kind: K, one: RecordOf<K>) => act(changeRecord, { kind, record: one })

  await record('site', { id: 'centre', name: 'Le centre', timeZone: 'Europe/Paris', vatRegime: 'exempt' })
  await record('post', { id: 'quai', name: 'Quai' })
  await record('container', { id: 'chariot', name: 'Chariot', tareGrams: 2_000 })
  await record('partner', { id: 'le-relais', name: 'Le Relais', kind: 'recycler' })
  await record('partner', { id: 'emmaus', name: 'Emmaüs', kind: 'partner' })
  await record('user', { id: 'benevole-7', roles: [] })
  for (const id of ['textile', 'livres', 'divers', 'deee']) await record('category', category({ id }))

  return {
    ...t,
    act,
    record,
    open: async (body: Partial<OpenDepositBody> = {}) =>
      first<DepositOpened>(await act(openDeposit, { postId: 'quai', origin: 'voluntary', ...body })),
    weigh: async (depositId: string, body: Partial<WeighBody>, actor = 'manager') =>
      first<MatterLogged>(
        await act(weigh, { depositId, categoryId: 'textile', grossGrams: 5_000, ...body }, { actor }),
      ),
    close: async (depositId: string) => first(await act(closeDeposit, { depositId })),
    exit: async (body: Partial<RecordExitBody> & Pick<RecordExitBody, 'kind' | 'lines'>) =>
      first<ExitRecorded>(await act(recordExit, body)),
    correct: async (body: CorrectLine, actor = 'manager') =>
      first<MatterCorrected>(await act(correctLine, body, { actor })),
    /** One deposit of one line, without questions. */
    async receive(categoryId: string, netGrams: number, businessDate = TODAY) {
      const deposit = await this.open({ businessDate })
      return this.weigh(deposit.data.depositId, { categoryId, grossGrams: netGrams, confirmed: true })
    },
    /** Keeps facts as they are: what the till tells, without a till. */
    tell: (...drafts: Draft[]) => act(asTold, drafts),
    stock: async (from: string, to: string) => (await stock(t.store.read, { from, to })).categories,
    total: async (from: string, to: string) => (await stock(t.store.read, { from, to })).total,
    moved: () => t.store.read.all<{ grams: number }>('SELECT grams FROM movement ORDER BY position, n'),
    done: t.close,
  }
}

export const category = (one: Partial<Category> & { id: string }): Category => ({
  shortName: one.id,
  officialName: one.id,
  eee: 'none',
  shownAtSale: true,
  shownAtReception: true,
  ...one,
})

export const line = (categoryId: string, grossGrams: number): ExitLineBody => ({ categoryId, grossGrams })

/** A sale of so many grams of a category. */
export const saleOf = (saleId: string, categoryId: string, grams: number, businessDate: string): Draft =>
  draft(
    SaleRecorded,
    {
      saleId,
      registerId: 'caisse',
      sessionId: saleId,
      lines: [{ line: 1, categoryId, categoryName: categoryId, qty: 1, lineCents: 500, lineGrams: grams }],
      totalCents: 500,
      donationCents: 0,
      payments: [{ methodId: 'especes', cents: 500, direction: 'in', nature: 'sale' }],
      isGloballyPriced: false,
      hasNote: false,
    },
    { businessDate },
  )

/** The refusal that an act ends in; fails when there is none. */
export const refusal = async (act: Promise<unknown>): Promise<Refusal> => {
  const error = await act.then(
    () => new Error('nothing was refused'),
    (cause: unknown) => cause,
  )
  if (error instanceof Refusal) return error
  throw error
}

export const byId = (lines: readonly StockLine[]): Record<string, StockLine> =>
  Object.fromEntries(lines.map((one) => [one.categoryId, one]))

const asTold: Rule<Draft[], undefined> = {
  load: async () => undefined,
  decide: (_, { body }) => ({ facts: body }),
}

const first = <F extends DataOf<FactSpec>>({ facts }: Kept): KeptFact<F> => {
  if (!facts[0]) throw new Error('no fact was kept')
  return facts[0] as KeptFact<F>
}
