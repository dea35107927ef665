import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { moduleEnv, startChild } from '../modules/child.ts'
import { type KernelProcess, startKernelProcess } from '../support/kernel-process.ts'
import { startTestServer } from '../support/nats.ts'
import { until } from '../support/wait.ts'
import { type Body, type Centre, category, expectedIn, factsNamed, inLedger, said, setUpCentre } from './centre.ts'
import { verified, verifyTool } from './verified.ts'

// Processes start and end here all the time: on a machine with other work that takes its time.
vi.setConfig({ testTimeout: 120_000 })

// The scenarios of the domain's brief (section 7) as a till, a scale and a manager live them: over HTTP, against the kernel's own process.

let shared: Centre
let kernel: KernelProcess
let centre: Centre
/** A till and a category that no other test uses, where one kernel serves several of them. */
let till: string
let things: string
let count = 0
const ends: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  shared = await setUpCentre(await startKernelProcess())
})
beforeEach(async () => {
  centre = shared
  kernel = shared.kernel
  count += 1
  till = `till-${count}`
  things = `things-${count}`
  await Promise.all([
    centre.put(`/v1/registers/${till}`, { name: till }),
    centre.put(`/v1/categories/${things}`, category(things)),
  ])
})
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})
afterAll(() => shared.kernel.done())

/** A kernel of its own, for a test that looks at what everybody did. */
const startAlone = async (wanted?: Parameters<typeof startKernelProcess>[0]) => {
  kernel = await startKernelProcess(wanted)
  ends.push(kernel.done)
  centre = await setUpCentre(kernel)
}

const open = () => centre.open({ registerId: till })
/** What the stock says of the test's own category. */
const stockOfThings = async (day: string) =>
  (await stock(day)).categories.find(({ categoryId }: Body) => categoryId === things)
const inSession = (name: string, sessionId: string) =>
  factsNamed(kernel.dataDir, name).filter(({ data }) => data.sessionId === sessionId)

const head = async () => (await centre.get('/v1/ledger?limit=1')).head
const takings = async (by: string, from: string, to = from) =>
  (await centre.get(`/v1/reports/takings?by=${by}&from=${from}&to=${to}`)).rows as Body[]
const stock = (from: string, to = from) => centre.get(`/v1/stock?from=${from}&to=${to}`)
const today = async (sessionId: string): Promise<string> =>
  (await centre.get(`/v1/cash-sessions/${sessionId}`)).businessDate
const dayBefore = (day: string, days = 1): string =>
  new Date(Date.parse(`${day}T12:00:00Z`) - days * 86_400_000).toISOString().slice(0, 10)

test('scenario 2: 12 € are paid with 5 in cash and 7 by card: the remaining 7,00 are named, then 0,00; two payments', async () => {
  const sessionId = await open()
  const sale = {
    sessionId,
    lines: [{ categoryId: 'jouets', qty: 2, unitCents: 600 }],
    totalCents: 1200,
    payments: [{ methodId: 'cash', cents: 500 }],
  }
  const tooLittle = await centre.api('POST', '/v1/sales', sale)
  expect(said(tooLittle)).toBe('422 payments-differ')
  expect(tooLittle.body).toMatchObject({ field: '/payments', detail: expect.stringMatching(/Paid 500 .* total 1200/) })

  const paid = await centre.post('/v1/sales', {
    ...sale,
    payments: [...sale.payments, { methodId: 'card', cents: 700 }],
  })
  expect(paid).toMatchObject({ totalCents: 1200, donationCents: 0, changeCents: 0, number: 1 })
  expect(paid.payments).toEqual([
    { methodId: 'cash', cents: 500, direction: 'in', nature: 'sale' },
    { methodId: 'card', cents: 700, direction: 'in', nature: 'sale' },
  ])
  expect(await expectedIn(centre, sessionId)).toEqual({ cash: 5500, card: 700 })
})

