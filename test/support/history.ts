import type { RecordSaleBody } from '@recyclique/contracts'
import fc from 'fast-check'
import { closeSession } from '../../kernel/cash/close-session.ts'
import { moveCash } from '../../kernel/cash/move-cash.ts'
import { openSession } from '../../kernel/cash/open-session.ts'
import { changeRecord } from '../../kernel/centre/change-record.ts'
import { mergeCategory } from '../../kernel/centre/merge-category.ts'
import { Refusal } from '../../kernel/errors.ts'
import type { Kept } from '../../kernel/ledger/ledger.ts'
import type { Rule } from '../../kernel/ledger/rule.ts'
import { tellFact } from '../../kernel/ledger/tell-fact.ts'
import { closeDeposit } from '../../kernel/matter/close-deposit.ts'
import { correctLine } from '../../kernel/matter/correct-line.ts'
import { openDeposit } from '../../kernel/matter/open-deposit.ts'
import { recordExit } from '../../kernel/matter/record-exit.ts'
import { weigh } from '../../kernel/matter/weigh.ts'
import { changeModule } from '../../kernel/registry/change-module.ts'
import { orderModule } from '../../kernel/registry/order-module.ts'
import { permitModule } from '../../kernel/registry/permit-module.ts'
import { copyReceipt } from '../../kernel/sales/copy-receipt.ts'
import { dropTicket, holdTicket } from '../../kernel/sales/hold-ticket.ts'
import { recordSale } from '../../kernel/sales/record-sale.ts'
import { refundSale } from '../../kernel/sales/refund-sale.ts'
import { voidSale } from '../../kernel/sales/void-sale.ts'
import type { TestLedger } from './ledger.ts'

/** One act of a random history. `pick` chooses what it is about, `amount` how much; `waits` false lets the next act share its commit. */
export interface Step {
  readonly act: keyof typeof ACTS
  readonly pick: number
  readonly amount: number
  readonly waits: boolean
}

export const steps = (most: number): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.record({
      act: fc.constantFrom(...(Object.keys(ACTS) as Step['act'][]), ...OFTEN),
      pick: fc.nat(20),
      amount: fc.nat(3),
      waits: fc.boolean(),
    }),
    { minLength: Math.floor(most / 4), maxLength: most, size: 'max' },
  )

/** What later acts need before they can be anything but refused. */
const OFTEN: Step['act'][] = ['open', 'open', 'sell', 'sell', 'sell', 'deposit', 'weigh']

/** What a history knows of itself: the ids that later acts are about. */
interface Known {
  readonly sessions: string[]
  readonly sales: string[]
  readonly held: string[]
  readonly deposits: string[]
  readonly lines: { sourceId: string; lineId: string; sourceKind: 'deposit' | 'exit' }[]
}

export interface Played {
  readonly kept: number
  readonly refused: number
}

/** A centre with two tills, three categories, two ways to pay, a post, a partner. */
export const setUp = async (t: TestLedger): Promise<void> => {
  await t.do(changeRecord, {
    kind: 'site',
    record: { id: 'centre', name: 'Les 3R', timeZone: 'Europe/Paris', vatRegime: 'franchise' },
  })
  for (const id of ['till-1', 'till-2']) await t.do(changeRecord, { kind: 'register', record: { id, name: id } })
  for (const id of ['books', 'tools', 'chairs']) await t.do(changeRecord, { kind: 'category', record: category(id) })
  await t.do(changeRecord, {
    kind: 'payment-method',
    record: { id: 'cash', name: 'Espèces', kind: 'cash', debitAccount: '530', refundAccount: '530' },
  })
  await t.do(changeRecord, {
    kind: 'payment-method',
    record: { id: 'card', name: 'Carte', kind: 'card', debitAccount: '5115', refundAccount: '5115' },
  })
  await t.do(changeRecord, { kind: 'post', record: { id: 'door', name: 'Réception' } })
  await t.do(changeRecord, { kind: 'partner', record: { id: 'metal', name: 'Ferrailleur', kind: 'recycler' } })
}

const category = (id: string, order = 0) => ({
  id,
  shortName: id,
  officialName: `Catégorie ${id} é`,
  eee: 'none' as const,
  shownAtSale: true,
  shownAtReception: true,
  order,
})

