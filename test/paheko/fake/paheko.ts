import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { DatabaseSync } from 'node:sqlite'
import { Crashed, createEntry, linkUsers, Refused } from './create.ts'
import { openDatabase } from './database.ts'
import { answerSql } from './sql.ts'
import { CRASH_PAGE, chartsView, entryView, phpJson, usersView, yearsView } from './views.ts'

/**
 * What goes wrong at a request, as it was seen on a real server:
 * `kept-400`, `kept-500`, `kept-hang-up`, `kept-empty` and `kept-late` keep the entry, and say so badly or not at all; `other-date` and `other-amount` keep
 * another one; `refuse`, `locked`, `hang-up`, `upgrade`, `blocked`, `not-json` keep nothing.
 */
export type Trap =
  | 'kept-400'
  | 'kept-500'
  | 'kept-hang-up'
  | 'kept-empty'
  | 'other-date'
  | 'other-amount'
  | 'refuse'
  | 'locked'
  | 'hang-up'
  | 'upgrade'
  | 'blocked'
  | 'not-json'

type Place = 'create' | 'sql' | 'years' | 'any'

/** A made-up Paheko, for tests alone: the rules of its API over a database with its tables, and every trap that it is known for. */
export interface FakePaheko {
  readonly url: string
  readonly db: DatabaseSync
  /** From now on, so many times. */
  trap(trap: Trap, at?: Place, times?: number): void
  /** No trap any more. */
  heal(): void
  /** Creates wait, after they came in and before anything is kept, until the given function is called: also those of who hung up. */
  hold(): () => void
  /** The same for the next create alone. */
  holdOne(): () => void
  /** How many creates wait. */
  readonly held: number
  /** Nobody answers on its port, until `up`. */
  down(): Promise<void>
  up(): Promise<void>
  /** Method and path of each request. */
  readonly requests: readonly string[]
  /** Numbers of the entries with this reference; of all where none is given. */
  entries(reference?: string): number[]
  /** As a person does on its pages: there is no request for it. */
  remove(id: number): void
  /** `account debit credit` of each line. */
  lines(id: number): string[]
  stop(): Promise<void>
}

const KEYS: Readonly<Record<string, { secret: string; level: number }>> = {
  writekey: { secret: 'w-s3cret', level: 2 },
  readkey: { secret: 'r-s3cret', level: 1 },
  sysapi: { secret: 'a-s3cret', level: 9 },
}

interface Options {
  readonly today?: string
}

