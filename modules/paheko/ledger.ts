import { CashSessionClosed, parse, upcast } from '@recyclique/contracts'
import type { CallApi } from '@recyclique/sdk'
import type { Closing } from './entry.ts'

/** A close as the ledger keeps it. */
export interface KeptClosing {
  readonly position: number
  readonly closing: Closing
}

type Row = {
  readonly position: number
  readonly name: string
  readonly mode: string
  readonly version: number
  readonly businessDate: string
  readonly data: unknown
}
type Page = { readonly items: readonly Row[]; readonly next?: string }

const NAME = CashSessionClosed.name
const PAGE = 50

/** The closes that the kernel keeps, without those of training. */
export const openLedger = (api: CallApi) => {
  const page = async (query: string): Promise<Page> => {
    const { status, body } = await api('GET', `/v1/ledger?name=${NAME}&${query}`)
    if (status !== 200) throw new Error(`the kernel does not let the ledger be read: ${status}`)
    return body as Page
  }
  return {
    async at(position: number): Promise<Closing | undefined> {
      const [row] = (await page(`from=${position}&limit=1`)).items
      return row && row.position === position && row.mode !== 'training' ? closingOf(row).closing : undefined
    },
    /** Those of a business day from `day` on, in the order of the ledger. */
    async *since(day: string): AsyncGenerator<KeptClosing> {
      let after = ''
      do {
        const { items, next }: Page = await page(`limit=${PAGE}${after}`)
        for (const row of items) if (row.mode !== 'training' && row.businessDate >= day) yield closingOf(row)
        after = next === undefined ? '' : `&after=${next}`
      } while (after !== '')
    },
  }
}

export type Ledger = ReturnType<typeof openLedger>

const closingOf = ({ position, version, businessDate, data }: Row): KeptClosing => ({
  position,
  closing: { ...parse(CashSessionClosed.data, upcast(CashSessionClosed, version, data), NAME), businessDate },
})