test('scenario 3: three unpriced items for 15,00 are accepted; two priced 10,00 with a total of 5,00 are refused with the reason', async () => {
  const sessionId = await open()
  const unpriced = (cents: number) => ({
    sessionId,
    isGloballyPriced: true,
    lines: ['livres', 'jouets', 'textile'].map((categoryId) => ({ categoryId, qty: 1 })),
    totalCents: cents,
    payments: [{ methodId: 'cash', cents }],
  })
  const sold = await centre.post('/v1/sales', unpriced(1500))
  expect(sold.lines.map(({ lineCents }: Body) => lineCents)).toEqual([500, 500, 500])
  const odd = await centre.post('/v1/sales', unpriced(1000))
  expect(odd.lines.map(({ lineCents }: Body) => lineCents)).toEqual([333, 333, 334])

  const before = await head()
  const priced = {
    sessionId,
    lines: [
      { categoryId: 'livres', qty: 1, unitCents: 400 },
      { categoryId: 'jouets', qty: 2, unitCents: 300 },
    ],
    totalCents: 500,
    payments: [{ methodId: 'cash', cents: 500 }],
  }
  const refused = await centre.api('POST', '/v1/sales', { ...priced, isGloballyPriced: true })
  expect(said(refused)).toBe('422 global-price-too-low')
  expect(refused.body).toMatchObject({ field: '/totalCents', detail: expect.stringMatching(/500 cents.*1000 cents/) })
  expect(said(await centre.api('POST', '/v1/sales', priced))).toBe('422 total-differs')
  expect(await head()).toEqual(before)
  expect(await expectedIn(centre, sessionId)).toEqual({ cash: 7500 })
})

test('scenario 4: a ticket with a donation only and one of 0 € "−18" are finished; the drawer stays shut for the latter', async () => {
  await startAlone()
  const sessionId = await centre.open()
  const donation = await centre.post('/v1/sales', {
    sessionId,
    lines: [],
    totalCents: 0,
    donationCents: 350,
    payments: [{ methodId: 'cash', cents: 350 }],
  })
  expect(donation.payments).toEqual([{ methodId: 'cash', cents: 350, direction: 'in', nature: 'donation' }])
  const free = await centre.post('/v1/sales', {
    sessionId,
    lines: [{ categoryId: 'textile', qty: 2, preset: 'don-18', grams: 750 }],
    totalCents: 0,
    payments: [],
  })
  expect(free).toMatchObject({ number: 2, totalCents: 0, changeCents: 0, payments: [] })
  expect(await expectedIn(centre, sessionId)).toEqual({ cash: 5350 })

  const day = await today(sessionId)
  const { total } = await stock(day)
  expect(total).toMatchObject({ outGrams: 750, out: { sale: 750 } })
  expect(await takings('day', day)).toEqual([
    expect.objectContaining({ key: day, salesCents: 0, donationsCents: 350, netCents: 350, tickets: 2 }),
  ])
  expect(await takings('register', day)).toEqual([
    expect.objectContaining({ key: 'caisse-1', donationsCents: 350, netCents: 350, tickets: 2 }),
  ])
})

test('scenario 5: a double tap makes one sale; the next ticket is empty, and its change is its own', async () => {
  const sessionId = await open()
  const sale = {
    sessionId,
    lines: [{ categoryId: 'livres', qty: 3, unitCents: 100, grams: 900 }],
    totalCents: 300,
    payments: [{ methodId: 'cash', cents: 500 }],
    changeCents: 200,
  }
  const key = randomUUID()
  const taps = await Promise.all(Array.from({ length: 5 }, () => centre.api('POST', '/v1/sales', sale, { key })))
  expect(taps.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201])
  expect(new Set(taps.map(({ body }) => JSON.stringify(body))).size).toBe(1)
  const replayed = taps.map(({ headers }) => headers.get('idempotency-replayed'))
  expect(replayed.toSorted()).toEqual([null, 'true', 'true', 'true', 'true'])
  expect(inSession('sale.recorded', sessionId)).toHaveLength(1)
  expect(await expectedIn(centre, sessionId)).toEqual({ cash: 5300 })

  const other = await centre.api('POST', '/v1/sales', { ...sale, changeCents: 201 }, { key })
  expect(said(other)).toBe('409 key-reused')

  const next = await centre.sell(sessionId, { cents: 150 })
  expect(next).toMatchObject({ number: 2, changeCents: 0, totalCents: 150 })
  expect(next.lines).toHaveLength(1)
  expect(next.saleId).not.toBe(taps[0]?.body.saleId)
})