export const startFakePaheko = async ({ today = '2026-11-21' }: Options = {}): Promise<FakePaheko> => {
  const db = openDatabase()
  const requests: string[] = []
  const sockets = new Set<Socket>()
  let traps: { trap: Trap; at: Place; left: number }[] = []
  let gate: PromiseWithResolvers<void> | undefined
  let gateOne: PromiseWithResolvers<void> | undefined
  let held = 0
  let port = 0
  let server: Server

  const trapAt = (place: Place): Trap | undefined => {
    const found = traps.find(({ at, left }) => left > 0 && (at === place || at === 'any'))
    if (found) found.left -= 1
    return found?.trap
  }
  const base = () => `http://127.0.0.1:${port}`

  const create = async (request: Request): Promise<Reply> => {
    const own = gateOne ?? gate
    gateOne = undefined
    if (own) {
      held += 1
      await own.promise
      held -= 1
    }
    const trap = trapAt('create')
    const early = trap && EARLY[trap]
    if (early) return early
    const given = bodyOf(request)
    const id = createEntry(db, changed(given.value, trap), today)
    if (given.isBroken) {
      db.prepare('UPDATE acc_transactions SET label = ? WHERE id = ?').run(Buffer.from('56e96c6f', 'hex'), id)
      return { status: 200, body: '' }
    }
    const late = trap && LATE[trap]
    return late ?? { status: 200, body: phpJson(entryView(db, id, base())) }
  }

  const answer = async (request: Request): Promise<Reply> => {
    const { method, path } = request
    if (path.includes('//'))
      return { status: 302, headers: { location: `${base()}${path.replace(/\/{2,}/g, '/')}` }, html: '' }
    if (!path.startsWith('/api/')) return { status: 404, html: '<!DOCTYPE html><p>Cette page n&#039;existe pas.</p>' }
    const place = PLACES.find(([pattern]) => pattern.test(path))?.[1]
    if (place !== 'create' && place !== undefined) {
      const early = EARLY[trapAt(place) ?? 'kept-400']
      if (early) return early
    }
    if (!['GET', 'POST', 'PUT', 'DELETE'].includes(method))
      return { status: 405, body: phpError(`Invalid request method: ${method}`) }
    const level = levelOf(request.authorization)
    if (typeof level !== 'number') return level
    return route({ ...request, path: path.replace(/^\/api\//, '').replace(/\/$/, '') }, level)
  }

  const route = async (request: Request, level: number): Promise<Reply> => {
    const { method, path } = request
    const [, id = '', more] = /^accounting\/transaction\/([^/]+)(\/users)?$/.exec(path) ?? []
    const wrong: Reply = { status: 400, body: phpError('Wrong request method') }
    if (path === 'sql') return sql(request)
    if (path === 'accounting/years') return method === 'GET' ? ok(yearsView(db)) : wrong
    if (path === 'accounting/charts') return method === 'GET' ? ok(chartsView(db)) : wrong
    if (path === 'accounting/transaction') {
      if (method !== 'POST') return wrong
      return level < 2 ? forbidden() : create(request)
    }
    if (id === '') return { status: 404, body: phpError('Unknown path') }
    if (more) return users(request, Number(id), level)
    if (method !== 'GET') return wrong
    const found = entryView(db, Number(id), base())
    return found ? ok(found) : { status: 404, body: phpError(`Transaction #${id} not found`) }
  }

  const sql = (request: Request): Reply => {
    const given = request.path === 'sql' && request.method === 'GET' ? (request.query.get('sql') ?? '') : sqlIn(request)
    return { status: 200, body: answerSql(db, given) }
  }

  const users = (request: Request, id: number, level: number): Reply => {
    if (request.method === 'GET') return ok(usersView(db, id))
    if (level < 2) return forbidden()
    linkUsers(db, id, request.method === 'DELETE' ? [] : ((bodyOf(request).value.users as unknown[]) ?? []))
    return ok({ success: true })
  }

  const listen = () =>
    new Promise<void>((resolve) => {
      server = createServer((incoming, outgoing) => {
        void handle(incoming, outgoing)
      })
      server.on('connection', (socket) => {
        sockets.add(socket)
        socket.once('close', () => sockets.delete(socket))
      })
      server.listen(port, '127.0.0.1', () => {
        port = (server.address() as AddressInfo).port
        resolve()
      })
    })

  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const request = await requestOf(incoming)
    requests.push(`${request.method} ${request.path}`)
    const reply = await answer(request).catch(errorReply)
    if (reply.hangsUp) return void incoming.socket.destroy()
    const type = reply.html === undefined ? 'application/json; charset=utf-8' : 'text/html; charset=UTF-8'
    outgoing.writeHead(reply.status, { 'content-type': type, connection: 'close', ...reply.headers })
    outgoing.end(reply.html ?? reply.body ?? '')
  }

  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      for (const socket of sockets) socket.destroy()
    })

  await listen()
  return {
    get url() {
      return base()
    },
    ...{ db, requests, down: close, up: listen },
    trap(trap, at = 'create', times = 1) {
      traps.push({ trap, at, left: times })
    },
    heal() {
      traps = []
    },
    hold() {
      const own = Promise.withResolvers<void>()
      gate = own
      return () => {
        gate = undefined
        own.resolve()
      }
    },
    holdOne() {
      const own = Promise.withResolvers<void>()
      gateOne = own
      return own.resolve
    },
    get held() {
      return held
    },
    entries: (reference) =>
      db
        .prepare('SELECT id FROM acc_transactions WHERE ?1 IS NULL OR reference = ?1 ORDER BY id')
        .all(reference ?? null)
        .map(({ id }) => Number(id)),
    remove(id) {
      db.prepare('DELETE FROM acc_transactions_lines WHERE id_transaction = ?').run(id)
      db.prepare('DELETE FROM acc_transactions WHERE id = ?').run(id)
    },
    lines: (id) =>
      db
        .prepare(
          'SELECT a.code, l.debit, l.credit FROM acc_transactions_lines l JOIN acc_accounts a ON a.id = l.id_account WHERE l.id_transaction = ? ORDER BY l.id',
        )
        .all(id)
        .map(({ code, debit, credit }) => `${code} ${debit} ${credit}`),
    async stop() {
      gate?.resolve()
      if (server.listening) await close()
      db.close()
    },
  }
}

interface Request {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly type: string
  readonly authorization: string | undefined
  readonly body: Buffer
}

interface Reply {
  readonly status: number
  readonly body?: string
  readonly html?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly hangsUp?: boolean
}

