import { PageQuery } from '@recyclique/contracts'
import { Type } from '@sinclair/typebox'
import type { LedgerRow } from '../ledger/row.ts'
import type { Read } from '../store/port.ts'
import type { App } from './app.ts'
import { limitOf, pageOf, positionOf } from './page.ts'
import type { World } from './world.ts'

const RowsQuery = Type.Object({
  ...PageQuery.properties,
  from: Type.Optional(Type.Integer({ minimum: 1, description: 'the first position wanted' })),
  name: Type.Optional(
    Type.String({
      pattern: '^[a-z0-9.-]{1,170}$',
      description: 'only facts of this name, such as cash.session.closed',
    }),
  ),
})

/** The ledger as it is kept, oldest first: anybody who may read it can compute its chain again. */
export const ledgerRoutes = (app: App, { ledger, slowRead, verify }: World): void => {
  app.get('/v1/ledger', { schema: { tags: ['ledger'], querystring: RowsQuery } }, async ({ query }) => {
    const from = query.after === undefined ? (query.from ?? 1) : positionOf(query.after) + 1
    const most = limitOf(query) + 1
    const rows =
      query.name === undefined ? await ledger.rows(from, most) : await named(slowRead, query.name, from, most)
    return { head: ledger.head, ...pageOf(rows, limitOf(query), ({ position }) => position, shown) }
  })

  app.post('/v1/ledger/verify', { schema: { tags: ['ledger'] } }, () => verify())
}

/** There is no index by name: who looks for one kind walks over all, on the reader that keeps nobody waiting. */
const named = (read: Read, name: string, from: number, most: number): Promise<LedgerRow[]> =>
  read.all<LedgerRow>(
    'SELECT * FROM ledger WHERE name = ? AND position >= ? ORDER BY position LIMIT ?',
    name,
    from,
    most,
  )

const shown = ({ recorded_at, business_date, command_key, command_hash, prev_hash, data, ...row }: LedgerRow) => ({
  ...row,
  recordedAt: recorded_at,
  businessDate: business_date,
  commandKey: command_key,
  commandHash: command_hash,
  prevHash: prev_hash,
  data: JSON.parse(data) as unknown,
  /** The very text that the hash covers. */
  canonical: data,
})
