import {
  Day,
  HoldTicketBody,
  type KeptFact,
  PageQuery,
  type ReceiptDuplicated,
  RecordSaleBody,
  RefundSaleBody,
  type SaleRecorded,
  type SaleRefunded,
  type SaleVoided,
  Slug,
  Uuid,
  VoidSaleBody,
} from '@recyclique/contracts'
import { Type } from '@sinclair/typebox'
import { refuse } from '../errors.ts'
import { copyReceipt } from '../sales/copy-receipt.ts'
import { dropTicket, holdTicket } from '../sales/hold-ticket.ts'
import { recordSale } from '../sales/record-sale.ts'
import { refundSale } from '../sales/refund-sale.ts'
import { changeIn } from '../sales/settle.ts'
import { findSold, soldOf } from '../sales/sold.ts'
import { voidSale } from '../sales/void-sale.ts'
import { act, cautionsOf, entryOf, firstOf } from './act.ts'
import type { App } from './app.ts'
import { copyMark, markOf } from './marks.ts'
import { beforePosition, limitOf, pageOf } from './page.ts'
import { checkDays } from './reports.ts'
import type { World } from './world.ts'

const Id = Type.Object({ id: Uuid })
const tags = ['sales']

const SalesQuery = Type.Object({
  ...PageQuery.properties,
  registerId: Type.Optional(Slug),
  sessionId: Type.Optional(Uuid),
  from: Type.Optional(Day),
  to: Type.Optional(Day),
})

interface TicketRow {
  readonly id: string
  readonly kind: string
  readonly position: number
  readonly journal: string
  readonly seq: number
  readonly mode: string
  readonly register_id: string
  readonly session_id: string
  readonly business_date: string
  readonly recorded_at: string
  readonly total_cents: number
  readonly donation_cents: number
  readonly sale_id: string | null
  readonly is_voided: number
  readonly copies: number
}

/** Tickets: pay, take back, print again, put aside. */
export const salesRoutes = (app: App, world: World): void => {
  app.post('/v1/sales', { schema: { tags, body: RecordSaleBody } }, async (request, reply) => {
    const kept = await act(world, request, reply, recordSale, request.body)
    return reply.code(201).send({ ...ticketOf(firstOf<SaleRecorded>(kept)), ...cautionsOf(kept) })
  })

  app.get('/v1/sales', { schema: { tags, querystring: SalesQuery } }, async ({ query }) => {
    checkDays(query)
    const rows = await world.read.all<TicketRow>(
      `SELECT * FROM ticket WHERE position < ? AND (? IS NULL OR register_id = ?) AND (? IS NULL OR session_id = ?)
       AND business_date BETWEEN ? AND ? ORDER BY position DESC LIMIT ?`,
      beforePosition(query),
      query.registerId ?? null,
      query.registerId ?? null,
      query.sessionId ?? null,
      query.sessionId ?? null,
      query.from ?? '0000',
      query.to ?? '9999',
      limitOf(query) + 1,
    )
    return pageOf(rows, limitOf(query), ({ position }) => position, listed)
  })

  app.get('/v1/sales/:id', { schema: { tags, params: Id } }, ({ params }) => oneTicket(world, params.id))

  app.post('/v1/sales/:id/refunds', { schema: { tags, params: Id, body: RefundSaleBody } }, async (request, reply) => {
    const kept = await act(world, request, reply, refundSale, { ...request.body, saleId: request.params.id })
    const fact = firstOf<SaleRefunded>(kept)
    return reply.code(201).send({ ...fact.data, ...entryOf(fact), ...markOf(fact), ...cautionsOf(kept) })
  })

  app.post('/v1/sales/:id/void', { schema: { tags, params: Id, body: VoidSaleBody } }, async (request, reply) => {
    const kept = await act(world, request, reply, voidSale, { ...request.body, saleId: request.params.id })
    const fact = firstOf<SaleVoided>(kept)
    return reply.code(201).send({ ...fact.data, ...entryOf(fact), ...markOf(fact), ...cautionsOf(kept) })
  })

  app.post('/v1/sales/:id/copies', { schema: { tags, params: Id } }, async (request, reply) => {
    const kept = await act(world, request, reply, copyReceipt, { saleId: request.params.id })
    const fact = firstOf<ReceiptDuplicated>(kept)
    const { copy } = fact.data
    return reply.code(201).send({ copy, mark: copyMark(copy), sale: await oneTicket(world, request.params.id) })
  })

  app.get(
    '/v1/held-tickets',
    { schema: { tags, querystring: Type.Object({ ...PageQuery.properties, sessionId: Type.Optional(Uuid) }) } },
    async ({ query }) => {
      const rows = await world.read.all<HeldRow>(
        'SELECT * FROM held_ticket WHERE is_gone = 0 AND id > ? AND (? IS NULL OR session_id = ?) ORDER BY id LIMIT ?',
        query.after ?? '',
        query.sessionId ?? null,
        query.sessionId ?? null,
        limitOf(query) + 1,
      )
      return pageOf(rows, limitOf(query), ({ id }) => id, heldOf)
    },
  )

  app.put('/v1/held-tickets/:id', { schema: { tags, params: Id, body: HoldTicketBody } }, async (request, reply) => {
    const { id } = request.params
    await act(world, request, reply, holdTicket, { ...request.body, ticketId: id })
    return { ticketId: id, ...request.body }
  })

  app.delete('/v1/held-tickets/:id', { schema: { tags, params: Id } }, async (request, reply) => {
    await act(world, request, reply, dropTicket, { ticketId: request.params.id })
    return reply.code(204).send()
  })
}

