import type { CallPaheko } from './client.ts'
import type { Entry } from './entry.ts'
import { isReference } from './reference.ts'
import { type Created, FoundCounts, FoundLines, rowsOf } from './shapes.ts'

/** An entry that is in Paheko, as far as it is compared. `lines` in an order of their own. */
export interface FoundEntry {
  readonly id: number
  readonly date: string
  readonly yearId: number
  readonly lines: readonly string[]
}

/** No label is asked for: one that was kept in another encoding would spoil the whole answer. */
const COLUMNS = `t.reference AS reference, t.id AS id, t.date AS date, t.id_year AS year, a.code AS code,
 l.debit AS debit, l.credit AS credit`

/** Every entry that bears the reference, in any year. `reference` must be one of ours: there are no parameters. */
export const entriesOf = async (call: CallPaheko, reference: string, stop?: AbortSignal): Promise<FoundEntry[]> => {
  const sql = `SELECT ${COLUMNS} FROM acc_transactions t
 LEFT JOIN acc_transactions_lines l ON l.id_transaction = t.id
 LEFT JOIN acc_accounts a ON a.id = l.id_account
 WHERE t.reference = ${quoted(reference)} ORDER BY t.id, l.id`
  const rows = rowsOf(FoundLines, await call('POST', 'sql', { sql }, stop), 'the entries')
  const ids = [...new Set(rows.map(({ id }) => id))]
  return ids.map((id) => {
    const own = rows.filter((row) => row.id === id)
    const [{ date, year } = { date: '', year: 0 }] = own
    return { id, date: date.slice(0, 10), yearId: year, lines: own.map(spelled).sort() }
  })
}

/** How many entries bear each reference; none for one that is not named. Asked for a hundred at a time. */
export const countsOf = async (call: CallPaheko, references: readonly string[]): Promise<Map<string, number>> => {
  const counts = new Map<string, number>()
  for (let from = 0; from < references.length; from += 100) {
    const list = references
      .slice(from, from + 100)
      .map(quoted)
      .join(', ')
    const sql = `SELECT reference AS reference, COUNT(*) AS entries FROM acc_transactions WHERE reference IN (${list}) GROUP BY reference`
    const rows = rowsOf(FoundCounts, await call('POST', 'sql', { sql }), 'the counts')
    for (const { reference, entries } of rows) counts.set(reference, entries)
  }
  return counts
}

/** The lines of an entry in the form in which they are compared: account and cents, whatever their order and their labels. */
export const linesOf = ({ lines }: Pick<Entry, 'lines'>): string[] =>
  lines.map(({ account, debitCents, creditCents }) => spell(account, debitCents, creditCents)).sort()

export const isSame = (
  found: Pick<FoundEntry, 'date' | 'lines'>,
  wanted: { date: string; lines: readonly string[] },
): boolean => found.date === wanted.date && found.lines.join() === wanted.lines.join()

/** The answer to a create, in the form in which entries are compared. */
export const foundIn = ({ id, id_year, date, lines }: Created): FoundEntry => ({
  ...{ id, date: date.date.slice(0, 10), yearId: id_year },
  lines: lines.map(({ account_code, debit, credit }) => spell(account_code, debit, credit)).sort(),
})

const spelled = ({ code, debit, credit }: { code: string | null; debit: number | null; credit: number | null }) =>
  spell(code ?? '?', debit ?? 0, credit ?? 0)

const spell = (account: string, debitCents: number, creditCents: number): string =>
  `${account} ${debitCents} ${creditCents}`

const quoted = (reference: string): string => {
  if (!isReference(reference)) throw new RangeError(`'${reference}' is no reference`)
  return `'${reference}'`
}