test('scenario 7: 4 € of a card sale of 12 € are refunded in cash: the original is intact, and its reprint says DUPLICATA n° 1', async () => {
  const sessionId = await open()
  const sale = await centre.sell(sessionId, { cents: 1200, methodId: 'card' })
  const kept = () => factsNamed(kernel.dataDir, 'sale.recorded')
  const before = kept()
  const refund = await centre.post(`/v1/sales/${sale.saleId}/refunds`, {
    sessionId,
    lines: [{ line: 1, qty: 0, cents: 400 }],
    payments: [{ methodId: 'cash', cents: 400 }],
    areGoodsBack: false,
  })
  expect(refund).toMatchObject({ number: 2, totalCents: 400, saleId: sale.saleId })
  expect(refund.payments).toEqual([{ methodId: 'cash', cents: 400, direction: 'out', nature: 'refund' }])

  expect(kept()).toEqual(before)
  const original = await centre.get(`/v1/sales/${sale.saleId}`)
  expect(original).toMatchObject({ hash: sale.hash, number: 1, totalCents: 1200, payments: sale.payments, copies: 0 })
  expect(original.remaining).toEqual([{ line: 1, qty: 1, cents: 800 }])
  expect(await expectedIn(centre, sessionId)).toEqual({ cash: 4600, card: 1200 })
  const rows = await takings('register', await today(sessionId))
  expect(rows.find(({ key }) => key === till)).toMatchObject({
    ...{ salesCents: 1200, refundsCents: -400, donationsCents: 0, netCents: 800, tickets: 1 },
  })

  const copy = await centre.post(`/v1/sales/${sale.saleId}/copies`)
  expect(copy).toMatchObject({ copy: 1, mark: 'DUPLICATA n° 1', sale: { hash: sale.hash, totalCents: 1200 } })
  expect((await centre.post(`/v1/sales/${sale.saleId}/copies`)).mark).toBe('DUPLICATA n° 2')
})

test('scenario 8: a close counted at −2,00 needs a reason; the Z is by method; a held ticket blocks it', async () => {
  const sessionId = await open()
  await centre.sell(sessionId, { cents: 1000 })
  await centre.sell(sessionId, { cents: 700, methodId: 'card' })
  await centre.post(`/v1/cash-sessions/${sessionId}/moves`, { kind: 'disbursement', cents: 300, subtype: 'timbres' })
  const heldId = randomUUID()
  const lines = [{ categoryId: 'livres', qty: 1, unitCents: 100 }]
  await centre.put(`/v1/held-tickets/${heldId}`, { sessionId, lines })
  const close = (body: object) => centre.api('POST', `/v1/cash-sessions/${sessionId}/close`, body)
  const counted = [
    { methodId: 'cash', cents: 5500 },
    { methodId: 'card', cents: 700 },
  ]

  expect(said(await close({ counted, reason: 'erreur de rendu' }))).toBe('409 tickets-held')
  expect((await centre.api('DELETE', `/v1/held-tickets/${heldId}`)).status).toBe(204)
  const unexplained = await close({ counted })
  expect(said(unexplained)).toBe('422 variance-unexplained')
  expect(unexplained.body).toMatchObject({ field: '/reason', detail: expect.stringContaining('-200') })
  expect(said(await close({ counted: counted.slice(0, 1), reason: 'x' }))).toBe('422 count-missing')

  const z = await close({ counted, reason: 'erreur de rendu', bankCents: 2500 })
  expect(z.status).toBe(200)
  expect(z.body).toMatchObject({
    status: 'closed',
    ...{ floatCents: 5000, movesCents: -300, varianceCents: -200, bankCents: 2500, nextFloatCents: 3000 },
    ...{ saleCount: 2, refundCount: 0, voidCount: 0, salesCents: 1700, donationsCents: 0, refundsCents: 0 },
  })
  expect(z.body.perMethod).toEqual([
    { methodId: 'card', expectedCents: 700, countedCents: 700, varianceCents: 0 },
    { methodId: 'cash', expectedCents: 5700, countedCents: 5500, varianceCents: -200 },
  ])
  const closed = await centre.get(`/v1/cash-sessions/${sessionId}`)
  expect(closed).toMatchObject({ status: 'closed', snapshot: { perMethod: z.body.perMethod } })
  expect(inSession('cash.variance.flagged', sessionId)).toHaveLength(1)
  expect(said(await close({ counted, reason: 'encore' }))).toBe('409 session-closed')
})

