import { FACTS, PROBLEM_TYPE, parse, type SaleRecorded, type SaleRefunded, signedCents } from '@recyclique/contracts'
import { Type } from '@sinclair/typebox'
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ERRORS } from '../../kernel/errors.ts'
import { type Draft, draftsFor, HUGE, Picked, routesOf } from './fuzz-requests.ts'
import { type Answer, openRealKernel, type RealKernel, type Sent, saleOf, setUp } from './real-kernel.ts'

const isLong = process.env.RECYCLIQUE_LONG === '1'
const REQUESTS = isLong ? 20_000 : 2_000
/** As many at once as there are tills in a large centre. */
const AT_ONCE = 8
/** The same requests again: RECYCLIQUE_SEED=… (what runs at the same time may still take turns otherwise). */
const seed = Number(process.env.RECYCLIQUE_SEED ?? Math.floor(Math.random() * 2 ** 31))

let kernel: RealKernel
beforeAll(async () => {
  kernel = await openRealKernel()
})
afterAll(() => kernel.close())

test(`${REQUESTS} requests of every kind are answered or refused in words, and the ledger is sound`, async () => {
  const { sessionId, closedId, receive, must } = await setUp(kernel)
  await must(kernel.put('/v1/users/fuzzer', { roles: [] }))
  const { depositId, lineId } = await receive()
  const { saleId } = await must(kernel.post('/v1/sales', saleOf(sessionId)))
  const things = poolsOf({
    site: ['centre'],
    register: ['caisse-1', 'caisse-2'],
    post: ['quai'],
    container: ['chariot'],
    partner: ['le-relais'],
    method: ['cash', 'card', 'cheque'],
    category: ['livres', 'textile'],
    user: ['manager', 'parti'],
    session: [sessionId, closedId],
    deposit: [depositId],
    'line of deposit': [`${depositId} ${lineId}`],
    ticket: [saleId],
    key: ['fuzz-key-0'],
  })
  // A quieter log would hide what is looked for at the end.
  const routes = routesOf((await kernel.get('/openapi.json')).json).filter(({ path }) => path !== '/v1/log-level')
  const drafts = fc.sample(draftsFor(routes), { seed, numRuns: REQUESTS })
  const wrong: unknown[] = []
  const counts = new Map<string, number>()
  for (let from = 0; from < drafts.length; from += AT_ONCE)
    await Promise.all(
      drafts.slice(from, from + AT_ONCE).map(async (draft, n) => {
        const sent = sentFor(draft, things)
        const answer = await kernel.send(sent).catch((error: Error) => error)
        if (answer instanceof Error) return void wrong.push({ n: from + n, sent, why: String(answer) })
        remember(draft, sent, answer, things)
        const why = saysItIsNotWell(sent, answer) ? undefined : flawOf(answer)
        if (why) wrong.push({ n: from + n, kind: draft.kind, sent, why, answer: answer.text.slice(0, 600) })
        count(counts, `${draft.kind} ${answer.status < 300 ? 'done' : answer.status}`)
        count(counts, answer.status < 300 ? `${draft.route.method} ${draft.route.path}` : answer.json?.code)
      }),
    )
  const said = `seed ${seed}: ${JSON.stringify(wrong.slice(0, 5), null, 1)}`
  if (isLong) console.log(`seed ${seed}`, Object.fromEntries([...counts].sort()))
  expect(wrong.length, said).toBe(0)
  expect(kernel.troubles, said).toEqual([])
  expect((await kernel.get('/healthz')).json.status).toBe('ok')
  expect(await kernel.verify(), said).toMatchObject({ ok: true, flaws: [] })
  await checkLedger(said)
  await checkReports(said)
}, 900_000)

/** Ids of things by kind. What is picked from an empty kind is an id that nothing has. */
const NOBODY = '00000000-0000-7000-8000-000000000000'

