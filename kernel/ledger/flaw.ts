import type { Cell } from '../store/inspection.ts'
import type { LedgerRow } from './row.ts'

/** One thing that is not as the kernel wrote it: where it stands, and why it cannot be right. */
export interface LedgerFlaw {
  readonly what: 'row' | 'seal' | 'head-file' | 'table' | 'numbering'
  readonly position?: number
  readonly journal?: string
  readonly seq?: number
  /** The paper that it is about, such as `sale 018f… ticket n° 12 of till-1`. */
  readonly ticket?: string
  readonly table?: string
  readonly key?: Readonly<Record<string, string | number | null>>
  readonly why: string
}

/** Gathers flaws by what they are about, keeps the first of them, and counts the rest. */
export class FlawList {
  #ofLedger: LedgerFlaw[] = []
  #ofTables: LedgerFlaw[] = []
  #found = 0

  add(flaw: LedgerFlaw): void {
    this.#found += 1
    const list = flaw.what === 'table' ? this.#ofTables : this.#ofLedger
    // Seals are checked a little behind their rows, hence more than are shown.
    if (list.length < MOST_KEPT) list.push(flaw)
  }

  get found(): number {
    return this.#found
  }

  /** Those of the ledger by position, then those of the tables that follow from it; the first twenty. */
  first(): LedgerFlaw[] {
    const byPosition = this.#ofLedger.toSorted((a, b) => (a.position ?? Infinity) - (b.position ?? Infinity))
    return [...byPosition, ...this.#ofTables].slice(0, MOST_SHOWN)
  }
}

export const MOST_SHOWN = 20
const MOST_KEPT = 500

/** What a row is for the people who hold its paper: journal, number, and the thing itself in words. */
export const placeOf = (row: LedgerRow): Pick<LedgerFlaw, 'position' | 'journal' | 'seq' | 'ticket'> => ({
  ...(typeof row.position === 'number' ? { position: row.position } : {}),
  ...(typeof row.journal === 'string' ? { journal: row.journal } : {}),
  ...(typeof row.seq === 'number' ? { seq: row.seq } : {}),
  ticket: ticketOf(row),
})

const ticketOf = ({ name, journal, seq, data }: LedgerRow): string => {
  const [thing, field] = THINGS[String(name)] ?? [String(name), undefined]
  const id = field === undefined ? undefined : fieldOf(data, field)
  const register = /^(training-)?register-(.+)$/.exec(String(journal))
  const number = register
    ? `ticket n° ${seq} of ${register[2]}${register[1] ? ' (training)' : ''}`
    : `n° ${seq} of journal ${journal}`
  return [thing, id, number].filter((part) => part !== undefined).join(' ')
}

/** What each fact is about in one word, and the field that holds its id. */
const THINGS: Readonly<Record<string, readonly [string, string]>> = {
  'sale.recorded': ['sale', 'saleId'],
  'sale.refunded': ['refund', 'refundId'],
  'sale.voided': ['void', 'voidId'],
  'cash.session.opened': ['opening of cash session', 'sessionId'],
  'cash.session.closed': ['close of cash session', 'sessionId'],
  'cash.variance.flagged': ['variance of cash session', 'sessionId'],
  'cash.moved': ['cash move', 'moveId'],
  'receipt.duplicated': ['copy of sale', 'saleId'],
  'deposit.opened': ['deposit', 'depositId'],
  'deposit.closed': ['close of deposit', 'depositId'],
  'matter.logged': ['weighing of deposit', 'depositId'],
  'exit.recorded': ['exit', 'exitId'],
}

/** The data may be altered beyond reading: then the number alone must do. */
const fieldOf = (data: unknown, field: string): string | undefined => {
  try {
    const value = (JSON.parse(String(data)) as Record<string, unknown> | null)?.[field]
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}

/** A key as a report can hold it: JSON has neither bytes nor numbers beyond 2^53. */
export const plainKey = (key: Readonly<Record<string, Cell>>): Record<string, string | number | null> =>
  Object.fromEntries(
    Object.entries(key).map(([column, cell]) => [
      column,
      typeof cell === 'bigint'
        ? String(cell)
        : cell instanceof Uint8Array
          ? `0x${Buffer.from(cell).toString('hex')}`
          : cell,
    ]),
  )

/** What failed, in words that go into a sentence. */
export const wordsOf = (error: unknown): string => (error as Error).message ?? String(error)