test('scenario 9: a training till says FACTICE and has its own numbers; takings, stock and live figures stay as they were', async () => {
  const server = await startTestServer({ site: 'essai' })
  ends.push(server.stop)
  const figures = startChild('modules/live-figures/main.ts', await moduleEnv(server, 'live-figures', 'figures-1'))
  ends.push(async () => figures.process.kill('SIGKILL') && figures.ended)
  const env = { RECYCLIQUE_KEYS: server.keyring.folder, RECYCLIQUE_SITE: 'essai' }
  await startAlone({ nats: server.url, env })
  const [live, training] = [await centre.open(), await centre.open({ mode: 'training' })]
  await centre.sell(live, { cents: 500, grams: 300 })
  const day = await today(live)
  const figuresWith = (tickets: number) =>
    until(async () => {
      const seen = await centre.api('GET', '/m/live-figures/today')
      return seen.body.tickets === tickets && seen.body
    }, 60_000)
  const seen = async () => ({
    takings: await takings('day', day),
    byRegister: await takings('register', day),
    byCategory: await takings('category', day),
    stock: await stock(day),
    movements: (await centre.get('/v1/movements')).items,
  })
  const { position: _, ...shown } = await figuresWith(1)
  const before = await seen()

  const sold = await centre.sell(training, { cents: 9900, grams: 4000 })
  expect(sold).toMatchObject({ mark: 'FACTICE', mode: 'training', journal: 'training-register-caisse-1', number: 1 })
  expect((await centre.get(`/v1/sales/${sold.saleId}`)).mark).toBe('FACTICE')
  const depositId = await centre.deposit({ mode: 'training' })
  expect(await centre.weigh(depositId, { grossGrams: 8000 })).toMatchObject({
    ...{ mark: 'FACTICE', journal: 'training-post-quai' },
  })
  expect(await seen()).toEqual(before)
  expect(await expectedIn(centre, live)).toEqual({ cash: 5500 })

  const next = await centre.sell(live, { cents: 1, grams: 1 })
  expect(next).toMatchObject({ journal: 'register-caisse-1', number: 2 })
  const later = await figuresWith(2)
  expect(later).toMatchObject({
    takingsCents: shown.takingsCents + 1,
    in: { grams: 0 },
    out: { grams: shown.out.grams + 1 },
  })
})

test('scenario 10: 12,4 kg gross on a trolley of 2,0 kg are 10 400 g in stock', async () => {
  const depositId = await centre.deposit()
  const line = await centre.weigh(depositId, { categoryId: things, grossGrams: 12_400, containerId: 'chariot' })
  expect(line).toMatchObject({ line: 1, grossGrams: 12_400, tareGrams: 2000, netGrams: 10_400, isConfirmed: false })
  expect(await centre.weigh(depositId, { categoryId: things, grossGrams: 12_400, tareGrams: 2000 })).toMatchObject({
    netGrams: 10_400,
  })

  expect(await stockOfThings(line.businessDate)).toMatchObject({
    ...{ openingGrams: 0, inGrams: 20_800, outGrams: 0, closingGrams: 20_800 },
  })
  expect(await centre.get(`/v1/deposits/${depositId}`)).toMatchObject({ lineCount: 2, netGrams: 20_800 })
})