interface HeldRow {
  readonly id: string
  readonly session_id: string
  readonly register_id: string
  readonly label: string | null
  readonly lines: string
  readonly held_at: string
}

const heldOf = (row: HeldRow) => ({
  ticketId: row.id,
  sessionId: row.session_id,
  registerId: row.register_id,
  ...(row.label === null ? {} : { label: row.label }),
  lines: JSON.parse(row.lines) as unknown,
  heldAt: row.held_at,
})

/** A ticket as it is answered. */
const ticketOf = (fact: KeptFact<SaleRecorded>) => ({
  ...fact.data,
  changeCents: changeIn(fact.data.payments),
  ...entryOf(fact),
  ...markOf(fact),
})

const listed = (row: TicketRow) => ({
  id: row.id,
  kind: row.kind,
  position: row.position,
  journal: row.journal,
  number: row.seq,
  mode: row.mode,
  registerId: row.register_id,
  sessionId: row.session_id,
  businessDate: row.business_date,
  recordedAt: row.recorded_at,
  totalCents: row.total_cents,
  donationCents: row.donation_cents,
  ...(row.sale_id === null ? {} : { saleId: row.sale_id }),
  ...(row.kind === 'sale' ? { isVoided: row.is_voided === 1, copies: row.copies } : {}),
})

/** A ticket of any kind as it was kept; a sale also with what is left of each line, and its note. */
const oneTicket = async ({ read }: World, id: string) => {
  const row = await read.one<TicketRow & { data: string; hash: string; actor: string }>(
    `SELECT ticket.*, ledger.data, ledger.hash, ledger.actor FROM ticket
     JOIN ledger ON ledger.position = ticket.position WHERE ticket.id = ?`,
    id,
  )
  if (!row) return refuse('not-found', { what: `ticket ${id}` })
  const note = await read.one<{ text: string }>(
    "SELECT text FROM personal WHERE ref = ? AND kind = 'note'",
    `${row.kind}/${id}`,
  )
  const whole = {
    ...(JSON.parse(row.data) as object),
    ...listed(row),
    hash: row.hash,
    actor: row.actor,
    ...(note ? { note: note.text } : {}),
    ...markOf(row),
  }
  return row.kind === 'sale' ? { ...whole, remaining: await remaining(read, id) } : whole
}

const remaining = async (read: World['read'], saleId: string) => {
  const { sale, refunded, isVoided } = soldOf(await findSold(read, saleId), saleId)
  return sale.lines.map(({ line, qty, lineCents }) => {
    const gone = refunded.get(line)
    return isVoided
      ? { line, qty: 0, cents: 0 }
      : { line, qty: qty - (gone?.qty ?? 0), cents: lineCents - (gone?.cents ?? 0) }
  })
}