const poolsOf = (start: Record<string, string[]>) => {
  const pools = new Map(Object.entries(start))
  const nets = new Map<string, number>()
  return {
    pick: ({ kind, nth }: Picked): string => {
      const pool = pools.get(kind) ?? []
      return pool[nth % Math.max(1, pool.length)] ?? (kind.startsWith('cursor') ? '9999' : NOBODY)
    },
    /** What was used up is met now and then all the same. */
    drop(kind: string, id: unknown, nth: number) {
      if (nth % 4 > 0) pools.set(kind, pools.get(kind)?.filter((one) => one !== id) ?? [])
    },
    net: (lineId = ''): number => nets.get(lineId) ?? 0,
    weighed: (lineId: string, grams: number) => nets.set(lineId, grams),
    /** The newest thirty stay: older things have been used up. */
    add(kind: string, id: unknown) {
      const pool = pools.get(kind) ?? []
      pools.set(kind, pool)
      if (typeof id === 'string' && !pool.includes(id)) pool.push(id)
      if (pool.length > 30) pool.shift()
    },
  }
}
type Pools = ReturnType<typeof poolsOf>

const sentFor = (draft: Draft, things: Pools): Sent => {
  const { route, headers, oldKey } = draft
  const params = settledParams(draft, things)
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => params[name] ?? '')
  const query = Object.entries(draft.query).map(([name, value]) => `${name}=${encoded(settled(value, things))}`)
  const body = settled(draft.body, things)
  const raw =
    draft.raw ??
    (body === undefined ? undefined : textOf(draft.isMended ? mended(draft, body, things.net(params.lineId)) : body))
  return {
    method: route.method,
    path: query.length > 0 ? `${path}?${query.join('&')}` : path,
    ...(raw === undefined || route.method === 'GET' ? {} : { raw }),
    headers: {
      'recyclique-actor': 'fuzzer',
      ...(oldKey === undefined ? {} : { 'idempotency-key': things.pick(new Picked('key', oldKey)) }),
      ...headers,
    },
    isEndless: route.path === '/v1/live',
  }
}

/** A line is looked for where it is, most of the time. */
const settledParams = ({ params }: Draft, things: Pools): Record<string, string> => {
  const text: Record<string, string> = {}
  for (const [name, value] of Object.entries(params)) text[name] = encoded(settled(value, things))
  if (params.lineId instanceof Picked) {
    const [source, line] = things.pick(params.lineId).split(' ')
    text.lineId = line ?? source ?? ''
    if (line && params.lineId.nth % 5 > 0) text.id = source ?? ''
  }
  return text
}

const settled = (value: unknown, things: Pools): unknown => {
  if (value instanceof Picked) return things.pick(value)
  if (Array.isArray(value)) return value.map((one) => settled(one, things))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, settled(one, things)]))
}

const encoded = (value: unknown): string => {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  return text.isWellFormed() ? encodeURIComponent(text) : '%ud8%00'
}

const textOf = (body: unknown): string => JSON.stringify(body)?.replaceAll(JSON.stringify(HUGE), '1e400') ?? ''

interface Loose {
  [key: string]: unknown
  lines?: { [key: string]: unknown }[]
}

/**
 * Random amounts never add up: here they are made to, so that acts come through and their effects are tried as well. `seen` is
 * the weight that the line had when it was last seen.
 */
