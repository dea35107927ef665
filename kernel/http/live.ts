import { Type } from '@sinclair/typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { refuse } from '../errors.ts'
import type { LedgerRow } from '../ledger/row.ts'
import type { App } from './app.ts'
import type { World } from './world.ts'

const LiveQuery = Type.Object({
  from: Type.Optional(
    Type.Integer({ minimum: 1, description: 'the first position wanted; without it, what comes from now on' }),
  ),
})

/** A quiet line gets a comment so often, in milliseconds: proxies close what says nothing. */
const KEEP_ALIVE_MS = 15_000

/**
 * Facts as server-sent events, straight from the ledger, with the bus away too. The event's id is the position: a browser that
 * comes back sends it as `Last-Event-ID` and misses nothing.
 */
export const liveRoutes = (app: App, { ledger }: World): void => {
  const schema = { tags: ['live'], querystring: LiveQuery }
  // No HEAD: an answer without an end would hold its connection for nothing.
  const open = new Set<FastifyReply['raw']>()
  // A line that never ends would hold up the stop; a browser comes back on its own.
  app.addHook('preClose', async () => {
    for (const raw of open) raw.destroy()
  })
  app.get('/v1/live', { schema, exposeHeadRoute: false }, async (request, reply) => {
    const from = firstWanted(request, request.query.from, ledger)
    reply.hijack()
    open.add(reply.raw)
    await tellFrom(from, ledger, reply).finally(() => open.delete(reply.raw))
  })
}

const firstWanted = ({ headers }: FastifyRequest, from: number | undefined, ledger: World['ledger']): number => {
  const last = headers['last-event-id']
  if (last === undefined || last === '') return from ?? ledger.head.position + 1
  return /^\d{1,15}$/.test(String(last))
    ? Number(last) + 1
    : refuse('request-invalid', { why: 'Last-Event-ID must be a position of the ledger' })
}

const tellFrom = async (from: number, ledger: World['ledger'], reply: FastifyReply): Promise<void> => {
  const { raw } = reply
  let isOpen = true
  let wake = () => {}
  const stopHearing = ledger.onCommit(() => wake())
  const beat = setInterval(() => raw.write(': quiet\n\n'), KEEP_ALIVE_MS)
  raw.on('close', () => {
    isOpen = false
    stopHearing()
    clearInterval(beat)
    wake()
  })
  raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
  raw.write(': facts follow\n\n')
  let next = from
  while (isOpen) {
    const rows = await ledger.rows(next, 100)
    for (const row of rows) {
      if (!isOpen) return
      if (!raw.write(eventOf(row))) await roomIn(raw)
    }
    next = (rows.at(-1)?.position ?? next - 1) + 1
    if (next > ledger.head.position && isOpen)
      await new Promise<void>((resolve) => {
        wake = resolve
      })
  }
}

/** Until there is room again, or nobody listens any more. Leaves no listener behind, however often a slow reader makes it wait. */
const roomIn = (raw: FastifyReply['raw']): Promise<void> =>
  new Promise((resolve) => {
    const go = () => {
      raw.off('drain', go).off('close', go)
      resolve()
    }
    raw.on('drain', go).on('close', go)
  })

const eventOf = (row: LedgerRow): string => {
  const { position, id, name, version, journal, seq, mode, actor, hash } = row
  const data = JSON.parse(row.data) as unknown
  const event = {
    position,
    id,
    name,
    version,
    journal,
    seq,
    mode,
    recordedAt: row.recorded_at,
    businessDate: row.business_date,
    actor,
    hash,
    data,
  }
  return `id: ${position}\nevent: ${name}\ndata: ${JSON.stringify(event)}\n\n`
}
