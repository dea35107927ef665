import { type AnswerOf, ReceiptBlocks, type Register, type Site, Uuid } from '@recyclique/contracts'
import { Type } from '@sinclair/typebox'
import { findRecord } from '../centre/records.ts'
import type { LedgerRow } from '../ledger/row.ts'
import { changeIn } from '../sales/settle.ts'
import { findSold, type Sold, soldOf } from '../sales/sold.ts'
import type { App } from './app.ts'
import { askModules } from './ask-modules.ts'
import { marksOf } from './marks.ts'
import { type Told, withModule } from './with-module.ts'
import type { World } from './world.ts'

const schema = { tags: ['sales'], params: Type.Object({ id: Uuid }) }

/**
 * What is printed of a sale. What the law asks for is the kernel's own and no module can change it; the modules add blocks of
 * their own at three places. Reading it counts no print: that is what `POST …/copies` does, and from then on it says DUPLICATA.
 */
export const receiptRoutes = (app: App, world: World): void => {
  app.get('/v1/sales/:id/receipt', { schema }, async ({ params }, reply) => {
    const sold = soldOf(await findSold(world.read, params.id), params.id)
    const ticket = await ticketOf(world, sold)
    const asked = await askModules(world, reply, ReceiptBlocks, { ...sold.sale, mode: sold.mode, copy: sold.copies })
    return { ...ticket, blocks: byPlace(withModule(asked)), skipped: asked.skipped }
  })
}

/** The kernel's part: who sold what to which price, paid how, and where it stands in the ledger. */
const ticketOf = async ({ read, site }: World, sold: Sold) => {
  const { saleId, registerId, lines, totalCents, donationCents, payments } = sold.sale
  const entry = await entryOf(read, saleId)
  return {
    ...{ saleId, ...entry, mode: sold.mode, copy: sold.copies, marks: marksOf(sold), isVoided: sold.isVoided },
    site: shownSite(await findRecord(read, 'site', site)),
    register: shownRegister(registerId, await findRecord(read, 'register', registerId)),
    ...{ lines, totalCents, donationCents, payments },
    changeCents: changeIn(payments),
  }
}

type EntryRow = Pick<LedgerRow, 'position' | 'journal' | 'seq' | 'hash' | 'recorded_at' | 'business_date' | 'actor'>

const entryOf = async (read: World['read'], saleId: string) => {
  const row = await read.one<EntryRow>(
    `SELECT ledger.position, ledger.journal, ledger.seq, ledger.hash, ledger.recorded_at, ledger.business_date, ledger.actor
     FROM ticket JOIN ledger ON ledger.position = ticket.position WHERE ticket.id = ?`,
    saleId,
  )
  if (!row) throw new Error(`sale ${saleId} stands in no row of the ledger`)
  const { position, journal, seq, hash, recorded_at, business_date, actor } = row
  return { position, journal, number: seq, hash, recordedAt: recorded_at, businessDate: business_date, actor }
}

const shownSite = (site: Site | undefined) => site && { id: site.id, name: site.name, vatRegime: site.vatRegime }

const shownRegister = (id: string, register: Register | undefined) => ({ id, name: register?.name ?? id })

/** In the plan's order at each place. */
const byPlace = (told: readonly Told<AnswerOf<typeof ReceiptBlocks>>[]) => {
  const at = (wanted: Told<AnswerOf<typeof ReceiptBlocks>>['answer']['place']) =>
    told
      .filter(({ answer }) => answer.place === wanted)
      .map(({ answer: { lines, code }, module }) => ({ module, lines, ...(code ? { code } : {}) }))
  return { head: at('head'), 'after-lines': at('after-lines'), foot: at('foot') }
}