const mended = ({ route, kind }: Draft, body: unknown, seen: number): unknown => {
  if (kind !== 'valid' || body === null || typeof body !== 'object') return body
  const one = body as Loose
  const pay = (cents: number) => (cents > 0 ? [{ methodId: 'cash', cents }] : [])
  if (route.path === '/v1/sales') {
    const { heldTicketId: _, isGloballyPriced: __, changeCents: ___, ...rest } = one
    const lines = (one.lines ?? []).map(({ lotCents: _, preset: __, unitCents = 50, ...line }) => ({
      ...line,
      unitCents: Number(unitCents) % 10_000,
      qty: 1 + (Number(line.qty) % 50),
    }))
    const totalCents = lines.reduce((all, { qty, unitCents }) => all + qty * unitCents, 0)
    const donationCents = Number(one.donationCents ?? 1) % 10_000
    return { ...rest, lines, totalCents, donationCents, payments: pay(totalCents + donationCents) }
  }
  if (route.path === '/v1/cash-sessions' && one.mode !== 'deferred') {
    const { businessDate: _, ...rest } = one
    return rest
  }
  if (route.path.endsWith('/refunds')) {
    const lines = (one.lines ?? []).map((line, n) => ({ line: n + 1, qty: 1, cents: Number(line.cents) % 40 }))
    return { ...one, lines, payments: pay(lines.reduce((all, { cents }) => all + cents, 0)) }
  }
  if (route.path.endsWith('/close')) {
    const counted = ['cash', 'card', 'cheque'].map((methodId, n) => ({ methodId, cents: 100 * n }))
    return { counted, reason: 'compté deux fois' }
  }
  if (/methods|categories/.test(route.path) && route.method === 'PUT') {
    const { minCents: _, maxCents: __, archived: ___, ...rest } = one
    return rest
  }
  if (route.path.endsWith('/corrections'))
    return { after: one.after && light(one.after as Loose), expectedNetGrams: seen }
  if (route.path.endsWith('/lines')) return light(one)
  if (route.path === '/v1/exits') {
    const { isUltimate: _, ...rest } = one
    return { ...rest, ...(one.partnerId ? {} : { kind: 'bins' }), lines: one.lines?.map(light) }
  }
  return one
}

/** A line that is heavier than its tare, which is said in one way. */
const light = ({ tareGrams: _, ...line }: Loose) => ({
  ...line,
  qty: 2,
  grossGrams: 3000 + (Number(line.grossGrams) % 9000),
})

const remember = ({ route }: Draft, { path, headers }: Sent, { status, json }: Answer, things: Pools) => {
  if (status >= 300 || json === null || typeof json !== 'object') return
  const place = route.path.split('/')[2] ?? ''
  const { sessionId, saleId, refundId, voidId, depositId, exitId, lineId, ticketId, next, items } = json
  if (route.path === '/v1/cash-sessions') things.add('session', sessionId)
  if (json.status === 'closed' && route.method === 'POST') {
    things.drop('session', sessionId, json.position)
    things.drop('deposit', depositId, json.position)
  }
  for (const id of [saleId, refundId, voidId]) things.add('ticket', id)
  if (route.path === '/v1/deposits') things.add('deposit', depositId)
  if (route.path === '/v1/exits') things.add('exit', exitId)
  things.add('held', ticketId)
  things.add(`cursor of ${route.path}`, next)
  if (depositId && lineId) things.add('line of deposit', `${depositId} ${lineId}`)
  if (exitId && json.lines?.[0]) things.add('line of exit', `${exitId} ${json.lines[0].lineId}`)
  if (lineId) things.weighed(lineId, json.after === undefined ? json.netGrams : (json.after?.netGrams ?? 0))
  for (const line of exitId && json.lines ? json.lines : []) things.weighed(line.lineId, line.netGrams)
  if (route.method === 'PUT' && KINDS[place]) things.add(KINDS[place], path.split('/')[3])
  if (route.method === 'POST' && items === undefined) things.add('key', headers?.['idempotency-key'])
}
const KINDS: Record<string, string> = {
  registers: 'register',
  posts: 'post',
  containers: 'container',
  partners: 'partner',
  'payment-methods': 'method',
  categories: 'category',
}

/** A module that was marked as required is not there: for once a 503 is the true answer. */
const saysItIsNotWell = ({ path }: { path: string }, { status, json }: Answer): boolean =>
  path.startsWith('/v1/control/health') && status === 503 && json?.ok === false

