import {
  type CashMoved,
  type CashSessionClosed,
  type CashSessionOpened,
  CloseSessionBody,
  MoveCashBody,
  OneOf,
  OpenSessionBody,
  PageQuery,
  Slug,
  Uuid,
} from '@recyclique/contracts'
import { Type } from '@sinclair/typebox'
import { closeSession, expectedBy } from '../cash/close-session.ts'
import { moveCash } from '../cash/move-cash.ts'
import { openSession } from '../cash/open-session.ts'
import { findSession } from '../cash/session.ts'
import { sessionTotals } from '../cash/session-totals.ts'
import { allRecords } from '../centre/records.ts'
import { refuse } from '../errors.ts'
import { act, cautionsOf, entryOf, firstOf } from './act.ts'
import type { App } from './app.ts'
import { beforePosition, limitOf, pageOf } from './page.ts'
import type { World } from './world.ts'

const Id = Type.Object({ id: Uuid })
const tags = ['cash']

const SessionQuery = Type.Object({
  ...PageQuery.properties,
  registerId: Type.Optional(Slug),
  status: Type.Optional(OneOf('open', 'closed')),
})

interface SessionRow {
  readonly id: string
  readonly register_id: string
  readonly mode: string
  readonly status: string
  readonly business_date: string
  readonly float_cents: number
  readonly opened_at: string
  readonly opened_by: string
  readonly opened_position: number
  readonly closed_at: string | null
  readonly closed_position: number | null
  readonly next_float_cents: number | null
}

/** Cash sessions: open, move cash, look, close. */
export const cashRoutes = (app: App, world: World): void => {
  app.post('/v1/cash-sessions', { schema: { tags, body: OpenSessionBody } }, async (request, reply) => {
    const fact = firstOf<CashSessionOpened>(await act(world, request, reply, openSession, request.body))
    return reply.code(201).send({ ...fact.data, ...entryOf(fact) })
  })

  app.get('/v1/cash-sessions', { schema: { tags, querystring: SessionQuery } }, async ({ query }) => {
    const rows = await world.read.all<SessionRow>(
      `SELECT * FROM session WHERE opened_position < ? AND (? IS NULL OR register_id = ?) AND (? IS NULL OR status = ?)
       ORDER BY opened_position DESC LIMIT ?`,
      beforePosition(query),
      query.registerId ?? null,
      query.registerId ?? null,
      query.status ?? null,
      query.status ?? null,
      limitOf(query) + 1,
    )
    return pageOf(rows, limitOf(query), (row) => row.opened_position, shown)
  })

  app.get('/v1/cash-sessions/:id', { schema: { tags, params: Id } }, ({ params }) => oneSession(world, params.id))

  app.post(
    '/v1/cash-sessions/:id/moves',
    { schema: { tags, params: Id, body: MoveCashBody } },
    async (request, reply) => {
      const kept = await act(world, request, reply, moveCash, { ...request.body, sessionId: request.params.id })
      const fact = firstOf<CashMoved>(kept)
      return reply.code(201).send({ ...fact.data, ...entryOf(fact) })
    },
  )

  app.post(
    '/v1/cash-sessions/:id/close',
    { schema: { tags, params: Id, body: CloseSessionBody } },
    async (request, reply) => {
      const kept = await act(world, request, reply, closeSession, { ...request.body, sessionId: request.params.id })
      const fact = firstOf<CashSessionClosed>(kept)
      return { ...fact.data, status: 'closed', ...entryOf(fact), ...cautionsOf(kept) }
    },
  )
}

/** A session: while it is open with what is expected now, afterwards with its frozen snapshot. */
const oneSession = async ({ read }: World, id: string) => {
  const row = await read.one<SessionRow>('SELECT * FROM session WHERE id = ?', id)
  if (!row) return refuse('not-found', { what: `cash session ${id}` })
  if (row.closed_position !== null) return { ...shown(row), snapshot: await snapshotAt(read, row.closed_position) }
  const session = await findSession(read, id)
  const totals = await sessionTotals(read, id)
  const expected = session ? expectedBy(session, await allRecords(read, 'payment-method'), totals) : new Map()
  return {
    ...shown(row),
    ...totals.counts,
    ...totals.sums,
    movesCents: totals.movesCents,
    expected: [...expected].map(([methodId, expectedCents]) => ({ methodId, expectedCents })),
  }
}

const snapshotAt = async (read: World['read'], position: number) => {
  const row = await read.one<{ data: string }>('SELECT data FROM ledger WHERE position = ?', position)
  return row && (JSON.parse(row.data) as CashSessionClosed)
}

const shown = (row: SessionRow) => ({
  sessionId: row.id,
  registerId: row.register_id,
  mode: row.mode,
  status: row.status,
  businessDate: row.business_date,
  floatCents: row.float_cents,
  openedAt: row.opened_at,
  openedBy: row.opened_by,
  ...(row.closed_at === null ? {} : { closedAt: row.closed_at, nextFloatCents: row.next_float_cents }),
})