test('scenario 11: "960" kg of clothes must be confirmed; a correction keeps the old value, its author and both totals', async () => {
  await centre.put('/v1/users/paul', { roles: ['reception'], name: 'Paul' })
  const depositId = await centre.deposit()
  await centre.weigh(depositId, { categoryId: things, grossGrams: 5000 })
  const heavy = { categoryId: things, grossGrams: 960_000 }
  const refused = await centre.api('POST', `/v1/deposits/${depositId}/lines`, heavy)
  expect(said(refused)).toBe('422 weight-unusual')
  expect(refused.body).toMatchObject({ field: '/confirmed', detail: expect.stringContaining('960000 g') })
  const { lineId, businessDate } = await centre.weigh(depositId, { ...heavy, confirmed: true })
  expect((await stockOfThings(businessDate)).inGrams).toBe(965_000)

  const correction = { expectedNetGrams: 960_000, after: { categoryId: things, grossGrams: 960 } }
  const path = `/v1/deposits/${depositId}/lines/${lineId}/corrections`
  const corrected = await centre.post(path, correction, { actor: 'paul' })
  expect(corrected).toMatchObject({
    actor: 'paul',
    before: { netGrams: 960_000, isConfirmed: true },
    after: { netGrams: 960, isConfirmed: false },
    ...{ sourceGramsBefore: 965_000, sourceGramsAfter: 5960, revision: 2 },
  })
  const deposit = await centre.get(`/v1/deposits/${depositId}`)
  expect(deposit).toMatchObject({ netGrams: 5960, lineCount: 2 })
  expect(deposit.corrections).toMatchObject([
    { actor: 'paul', before: { netGrams: 960_000 }, after: { netGrams: 960 }, sourceGramsBefore: 965_000 },
  ])
  expect(await stockOfThings(businessDate)).toMatchObject({ inGrams: 5960, outGrams: 0, closingGrams: 5960 })
  expect(said(await centre.api('POST', path, correction))).toBe('409 already-corrected')
})

test('scenario 12: an exit to recycling has no place for "shop"; what went out rises, what was received does not', async () => {
  const depositId = await centre.deposit()
  const { businessDate } = await centre.weigh(depositId, { categoryId: things, grossGrams: 30_000 })
  const lines = [{ categoryId: things, grossGrams: 9500, tareGrams: 500 }]
  const exit = { kind: 'recycler', partnerId: 'relais', reference: 'BSD 2026-17', lines }

  const toShop = { ...exit, lines: lines.map((line) => ({ ...line, destination: 'shop' })) }
  expect(said(await centre.api('POST', '/v1/exits', toShop))).toBe('400 body-invalid')
  expect(said(await centre.api('POST', '/v1/exits', { ...exit, partnerId: undefined }))).toBe('422 partner-required')
  expect(await centre.post('/v1/exits', exit)).toMatchObject({ totalGrams: 9000, journal: 'exits', number: 1 })

  expect(await stockOfThings(businessDate)).toMatchObject({
    ...{ inGrams: 30_000, outGrams: 9000, closingGrams: 21_000 },
    out: { recycler: 9000, sale: 0 },
  })
})