/** What is wrong with an answer, if anything. Where an order went to a module there is none here to carry it out, and that is said. */
const flawOf = ({ status, headers, json, text }: Answer): string | undefined => {
  if (status < 300) return undefined
  if (status >= 500 && json?.code !== 'module-unavailable') return `a ${status}`
  if (!String(headers['content-type']).startsWith(PROBLEM_TYPE)) return `${headers['content-type']} is no problem`
  const known = ERRORS[json?.code as keyof typeof ERRORS]
  if (!known) return `${json?.code} is not in kernel/errors.ts`
  if (known.status !== status || json.status !== status) return 'the status is not that of the code'
  if (!json.detail || !json.requestId) return 'it has no words or no request id'
  if (/undefined|\[object|node_modules|SQLITE|\n {4}at /.test(json.detail)) return 'its words are a machine’s'
  if (text.length > 8000) return `it is ${text.length} characters long`
  return undefined
}

const count = (counts: Map<string, number>, what: string) => counts.set(what, (counts.get(what) ?? 0) + 1)

interface Row {
  position: number
  journal: string
  seq: number
  name: string
  prevHash: string
  hash: string
  data: never
}

/** The ledger as the API tells it: numbers without gaps, facts that fit their contracts, and sums that come out. */
const checkLedger = async (said: string) => {
  const specs = new Map(FACTS.map((spec) => [spec.name, spec]))
  const seqs = new Map<string, number>()
  const open = new Set<string>()
  const left = new Map<string, number>()
  let position = 0
  let hash = '0'.repeat(64)
  for (let after = ''; ; ) {
    const page = (await kernel.get(`/v1/ledger?limit=500${after}`)).json as { items: Row[]; next?: string }
    for (const row of page.items) {
      const here = `position ${row.position} (${row.name}), ${said}`
      expect(row.position, here).toBe(position + 1)
      expect(row.prevHash, here).toBe(hash)
      expect(row.seq, here).toBe((seqs.get(row.journal) ?? 0) + 1)
      expect(() => parse(specs.get(row.name)?.data ?? Type.Never(), row.data), here).not.toThrow()
      position = row.position
      hash = row.hash
      seqs.set(row.journal, row.seq)
      checkFact(row, open, left, here)
    }
    if (page.next === undefined) return
    after = `&after=${page.next}`
  }
}

const checkFact = ({ name, data }: Row, open: Set<string>, left: Map<string, number>, here: string) => {
  const { sessionId } = data as { sessionId?: string }
  if (name === 'cash.session.opened') open.add(sessionId ?? '')
  else if (sessionId !== undefined && name !== 'cash.variance.flagged') expect(open.has(sessionId), here).toBe(true)
  if (name === 'cash.session.closed') open.delete(sessionId ?? '')
  if (name === 'sale.recorded') {
    const { saleId, lines, totalCents, donationCents, payments } = data as SaleRecorded
    expect(sum(lines.map(({ lineCents }) => lineCents)), here).toBe(totalCents)
    expect(sum(payments.map(signedCents)), here).toBe(totalCents + donationCents)
    left.set(saleId, totalCents)
  }
  if (name === 'sale.refunded' || name === 'sale.voided') {
    const { saleId, totalCents } = data as SaleRefunded
    const rest = (left.get(saleId) ?? 0) - totalCents
    expect(rest, here).toBeGreaterThanOrEqual(0)
    left.set(saleId, rest)
  }
}

const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0)

/** However takings are cut, they come to the same; stock is what came in less what went out. */
const checkReports = async (said: string) => {
  const net = async (by: string) => {
    const { rows } = (await kernel.get(`/v1/reports/takings?from=2000-01-01&to=2099-12-31&by=${by}`)).json
    return sum(rows.map(({ netCents }: { netCents: number }) => netCents))
  }
  expect(await net('method'), said).toBe(await net('day'))
  expect(await net('register'), said).toBe(await net('day'))
  const { total } = (await kernel.get('/v1/stock?from=2000-01-01&to=2099-12-31')).json
  expect(total.closingGrams, said).toBe(total.inGrams - total.outGrams)
}