/** Does the steps in order. A refusal is a part of history; anything else that fails fails the test. */
export const play = async (t: TestLedger, history: readonly Step[]): Promise<Played> => {
  const known: Known = { sessions: [], sales: [], held: [], deposits: [], lines: [] }
  let kept = 0
  let refused = 0
  let together: Promise<void>[] = []
  for (const step of history) {
    const act = ACTS[step.act](t, known, step).then(
      () => {
        kept += 1
      },
      (error: unknown) => {
        if (!(error instanceof Refusal)) throw error
        refused += 1
      },
    )
    together.push(act)
    if (!step.waits) continue
    await Promise.all(together)
    together = []
  }
  await Promise.all(together)
  return { kept, refused }
}

type Act = (t: TestLedger, known: Known, step: Step) => Promise<Kept>

const NOBODY = '00000000-0000-7000-8000-999999999999'
const one = <T>(list: readonly T[], pick: number): T | undefined => list[pick % Math.max(1, list.length)]
const CATEGORIES = ['books', 'tools', 'chairs', 'unheard-of']
const categoryOf = (pick: number) => (pick === 20 ? 'unheard-of' : (CATEGORIES[pick % 3] as string))

/** Does an act whose id later acts may name, even those that share its commit. */
const made = async <B, S>(t: TestLedger, list: string[], rule: Rule<B, S>, body: B): Promise<Kept> => {
  const id = t.newId()
  list.push(id)
  try {
    return await t.do(rule, body, { id })
  } catch (error) {
    list.splice(list.indexOf(id), 1)
    throw error
  }
}

const saleOf = (known: Known, { pick, amount }: Step): RecordSaleBody => ({
  sessionId: one(known.sessions, pick) ?? NOBODY,
  lines: [
    { categoryId: categoryOf(pick), qty: amount + 1, unitCents: 150, grams: 700 },
    { categoryId: 'tools', qty: 1, preset: 'don' },
  ],
  // Now and then the till and the kernel disagree.
  totalCents: pick === 19 ? 1 : 150 * (amount + 1),
  donationCents: amount === 3 ? 50 : 0,
  payments: [{ methodId: pick % 2 ? 'cash' : 'card', cents: 150 * (amount + 1) + (amount === 3 ? 50 : 0) }],
  ...(pick === 7 ? { note: 'une note' } : {}),
})