test('scenario 14: under one period opening + in − out = closing, by category, in every report', async () => {
  await startAlone()
  const sessionId = await centre.open()
  const day = await today(sessionId)
  const [yesterday, longAgo] = [dayBefore(day), dayBefore(day, 20)]
  const old = await centre.deposit({ businessDate: longAgo })
  await centre.weigh(old, { grossGrams: 40_000 })
  await centre.weigh(old, { categoryId: 'livres', grossGrams: 7000 })
  const late = await centre.open({ registerId: 'caisse-2', mode: 'deferred', businessDate: yesterday })
  await centre.sell(late, { cents: 300, grams: 1500 })
  const now = await centre.deposit()
  const { lineId } = await centre.weigh(now, { grossGrams: 6000, containerId: 'chariot' })
  await centre.weigh(now, { categoryId: 'jouets', grossGrams: 2500 })
  await centre.post(`/v1/deposits/${now}/lines/${lineId}/corrections`, {
    expectedNetGrams: 4000,
    after: { categoryId: 'textile', grossGrams: 3500 },
  })
  const sold = await centre.sell(sessionId, { grams: 800 })
  await centre.post(`/v1/sales/${sold.saleId}/refunds`, {
    sessionId,
    lines: [{ line: 1, qty: 1, cents: 200 }],
    payments: [{ methodId: 'cash', cents: 200 }],
    areGoodsBack: true,
  })
  await centre.sell(sessionId, { categoryId: 'jouets', grams: 250 })
  await centre.post('/v1/exits', { kind: 'bins', lines: [{ categoryId: 'textile', grossGrams: 1000 }] })

  const byCategory = async (from: string, to: string) =>
    Object.fromEntries(
      (await stock(from, to)).categories.map(({ categoryId, openingGrams, inGrams, outGrams, closingGrams }: Body) => [
        categoryId,
        [openingGrams, inGrams, outGrams, closingGrams],
      ]),
    )
  expect(await byCategory(day, day)).toEqual({
    livres: [5500, 0, 0, 5500],
    jouets: [0, 2500, 250, 2250],
    textile: [40_000, 3500, 1000, 42_500],
  })
  expect(await byCategory(yesterday, yesterday)).toEqual({
    livres: [7000, 0, 1500, 5500],
    textile: [40_000, 0, 0, 40_000],
  })
  for (const [from, to] of [[day, day] as const, [yesterday, day] as const, [longAgo, day] as const]) {
    const { categories, total, days } = await stock(from, to)
    for (const one of [...categories, total])
      expect(one.openingGrams + one.inGrams - one.outGrams).toBe(one.closingGrams)
    const { items } = await centre.get(`/v1/movements?from=${from}&to=${to}&limit=500`)
    const moved = items.reduce((all: number, { grams }: Body) => all + grams, 0)
    expect(moved).toBe(total.closingGrams - total.openingGrams)
    const perDay = days.reduce((all: number, { inGrams, outGrams }: Body) => all + inGrams - outGrams, 0)
    expect(perDay).toBe(moved)
    const rows = await takings('category', from, to)
    expect(rows.reduce((all, { grams }) => all + grams, 0)).toBe(total.out.sale)
  }
})

test('scenario 15: a category is renamed and merged into another: reports of the past stay as they were', async () => {
  await startAlone()
  const sessionId = await centre.open()
  const day = await today(sessionId)
  const yesterday = dayBefore(day)
  const late = await centre.open({ registerId: 'caisse-2', mode: 'deferred', businessDate: yesterday })
  const sale = await centre.sell(late, { cents: 450, grams: 700, categoryId: 'textile' })
  await centre.sell(late, { cents: 300, grams: 900 })
  const depositId = await centre.deposit({ businessDate: yesterday })
  await centre.weigh(depositId, { grossGrams: 8000 })
  const past = async () => ({
    category: await takings('category', yesterday),
    day: await takings('day', yesterday),
    stock: await stock(yesterday),
    ticket: await centre.get(`/v1/sales/${sale.saleId}`),
    deposit: await centre.get(`/v1/deposits/${depositId}`),
    csv: (await centre.api('GET', `/v1/reports/takings?by=category&from=${yesterday}&to=${yesterday}&format=csv`)).body,
  })
  const before = await past()
  expect(before.category).toMatchObject([
    { key: 'textile', name: 'textile', netCents: 450, grams: 700 },
    { key: 'livres', name: 'livres', netCents: 300, grams: 900 },
  ])

  await centre.put('/v1/categories/livres', category('Livres & BD'))
  await centre.post('/v1/categories/textile/merge', { into: 'vaisselle' })
  expect(await past()).toEqual(before)

  const refused = await centre.api('POST', `/v1/deposits/${depositId}/lines`, { categoryId: 'textile', grossGrams: 1 })
  expect(said(refused)).toBe('422 archived')
  await centre.sell(sessionId, { cents: 100, grams: 10 })
  expect(await takings('category', day)).toMatchObject([{ key: 'livres', name: 'Livres & BD', netCents: 100 }])
  // A report over both names shows the one that the last line bore, here as in the stock.
  await centre.put('/v1/categories/livres', category('Bouquins'))
  await centre.sell(sessionId, { cents: 100, grams: 10 })
  expect(await takings('category', day)).toMatchObject([{ key: 'livres', name: 'Bouquins', netCents: 200 }])
  expect((await stock(day)).categories).toMatchObject([{ categoryId: 'livres', name: 'Bouquins' }, {}])
  expect(await past()).toEqual(before)
})

