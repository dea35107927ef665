import type { CallApi } from '@recyclique/sdk'
import { audit } from './audit.ts'
import type { CallPaheko } from './client.ts'
import { accountOf, categoryAccount, type Mapping, NATURES, type Nature } from './settings.ts'
import type { Year } from './shapes.ts'
import type { SyncParts } from './sync.ts'
import { labelsIn, yearsIn } from './years.ts'

/** One account that may be needed, and what it is for. */
interface Needed {
  readonly use: string
  readonly account: string
}

export interface Mapped extends Needed {
  /** As the chart has it; `undefined` where it has no such account. */
  readonly label: string | undefined
}

/** What the settings come to in one open year. */
export interface Checked {
  readonly year: Year
  readonly accounts: readonly Mapped[]
}

interface Parts {
  readonly call: CallPaheko
  readonly mapping: Mapping
  readonly api: CallApi
}

/** The accounts that the settings name, with the labels of each open year's chart: whether they are meant so, only a person sees. */
export const checkAccounts = async ({ call, mapping, api }: Parts): Promise<Checked[]> => {
  const needed = [...naturesOf(mapping), ...(await methodsOf(api, mapping)), ...ownOf(mapping)]
  const open = (await yearsIn(call)).filter(({ status }) => status === 0)
  return Promise.all(
    open.map(async (year) => {
      const labels = await labelsIn(call, year, [...new Set(needed.map(({ account }) => account))])
      return { year, accounts: needed.map((one) => ({ ...one, label: labels.get(one.account) })) }
    }),
  )
}

const naturesOf = (mapping: Mapping): Needed[] =>
  (Object.keys(NATURES) as Nature[]).map((nature) => ({ use: nature, account: accountOf(mapping, nature) }))

type Methods = { items: { id: string; debitAccount: string; refundAccount: string; archived?: boolean }[] }

/** The ways to pay, as the till has them. Where the kernel does not say, none. */
const methodsOf = async (api: CallApi, { methods }: Mapping): Promise<Needed[]> => {
  const { status, body } = await api('GET', '/v1/payment-methods?limit=200')
  if (status !== 200) return []
  return (body as Methods).items
    .filter(({ archived }) => !archived)
    .flatMap(({ id, debitAccount, refundAccount }) => {
      const own = Object.hasOwn(methods, id) ? methods[id] : undefined
      const paid = { use: `paid by ${id}`, account: own ?? debitAccount }
      const back = own ?? refundAccount
      return back === paid.account ? [paid] : [paid, { use: `refunded by ${id}`, account: back }]
    })
}

const ownOf = (mapping: Mapping): Needed[] => [
  ...Object.keys(mapping.categories).map((id) => ({
    use: `category ${id}`,
    account: categoryAccount(mapping, [id]) ?? accountOf(mapping, 'sales'),
  })),
  ...Object.entries(mapping.subtypes).map(([label, account]) => ({ use: `paid for ${label}`, account })),
]

/** The whole check as a person reads it in a terminal. */
export const checkInWords = async (parts: Parts & { sync: SyncParts }, address: string): Promise<string> => {
  const checked = await checkAccounts(parts)
  const { looked, doubled, missing } = await audit(parts.sync)
  const wrong = [
    ...doubled.map((reference) => `  ${reference} is there more than once`),
    ...missing.map((reference) => `  ${reference} is not there any more`),
  ]
  return [
    `${address} answers.`,
    ...(checked.length === 0
      ? ['No year is open: nothing can be booked. Open one in Paheko (Comptabilité → Exercices).']
      : []),
    ...checked.flatMap(yearInWords),
    `${looked} entries of the last days were looked at: ${wrong.length === 0 ? 'each is there once.' : 'not all are there once.'}`,
    ...wrong,
  ].join('\n')
}

const yearInWords = ({ year, accounts }: Checked): string[] => {
  const widest = Math.max(...accounts.map(({ use }) => use.length))
  const lacking = accounts.filter(({ label }) => label === undefined)
  return [
    `${year.label} (${year.start_date.slice(0, 10)} to ${year.end_date.slice(0, 10)}) is open:`,
    ...accounts.map(
      ({ use, account, label }) => `  ${use.padEnd(widest)}  ${account.padEnd(8)}${label ?? 'IS NOT IN THE CHART'}`,
    ),
    ...(lacking.length === 0
      ? []
      : [
          '  What is not in the chart matters as soon as something is booked there: add it in Paheko, or set another account.',
        ]),
  ]
}
