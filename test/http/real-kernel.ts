import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { v7 as newId } from 'uuid'
import type { Clock } from '../../kernel/hooks/clock.ts'
import { openKernel } from '../../kernel/kernel.ts'
import { openSealer } from '../../kernel/ledger/seal.ts'
import { type VerifyReport, verifyLedger } from '../../kernel/ledger/verify.ts'
import { projection } from '../../kernel/projection.ts'
import { readSettings } from '../../kernel/settings.ts'
import { inspectSqlite } from '../../kernel/store/sqlite-inspection.ts'
import { tables } from '../../kernel/tables.ts'

/** A level of pino. */
const ERROR = 50

/** One request as it goes on the wire. `body` is sent as JSON; `raw` as it is. Headers that are `undefined` are left out. */
export interface Sent {
  readonly method: string
  readonly path: string
  readonly body?: unknown
  readonly raw?: string | Uint8Array
  readonly headers?: Readonly<Record<string, string | string[] | undefined>>
  /** The answer has no end: it is let go as soon as it begins well. */
  readonly isEndless?: boolean
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  /** The body as JSON, or `undefined` when it is none. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly json: any
}

export type RealKernel = Awaited<ReturnType<typeof openRealKernel>>

/**
 * A kernel on a free port with a data folder of its own, without NATS. Acts as `manager` under a fresh key unless a request says
 * otherwise; goes through node:http, so that paths and headers arrive as they were written.
 */
export const openRealKernel = async (parts: { clock?: Clock } = {}) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'recyclique-http-'))
  const settings = readSettings({ RECYCLIQUE_DATA: dataDir, RECYCLIQUE_PORT: '0', LOG_LEVEL: 'silent' })
  const troubles: string[] = []
  // Who sets another level is shown more than troubles.
  const note = (line: string) => JSON.parse(line).level >= ERROR && troubles.push(line)
  const log = pino({ level: 'error' }, { write: note })
  const kernel = await openKernel(settings, log, (error) => troubles.push(String(error)), parts)
  const agent = new Agent({ keepAlive: true, maxSockets: 32 })

  const send = ({ method, path, body, raw, headers = {}, isEndless = false }: Sent): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body))
      const all = {
        'recyclique-actor': 'manager',
        'idempotency-key': newId(),
        ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      }
      const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Record<
        string,
        string
      >
      const { hostname: host, port } = new URL(kernel.url)
      const going = request({ host, port, agent, method, path, headers: given, timeout: 20_000 }, (answer) => {
        const parts: Buffer[] = []
        if (isEndless && answer.statusCode === 200) {
          resolve({ status: 200, headers: answer.headers, text: '', json: undefined })
          going.destroy()
          return
        }
        answer.on('data', (part: Buffer) => parts.push(part))
        answer.on('error', reject)
        answer.on('end', () => {
          const text = Buffer.concat(parts).toString()
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text, json: asJson(text) })
        })
      })
      going.on('timeout', () => going.destroy(new Error(`no answer to ${method} ${path} within 20 s`)))
      going.on('error', reject)
      going.end(payload)
    })

  return {
    url: kernel.url,
    /** Where a test puts modules of its own, as functions. */
    hooks: kernel.hooks,
    /** What the kernel logged as an error: nothing, if all went well. */
    troubles,
    send,
    get: (path: string, headers?: Sent['headers']) => send({ method: 'GET', path, ...(headers ? { headers } : {}) }),
    post: (path: string, body?: unknown, headers?: Sent['headers']) =>
      send({ method: 'POST', path, body, ...(headers ? { headers } : {}) }),
    put: (path: string, body: unknown, headers?: Sent['headers']) =>
      send({ method: 'PUT', path, body, ...(headers ? { headers } : {}) }),
    /** The head of the ledger as the API tells it. */
    head: async (): Promise<{ position: number; hash: string }> =>
      (await send({ method: 'GET', path: '/v1/ledger?limit=1' })).json.head,
    /** The whole ledger checked, beside the running kernel. */
    verify: (): Promise<VerifyReport> =>
      verifyLedger({
        inspect: () => inspectSqlite(settings.ledgerFile, tables),
        tables,
        projection,
        sealer: openSealer(settings.keysDir),
        headFile: join(settings.keysDir, 'head'),
        site: settings.site,
      }),
    async close() {
      agent.destroy()
      await kernel.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

const asJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A centre that is ready to sell and to receive: what every test of a request needs to be refused for one reason only. */
export const setUp = async (kernel: RealKernel) => {
  const must = async (answer: Promise<Answer>) => {
    const { status, json, text } = await answer
    if (status >= 300) throw new Error(`the centre could not be set up: ${status} ${text}`)
    return json
  }
  const category = { officialName: 'Livres', eee: 'none', shownAtSale: true, shownAtReception: true }
  await must(kernel.put('/v1/registers/caisse-1', { name: 'Caisse 1' }))
  await must(kernel.put('/v1/registers/caisse-2', { name: 'Caisse 2' }))
  await must(kernel.put('/v1/posts/quai', { name: 'Quai' }))
  await must(kernel.put('/v1/containers/chariot', { name: 'Chariot', tareGrams: 2000 }))
  await must(kernel.put('/v1/partners/le-relais', { name: 'Le Relais', kind: 'recycler' }))
  await must(kernel.put('/v1/categories/livres', { ...category, shortName: 'Livres' }))
  await must(kernel.put('/v1/categories/textile', { ...category, shortName: 'Textile', usualGrams: 20_000 }))
  await must(kernel.put('/v1/categories/ancienne', { ...category, shortName: 'Ancienne', archived: true }))
  await must(kernel.put('/v1/users/parti', { roles: [], archived: true }))
  const open = (registerId: string, more: object = {}) =>
    must(kernel.post('/v1/cash-sessions', { registerId, floatCents: 5000, ...more }))
  const { sessionId } = await open('caisse-1')
  const { sessionId: closedId } = await open('caisse-2')
  await must(kernel.post(`/v1/cash-sessions/${closedId}/close`, { counted: [{ methodId: 'cash', cents: 5000 }] }))
  const sell = (qty = 3) => must(kernel.post('/v1/sales', saleOf(sessionId, qty)))
  const receive = async () => {
    const { depositId } = await must(kernel.post('/v1/deposits', { postId: 'quai', origin: 'voluntary' }))
    const { lineId } = await must(
      kernel.post(`/v1/deposits/${depositId}/lines`, { categoryId: 'textile', grossGrams: 5000 }),
    )
    return { depositId: depositId as string, lineId: lineId as string }
  }
  return { sessionId: sessionId as string, closedId: closedId as string, must, sell, receive }
}

/** A ticket of some books at one euro each, paid in cash to the cent. */
export const saleOf = (sessionId: string, qty = 3) => ({
  sessionId,
  lines: [{ categoryId: 'livres', qty, unitCents: 100 }],
  totalCents: qty * 100,
  payments: [{ methodId: 'cash', cents: qty * 100 }],
})
