import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Answer, As, KernelProcess } from '../support/kernel-process.ts'

/** What the answers of a kernel are to a test: it reads the field that it wants. */
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Body = any

/** A centre that is set up, and the acts of its people in one line each. Every act fails the test unless it was done. */
export interface Centre {
  readonly kernel: KernelProcess
  get(path: string): Promise<Body>
  post(path: string, body?: unknown, as?: As): Promise<Body>
  put(path: string, body: unknown): Promise<Body>
  /** For what may be refused. */
  api: KernelProcess['api']
  /** Opens a drawer on `caisse-1` unless said; the session's id. */
  open(session?: object): Promise<string>
  /** A paid ticket; see `ticket`. */
  sell(sessionId: string, ticket?: Ticket, as?: As): Promise<Body>
  /** Opens a deposit at `quai`; its id. */
  deposit(body?: object): Promise<string>
  weigh(depositId: string, line: object, as?: As): Promise<Body>
}

export interface Ticket {
  readonly cents?: number
  readonly grams?: number
  readonly categoryId?: string
  readonly methodId?: string
}

const CATEGORIES = ['livres', 'jouets', 'textile', 'vaisselle']

export const setUpCentre = async (kernel: KernelProcess): Promise<Centre> => {
  const centre = centreOf(kernel)
  const records = {
    ...Object.fromEntries(['caisse-1', 'caisse-2'].map((id) => [`registers/${id}`, { name: id }])),
    ...Object.fromEntries(CATEGORIES.map((id) => [`categories/${id}`, category(id)])),
    'posts/quai': { name: 'Quai' },
    'containers/chariot': { name: 'Chariot', tareGrams: 2000 },
    'partners/relais': { name: 'Le Relais', kind: 'recycler' },
  }
  await Promise.all(Object.entries(records).map(([place, record]) => centre.put(`/v1/${place}`, record)))
  return centre
}

/** A category as it is put; its usual prices are nobody's business here. */
export const category = (name: string) => ({
  shortName: name,
  officialName: name,
  eee: 'none',
  shownAtSale: true,
  shownAtReception: true,
})

/** The same words on a kernel that is set up already. */
export const centreOf = (kernel: KernelProcess): Centre => {
  const done = async (method: string, path: string, body?: unknown, as?: As): Promise<Body> => {
    const answer = await kernel.api(method, path, body, as)
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return answer.body
  }
  const post = (path: string, body?: unknown, as?: As) => done('POST', path, body, as)
  return {
    kernel,
    get: (path) => done('GET', path),
    post,
    put: (path, body) => done('PUT', path, body),
    api: kernel.api,
    open: async (session = {}) =>
      (await post('/v1/cash-sessions', { registerId: 'caisse-1', floatCents: 5000, ...session })).sessionId,
    sell: (sessionId, ticket, as) => post('/v1/sales', ticketOf(sessionId, ticket), as),
    deposit: async (body = {}) =>
      (await post('/v1/deposits', { postId: 'quai', origin: 'voluntary', ...body })).depositId,
    weigh: (depositId, line, as) =>
      post(`/v1/deposits/${depositId}/lines`, { categoryId: 'textile', grossGrams: 1000, ...line }, as),
  }
}

/** One book for 2 € of 500 g, paid in cash to the cent, unless said. */
export const ticketOf = (
  sessionId: string,
  { cents = 200, grams = 500, categoryId = 'livres', methodId = 'cash' }: Ticket = {},
) => ({
  sessionId,
  lines: [{ categoryId, qty: 1, unitCents: cents, grams }],
  totalCents: cents,
  payments: [{ methodId, cents }],
})

/** What the session expects now, by method. */
export const expectedIn = async ({ get }: Centre, sessionId: string): Promise<Record<string, number>> => {
  const { expected } = await get(`/v1/cash-sessions/${sessionId}`)
  return Object.fromEntries(
    expected.map(({ methodId, expectedCents }: { methodId: string; expectedCents: number }) => [
      methodId,
      expectedCents,
    ]),
  )
}

/** A refusal as a test names it: `409 session-closed`. */
export const said = ({ status, body }: Answer): string => `${status}${body?.code ? ` ${body.code}` : ''}`

/** Looks into the ledger's file itself, beside the kernel or after it. */
export const inLedger = <T>(dataDir: string, look: (db: DatabaseSync) => T, isReadOnly = true): T => {
  const db = new DatabaseSync(join(dataDir, 'ledger.sqlite'), { readOnly: isReadOnly })
  try {
    return look(db)
  } finally {
    db.close()
  }
}

/** Every fact of a name, in the order in which it was kept. */
export const factsNamed = (
  dataDir: string,
  name: string,
): { position: number; seq: number; key: string; data: Body }[] =>
  inLedger(dataDir, (db) =>
    db
      .prepare('SELECT position, seq, command_key AS key, data FROM ledger WHERE name = ? ORDER BY position')
      .all(name)
      .map((row) => ({ ...row, data: JSON.parse(String(row.data)) }) as never),
  )
