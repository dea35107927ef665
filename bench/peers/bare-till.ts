import { DatabaseSync, type StatementSync } from 'node:sqlite'
import Fastify from 'fastify'

/**
 * The till that somebody would write who needs no more than durable rows: Fastify, a schema, the same tables' worth of rows a sale
 * (ticket, lines, payment, idempotency key), SQLite with WAL and synchronous=FULL. No chain, no seal, no rules, no counter-entries.
 *
 * `PEER=group` shares one transaction among the requests of a turn; `PEER=each` gives each request its own.
 */
const db = new DatabaseSync(process.env.PEER_FILE ?? ':memory:')
db.exec(`PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16000; PRAGMA wal_autocheckpoint=4000;
  CREATE TABLE ticket (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, session_id TEXT NOT NULL, total INTEGER NOT NULL, at TEXT NOT NULL) STRICT;
  CREATE TABLE line (ticket_id INTEGER, n INTEGER, category TEXT, qty INTEGER, cents INTEGER, grams INTEGER, day TEXT, PRIMARY KEY (ticket_id, n)) STRICT, WITHOUT ROWID;
  CREATE INDEX line_day ON line (day, category);
  CREATE TABLE payment (ticket_id INTEGER, n INTEGER, method TEXT, cents INTEGER, day TEXT, PRIMARY KEY (ticket_id, n)) STRICT, WITHOUT ROWID;
  CREATE INDEX payment_day ON payment (day);`)

interface Sale {
  sessionId: string
  totalCents: number
  lines: { categoryId: string; qty: number; unitCents: number; grams?: number }[]
  payments: { methodId: string; cents: number }[]
}

const sql = (text: string): StatementSync => db.prepare(text)
const seen = sql('SELECT id FROM ticket WHERE key = ?')
const addTicket = sql('INSERT INTO ticket (key, session_id, total, at) VALUES (?, ?, ?, ?)')
const addLine = sql('INSERT INTO line VALUES (?, ?, ?, ?, ?, ?, ?)')
const addPayment = sql('INSERT INTO payment VALUES (?, ?, ?, ?, ?)')

const keep = (key: string, sale: Sale): { id: number } => {
  const known = seen.get(key) as { id: number } | undefined
  if (known) return known
  const at = new Date().toISOString()
  const day = at.slice(0, 10)
  const { lastInsertRowid } = addTicket.run(key, sale.sessionId, sale.totalCents, at)
  const id = Number(lastInsertRowid)
  for (const [n, line] of sale.lines.entries())
    addLine.run(id, n, line.categoryId, line.qty, line.unitCents * line.qty, line.grams ?? 0, day)
  for (const [n, { methodId, cents }] of sale.payments.entries()) addPayment.run(id, n, methodId, cents, day)
  return { id }
}

const waiting: { key: string; sale: Sale; resolve: (kept: { id: number }) => void }[] = []

const commitGroup = () => {
  const group = waiting.splice(0)
  db.exec('BEGIN IMMEDIATE')
  const kept = group.map(({ key, sale }) => keep(key, sale))
  db.exec('COMMIT')
  for (const [index, { resolve }] of group.entries()) resolve(kept[index] as { id: number })
}

const inGroup = (key: string, sale: Sale) =>
  new Promise<{ id: number }>((resolve) => {
    if (waiting.length === 0) setImmediate(commitGroup)
    waiting.push({ key, sale, resolve })
  })

const alone = async (key: string, sale: Sale) => {
  db.exec('BEGIN IMMEDIATE')
  const kept = keep(key, sale)
  db.exec('COMMIT')
  return kept
}

const body = {
  type: 'object',
  required: ['sessionId', 'totalCents', 'lines', 'payments'],
  properties: {
    sessionId: { type: 'string' },
    totalCents: { type: 'integer' },
    lines: {
      type: 'array',
      items: {
        type: 'object',
        required: ['categoryId', 'qty', 'unitCents'],
        properties: {
          categoryId: { type: 'string' },
          qty: { type: 'integer' },
          unitCents: { type: 'integer' },
          grams: { type: 'integer' },
        },
      },
    },
    payments: {
      type: 'array',
      items: {
        type: 'object',
        required: ['methodId', 'cents'],
        properties: { methodId: { type: 'string' }, cents: { type: 'integer' } },
      },
    },
  },
}

const record = process.env.PEER === 'group' ? inGroup : alone
const app = Fastify()
app.post('/v1/sales', { schema: { body } }, async (request, reply) => {
  const kept = await record(String(request.headers['idempotency-key']), request.body as Sale)
  return reply.code(201).send(kept)
})
const url = await app.listen({ port: 0, host: '127.0.0.1' })
process.send?.({ ready: { url } })
process.on('SIGTERM', () => process.exit(0))