const ACTS = {
  open: (t, known, { pick, amount }) =>
    made(t, known.sessions, openSession, {
      registerId: `till-${1 + (pick % 2)}`,
      floatCents: amount * 1000,
      ...(pick > 15 ? { mode: 'training' as const } : {}),
    }),
  sell: (t, known, step) => made(t, known.sales, recordSale, saleOf(known, step)),
  sellHeld: (t, known, step) =>
    made(t, known.sales, recordSale, { ...saleOf(known, step), heldTicketId: one(known.held, step.pick) ?? NOBODY }),
  refund: (t, known, { pick, amount }) =>
    t.do(refundSale, {
      saleId: one(known.sales, pick) ?? NOBODY,
      sessionId: one(known.sessions, pick + amount) ?? NOBODY,
      lines: [{ line: 1, qty: 1, cents: 150 }],
      payments: [{ methodId: 'cash', cents: 150 }],
      areGoodsBack: amount > 1,
    }),
  void: (t, known, { pick, amount }) =>
    t.do(voidSale, {
      saleId: one(known.sales, pick) ?? NOBODY,
      sessionId: one(known.sessions, pick + amount) ?? NOBODY,
    }),
  copy: (t, known, { pick }) => t.do(copyReceipt, { saleId: one(known.sales, pick) ?? NOBODY }),
  hold: (t, known, { pick, amount }) => {
    const ticketId = t.newId()
    known.held.push(ticketId)
    return t.do(holdTicket, {
      ticketId,
      sessionId: one(known.sessions, pick) ?? NOBODY,
      lines: [{ categoryId: categoryOf(pick), qty: amount + 1, unitCents: 150 }],
    })
  },
  drop: (t, known, { pick }) => t.do(dropTicket, { ticketId: one(known.held, pick) ?? NOBODY }),
  move: (t, known, { pick, amount }) =>
    t.do(moveCash, {
      sessionId: one(known.sessions, pick) ?? NOBODY,
      kind: amount === 0 ? 'transfer' : 'top-up',
      cents: 500,
      ...(amount === 0 ? { toSessionId: one(known.sessions, pick + 1) ?? NOBODY } : {}),
    }),
  close: (t, known, { pick, amount }) =>
    t.do(closeSession, {
      sessionId: one(known.sessions, pick) ?? NOBODY,
      counted: [
        { methodId: 'cash', cents: amount * 500 },
        { methodId: 'card', cents: 0 },
      ],
      ...(amount > 1 ? { reason: 'compté deux fois' } : {}),
    }),
  changeCategory: (t, _, { pick, amount }) =>
    t.do(changeRecord, { kind: 'category', record: category(pick === 20 ? 'lamps' : categoryOf(pick), amount) }),
  mergeCategory: (t, _, { pick }) =>
    t.do(mergeCategory, { categoryId: pick > 10 ? 'lamps' : 'lamps-2', intoId: 'tools' }),
  deposit: (t, known, { amount }) =>
    made(t, known.deposits, openDeposit, {
      postId: amount === 3 ? 'nowhere' : 'door',
      origin: 'voluntary',
      ...(amount === 2 ? { businessDate: '2026-03-01' } : {}),
      ...(amount === 1 ? { mode: 'training' as const } : {}),
    }),
  weigh: (t, known, { pick, amount }) => {
    const sourceId = one(known.deposits, pick) ?? NOBODY
    const lineId = t.newId()
    known.lines.push({ sourceId, lineId, sourceKind: 'deposit' })
    return t.do(
      weigh,
      { depositId: sourceId, categoryId: categoryOf(pick), grossGrams: 1000 + amount * 300, tareGrams: 250 },
      { id: lineId },
    )
  },
  correct: (t, known, { pick, amount }) =>
    t.do(correctLine, {
      ...(one(known.lines, pick) ?? { sourceId: NOBODY, lineId: NOBODY, sourceKind: 'deposit' as const }),
      sourceKind: 'deposit' as const,
      expectedNetGrams: 750 + (pick % 2) * 300,
      after: amount === 0 ? null : { categoryId: 'tools', grossGrams: 900 + amount, tareGrams: 100 },
    }),
  closeDeposit: (t, known, { pick }) => t.do(closeDeposit, { depositId: one(known.deposits, pick) ?? NOBODY }),
  exit: (t, _, { pick, amount }) =>
    t.do(recordExit, {
      kind: 'recycler' as const,
      ...(amount === 3 ? {} : { partnerId: 'metal' }),
      lines: [{ categoryId: categoryOf(pick), grossGrams: 5000, tareGrams: 0 }],
    }),
  changeModule: (t, _, { pick, amount }) =>
    t.do(changeModule, {
      ...{ module: moduleOf(pick), version: `1.${amount}.0`, reason: 'it said so', isLetIn: amount > 0 },
      to: amount > 1 ? ('active' as const) : ('starting' as const),
    }),
  orderModule: (t, _, { pick, amount }) => {
    const order = ORDERS[amount % ORDERS.length] ?? 'block'
    // Of a name now and then some versions alone.
    const some = order.endsWith('block') && pick % 2 === 0 ? { versions: '<1.2.0' } : {}
    return t.do(orderModule, { module: moduleOf(pick), order, hook: 'sale.validate', ...some })
  },
  permitModule: (t, _, { pick, amount }) =>
    t.do(permitModule, {
      module: moduleOf(pick),
      decision: DECISIONS[amount % DECISIONS.length] ?? 'granted',
      rights: pick % 4 === 3 ? [] : [`tells:${moduleOf(pick)}.printed`, 'keeps'],
    }),
  /** Now and then under a name that the kernel's own facts bear. */
  tell: (t, _, { pick, amount }) =>
    t.do(tellFact, {
      ...{ name: pick > 15 ? 'sale.recorded' : 'labels.printed', version: amount + 1 },
      ...{ mode: pick % 2 ? ('live' as const) : ('training' as const), data: { code: `é${pick}`, saleId: NOBODY } },
    }),
} satisfies Record<string, Act>

const ORDERS = ['block', 'disable', 'require', 'unblock', 'enable', 'excuse', 'release'] as const

const DECISIONS = ['granted', 'withheld', 'granted', 'forgotten'] as const

const moduleOf = (pick: number) => `module-${pick % 3}`
