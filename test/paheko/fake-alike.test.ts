import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FakePaheko, startFakePaheko } from './fake/paheko.ts'
import recorded from './fake/recorded.json' with { type: 'json' }

// What a real Paheko 1.3.22.1 answered, and what the made-up one answers to the same requests, in the same order.

interface Exchange {
  readonly title: string
  readonly method: string
  readonly path: string
  readonly as: 'nobody' | 'wrong' | 'writekey' | 'readkey' | 'sysapi'
  readonly type?: string
  readonly json?: unknown
  readonly text?: string
  readonly base64?: string
  readonly status: number
  readonly answer?: 'html' | 'empty' | 'broken'
  readonly json_answer?: unknown
  readonly entry?: object
}

const exchanges = recorded as readonly Exchange[]
const SECRETS = { writekey: 'w-s3cret', readkey: 'r-s3cret', sysapi: 'a-s3cret', wrong: 'x' } as const

let paheko: FakePaheko
beforeAll(async () => {
  paheko = await startFakePaheko()
  // What stood there when the recording began.
  paheko.db.exec(`INSERT INTO acc_transactions (id, type, label, reference, date, id_year, hash) VALUES
    (1, 0, 'Vente 2023', 'SEED-2023', '2023-06-15', 1, NULL), (2, 0, 'Vente 2024', 'SEED-2024', '2024-06-15', 2, NULL),
    (3, 0, 'Vente 2026 (verrouillée)', 'SEED-LOCKED', '2026-06-15', 4, 'x'), (4, 0, 'Vente 2026', 'SEED-2026', '2026-06-15', 4, NULL)`)
  for (const id of [1, 2, 3, 4])
    paheko.db.exec(
      `INSERT INTO acc_transactions_lines (id_transaction, id_account, debit, credit) VALUES (${id}, 250, 1000, 0), (${id}, 434, 0, 1000)`,
    )
})
afterAll(() => paheko.stop())

const send = ({ method, path, as, type, json, text, base64 }: Exchange) => {
  const body = base64 === undefined ? (json === undefined ? text : JSON.stringify(json)) : Buffer.from(base64, 'base64')
  return fetch(`${paheko.url}${path}`, {
    ...{ method, redirect: 'manual' },
    headers: {
      ...(as === 'nobody'
        ? {}
        : { authorization: `Basic ${btoa(`${as === 'wrong' ? 'writekey' : as}:${SECRETS[as]}`)}` }),
      ...(type === undefined ? {} : { 'content-type': type }),
    },
    ...(body === undefined || method === 'GET' || method === 'HEAD' ? {} : { body }),
  })
}

type Line = Record<string, unknown>

const seen = (text: string, type: string): Pick<Exchange, 'answer' | 'json_answer' | 'entry'> => {
  if (type.includes('html')) return { answer: 'html' }
  if (text === '') return { answer: 'empty' }
  try {
    const json = JSON.parse(text)
    if (json.lines === undefined || json.id_year === undefined) return { json_answer: json }
    const { label, reference, notes, date, id_year, lines } = json
    return {
      entry: {
        ...{ label, reference, notes, date: date.date.slice(0, 10), year: id_year },
        lines: lines.map((l: Line) => [l.account_code, l.debit, l.credit, l.label, l.reference, l.id_project]),
      },
    }
  } catch {
    return { answer: 'broken' }
  }
}

/** Numbers of entries differ: not everything that was recorded is done again. */
const withoutIds = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (key, one) => (['id', 'nb_transactions'].includes(key) ? undefined : one))

test('of 331 recorded exchanges those that a connector meets are answered alike, one after the other', async () => {
  const different: unknown[] = []
  for (const exchange of exchanges) {
    const { title, status, answer, json_answer, entry } = exchange
    const response = await send(exchange)
    const got = seen(await response.text(), response.headers.get('content-type') ?? '')
    const wanted = {
      ...(answer && { answer }),
      ...(json_answer !== undefined && { json_answer }),
      ...(entry && { entry }),
    }
    const isCut = Object.keys(wanted).length === 0
    const pair = [
      { status, ...(isCut ? {} : wanted) },
      { status: response.status, ...(isCut ? {} : got) },
    ].map(withoutIds)
    if (JSON.stringify(pair[0]) !== JSON.stringify(pair[1])) different.push([title, ...pair])
  }
  expect(different).toEqual([])
  expect(exchanges.length).toBeGreaterThan(200)
})
