import { TakingsQuery, type TakingsRow } from '@recyclique/contracts'
import type { FastifyReply } from 'fastify'
import { realDay } from '../centre/day.ts'
import { refuse } from '../errors.ts'
import { takings } from '../sales/takings.ts'
import type { App } from './app.ts'
import { toCsv } from './csv.ts'
import { columnsFor, withColumns } from './report-columns.ts'
import type { World } from './world.ts'

const COLUMNS = ['key', 'name', 'salesCents', 'refundsCents', 'donationsCents', 'netCents', 'tickets', 'qty', 'grams']

/** Reports, read on a thread of their own so that none of them delays a sale. */
export const reportRoutes = (app: App, world: World): void => {
  app.get(
    '/v1/reports/takings',
    { schema: { tags: ['reports'], querystring: TakingsQuery } },
    async ({ query }, reply) => {
      checkPeriod(query)
      const rows = await takings(world.slowRead, query)
      if (query.format === 'csv') return sendCsv(reply, query, await csvOf(world, reply, query, rows))
      const columns = await columnsFor(world, reply, query, rows)
      return { from: query.from, to: query.to, by: query.by, rows, ...(columns ? { columns } : {}) }
    },
  )
}

/** A spreadsheet that somebody has built on stays as it is: columns of modules stand there only when they are asked for. */
const csvOf = async (world: World, reply: FastifyReply, query: TakingsQuery, rows: TakingsRow[]): Promise<string> => {
  const columns = query.columns === undefined ? undefined : await columnsFor(world, reply, query, rows)
  if (!columns) return toCsv(COLUMNS, rows)
  const wider = withColumns(columns, rows)
  return toCsv([...COLUMNS, ...wider.headers], wider.rows)
}

const sendCsv = (reply: FastifyReply, { by, from, to }: TakingsQuery, text: string) =>
  reply
    .type('text/csv; charset=utf-8')
    .header('content-disposition', `attachment; filename="takings-${by}-${from}-${to}.csv"`)
    .send(text)

/** A list may be of a period that is open at one end, or at both. */
export const checkDays = ({ from = '2000-01-01', to = '2099-12-31' }: { from?: string; to?: string }): void =>
  checkPeriod({ from, to })

/** A period is two real days in their order. */
export const checkPeriod = ({ from, to }: { from: string; to: string }): void => {
  realDay(from, '/from')
  realDay(to, '/to')
  if (from > to) refuse('period-invalid', { why: `it ends (${to}) before it begins (${from})` }, '/to')
}