test('scenario 16: an amount that is altered in SQL is found, and the ticket is named', async () => {
  await startAlone()
  const sessionId = await centre.open()
  await centre.sell(sessionId)
  const sale = await centre.sell(sessionId, { cents: 1234 })
  await centre.sell(sessionId)
  expect((await verified(kernel)).ok).toBe(true)
  const watched = async () => {
    const answer = await fetch(new URL('/v1/control/health', kernel.url))
    return [answer.status, ((await answer.json()) as { kernel: unknown }).kernel]
  }
  expect(await watched()).toEqual([200, { ok: true, reasons: ['NATS_URL is not set: facts are kept and not told'] }])
  const alter = (sql: string, ...values: (string | number)[]) =>
    inLedger(
      kernel.dataDir,
      (db) => {
        db.exec('PRAGMA busy_timeout=5000; DROP TRIGGER IF EXISTS no_update_ledger')
        db.prepare(sql).run(...values)
      },
      false,
    )

  // While the kernel sells: an amount in the record itself.
  alter("UPDATE ledger SET data = replace(data, '1234', '1034') WHERE position = ?", sale.position)
  const flaw = {
    ...{ what: 'row', position: sale.position, journal: 'register-caisse-1', seq: 2 },
    ticket: `sale ${sale.saleId} ticket n° 2 of caisse-1`,
  }
  const report = await verified(kernel)
  expect(report.ok).toBe(false)
  expect(report.flaws[0]).toMatchObject(flaw)
  const byHand = await verifyTool(kernel)
  expect(byHand.code).toBe(1)
  expect(byHand.text).toContain(`position ${sale.position} (${flaw.ticket})`)

  // The same over HTTP, and from then on everybody who asks how it is reads the alarm.
  expect((await centre.post('/v1/ledger/verify')).flaws[0]).toMatchObject(flaw)
  const { status, reasons } = await centre.get('/readyz')
  expect(status).toBe('degraded')
  expect(reasons[0]).toMatch(/the ledger was altered .*recyclique ledger verify/)
  expect(await watched()).toEqual([503, { ok: false, reasons }])

  // And stopped: the amount back, but another one in a table that follows from it.
  await kernel.stop()
  alter("UPDATE ledger SET data = replace(data, '1034', '1234') WHERE position = ?", sale.position)
  alter('UPDATE payment SET cents = 1034 WHERE position = ?', sale.position)
  const second = await verified(kernel)
  expect(second.ok).toBe(false)
  expect(second.flaws[0]).toMatchObject({
    ...{ what: 'table', table: 'payment', position: sale.position, seq: 2 },
    ticket: expect.stringContaining(sale.saleId),
  })
  alter('UPDATE payment SET cents = 1234 WHERE position = ?', sale.position)
  expect((await verified(kernel)).flaws).toEqual([])
})