const ok = (value: unknown): Reply => ({ status: 200, body: phpJson(value) })
const phpError = (error: string): string => JSON.stringify({ error }).replaceAll('/', '\\/')
const forbidden = (): Reply => ({ status: 403, body: phpError('You do not have enough rights to make this request') })
const crash: Reply = { status: 500, html: CRASH_PAGE }

const PLACES: readonly [RegExp, Place][] = [
  [/^\/api\/accounting\/transaction\/?$/, 'create'],
  [/^\/api\/sql\/?$/, 'sql'],
  [/^\/api\/accounting\/years\/?$/, 'years'],
]

/** Before anything is kept. */
const EARLY: Partial<Readonly<Record<Trap, Reply>>> = {
  refuse: { status: 400, body: phpError('Écriture refusée') },
  locked: crash,
  'hang-up': { status: 0, hangsUp: true },
  upgrade: { status: 302, headers: { location: 'http://127.0.0.1/admin/upgrade.php' }, html: '' },
  blocked: { status: 403, html: '<!DOCTYPE html><p>Votre adresse a été bloquée.</p>' },
  'not-json': { status: 200, body: '{ "count": 1, "results": [ , ] }' },
}

/** After it was kept. */
const LATE: Partial<Readonly<Record<Trap, Reply>>> = {
  'kept-400': { status: 400, body: phpError('User ID does not exist: 999') },
  'kept-500': crash,
  'kept-hang-up': { status: 0, hangsUp: true },
  'kept-empty': { status: 200, body: '' },
}

const changed = (given: Readonly<Record<string, unknown>>, trap: Trap | undefined) => {
  if (trap === 'other-date') return { ...given, date: `${String(given.date).slice(0, 8)}01` }
  if (trap !== 'other-amount') return given
  const lines = (given.lines as Record<string, unknown>[]).map(({ debit, credit, ...line }) => ({
    ...line,
    ...(debit === undefined
      ? { credit: `${credit}0`.replace(/^(\d)/, '1$1') }
      : { debit: `${debit}0`.replace(/^(\d)/, '1$1') }),
  }))
  return { ...given, lines }
}

const errorReply = (error: unknown): Reply => {
  if (error instanceof Refused) return { status: 400, body: phpError(error.message) }
  if (error instanceof Crashed) return crash
  throw error
}

const levelOf = (authorization: string | undefined): number | Reply => {
  const [, basic] = /^Basic (.+)$/.exec(authorization ?? '') ?? []
  if (basic === undefined) return { status: 401, body: phpError('No username or password supplied') }
  const [user = '', secret] = Buffer.from(basic, 'base64').toString().split(':')
  const key = Object.hasOwn(KEYS, user) ? KEYS[user] : undefined
  return key && key.secret === secret ? key.level : { status: 403, body: phpError('Invalid username or password') }
}

const requestOf = async (incoming: IncomingMessage): Promise<Request> => {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const [path = '', query = ''] = (incoming.url ?? '').split('?')
  return {
    ...{ method: incoming.method ?? '', path, query: new URLSearchParams(query), body: Buffer.concat(chunks) },
    ...{ type: incoming.headers['content-type'] ?? '', authorization: incoming.headers.authorization },
  }
}

type Given = { readonly value: Readonly<Record<string, unknown>>; readonly isBroken: boolean }

/** JSON where the type says so, else a form. What is no JSON, or stands in another encoding, is a form without fields. */
const bodyOf = ({ type, body }: Request): Given => {
  const text = body.toString('latin1')
  if (type.includes('/json')) return { value: jsonIn(body), isBroken: false }
  if (!type.includes('urlencoded')) return { value: {}, isBroken: false }
  const form = new URLSearchParams(text)
  const value: Record<string, unknown> = {}
  for (const [key, one] of form) setIn(value, key, one)
  return { value, isBroken: /%E[0-9A-F](?!%)/i.test(text) }
}

const jsonIn = (body: Buffer): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : {}
  } catch {
    return {}
  }
}

/** `lines[0][account]` as PHP takes it. */
const setIn = (value: Record<string, unknown>, key: string, one: string) => {
  const [first = '', ...more] = key.replaceAll(']', '').split('[')
  if (more.length === 0) {
    value[first] = one
    return
  }
  const inner = (value[first] ?? {}) as Record<string, unknown>
  value[first] = inner
  setIn(inner, more.map((part, nth) => (nth === 0 ? part : `[${part}]`)).join(''), one)
}

const sqlIn = (request: Request): string => {
  if (request.type.includes('/json')) return String(bodyOf(request).value.sql ?? '')
  return request.body.toString()
}
