import type { CallPaheko } from './client.ts'
import { FoundAccounts, rowsOf, shaped, type Year, Years } from './shapes.ts'

export const yearsIn = async (call: CallPaheko, stop?: AbortSignal): Promise<Year[]> =>
  shaped(Years, await call('GET', 'accounting/years', undefined, stop), 'the years')

const OPEN = 0

/** Which year an entry of this day goes into; or why none takes it. */
export type YearFound =
  | { readonly is: 'open'; readonly year: Year }
  | { readonly is: 'closed' | 'locked'; readonly label: string }
  | { readonly is: 'none' }
  | { readonly is: 'several'; readonly labels: readonly string[] }

/** Paheko itself takes the one that began first where several are open: here a person is to say which. */
export const yearOf = (years: readonly Year[], date: string): YearFound => {
  const around = yearsAround(years, date)
  const open = around.filter(({ status }) => status === OPEN)
  const [year] = open
  if (open.length > 1) return { is: 'several', labels: open.map(({ label }) => label) }
  if (year) return { is: 'open', year }
  const [shut] = around
  return shut ? { is: shut.status === 1 ? 'closed' : 'locked', label: shut.label } : { is: 'none' }
}

/** The first day of the year that this day is in, whether it is open or not. */
export const yearBegins = (years: readonly Year[], date: string): string | undefined => {
  const around = yearsAround(years, date)
  return (around.find(({ status }) => status === OPEN) ?? around[0])?.start_date.slice(0, 10)
}

const yearsAround = (years: readonly Year[], date: string): Year[] =>
  years.filter(({ start_date, end_date }) => start_date.slice(0, 10) <= date && date <= end_date.slice(0, 10))

/** The labels of accounts by their codes; a code that the chart does not have is missing. */
export const labelsIn = async (
  call: CallPaheko,
  { id_chart }: Pick<Year, 'id_chart'>,
  codes: readonly string[],
  stop?: AbortSignal,
): Promise<Map<string, string>> => {
  const list = codes.filter((code) => /^[0-9A-Za-z]{1,20}$/.test(code)).map((code) => `'${code}'`)
  if (list.length === 0) return new Map()
  const sql = `SELECT a.code AS code, a.label AS label FROM acc_accounts a WHERE a.id_chart = ${id_chart} AND a.code IN (${list.join(', ')})`
  const rows = rowsOf(FoundAccounts, await call('POST', 'sql', { sql }, stop), 'the accounts')
  return new Map(rows.map(({ code, label }) => [code, label]))
}
