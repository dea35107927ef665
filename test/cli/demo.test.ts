import { Category, parse, RecordSaleBody, WeighBody } from '@recyclique/contracts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { apiAt, Refused } from '../../cli/api.ts'
import { categories, leaves } from '../../cli/demo/centre.ts'
import { chanceOf } from '../../cli/demo/chance.ts'
import { loadDemo } from '../../cli/demo/load-demo.ts'
import { makeDeposits } from '../../cli/demo/make-deposits.ts'
import { makeLabels } from '../../cli/demo/make-labels.ts'
import { makeSales } from '../../cli/demo/make-sales.ts'
import { pastDays } from '../../cli/demo/past-days.ts'
import { makeUps, type Ups } from './support/up.ts'

const days = pastDays('2026-05-04', 60)
const sessionId = '01a1fcfd-07e0-74cb-91b0-cedf2535afec'

test('there are 14 roots, and some sixty leaves that fit a button', () => {
  expect(categories.filter(({ parentId }) => parentId === undefined)).toHaveLength(14)
  expect(leaves.length).toBeGreaterThanOrEqual(60)
  for (const category of categories) parse(Category, category, category.id)
  expect(new Set(categories.map(({ id }) => id)).size).toBe(categories.length)
})

test('the same day is made the same each time, and every body fits the contract', () => {
  for (const day of days) {
    const sales = makeSales(chanceOf(day), 20)
    expect(makeSales(chanceOf(day), 20)).toEqual(sales)
    for (const sale of sales) parse(RecordSaleBody, { sessionId, ...sale }, 'a sale')
    for (const { lines } of makeDeposits(chanceOf(day), 4)) for (const line of lines) parse(WeighBody, line, 'a line')
  }
})

test('baskets are as a counter has them: about 7 € in the middle, nearly all in cash', () => {
  const sales = days.flatMap((day) => makeSales(chanceOf(day), 20))
  const totals = sales.map(({ totalCents }) => totalCents).sort((a, b) => a - b)
  const inCash = sales.filter(({ payments }) => payments[0]?.methodId === 'cash').length / sales.length

  expect(totals[totals.length >> 1]).toBeGreaterThanOrEqual(500)
  expect(totals[totals.length >> 1]).toBeLessThanOrEqual(1000)
  expect(inCash).toBeGreaterThan(0.8)
  expect(sales.some(({ donationCents }) => donationCents)).toBe(true)
})

test('the past has no Sundays, and ends yesterday', () => {
  expect(pastDays('2026-05-05', 3)).toEqual(['2026-05-01', '2026-05-02', '2026-05-04'])
})

test('labels are made where barcodes is at work and has heard of the books; what somebody set stays', async () => {
  const asked: string[] = []
  let tries = 0
  const answers: Record<string, unknown> = {
    'GET /v1/modules': { items: [{ name: 'barcodes', state: 'active' }] },
    'GET /v1/modules/barcodes/config': { items: [{ key: 'families', value: [] }] },
  }
  const answer = async (asking: string): Promise<never> => {
    asked.push(asking)
    if (asking === 'POST /m/barcodes/batches' && ++tries < 3) throw new Refused('not yet', 422, 'category-unknown')
    return (answers[asking] ?? { number: 1 }) as never
  }
  const verb = (method: string) => (path: string) => answer(`${method} ${path}`)
  const api = { get: verb('GET'), post: verb('POST'), put: verb('PUT'), patch: verb('PATCH'), delete: verb('DELETE') }
  expect(await makeLabels(api)).toBe('/m/barcodes/batches/1')
  expect(tries).toBe(3)
  expect(asked).toContain('PATCH /v1/modules/barcodes/config')

  asked.length = 0
  answers['GET /v1/modules/barcodes/config'] = { items: [{ key: 'families', value: [{ startsWith: '4' }] }] }
  await makeLabels(api)
  expect(asked).not.toContain('PATCH /v1/modules/barcodes/config')
  answers['GET /v1/modules'] = { items: [{ name: 'barcodes', state: 'waiting' }] }
  expect(await makeLabels(api)).toBeUndefined()
})

describe('a real centre', { timeout: 120_000 }, () => {
  let ups: Ups
  let url: string
  beforeAll(async () => {
    ups = await makeUps()
    const up = ups.up('--demo', '--modules', 'none')
    url = await up.url()
    await up.line(/the demo centre is there/, 90_000)
  }, 120_000)
  afterAll(() => ups.clean())

  const position = async () => (await apiAt(url).get<{ ledger: { position: number } }>('/readyz')).ledger.position

  test('is filled once: loaded again, it stays as it is', async () => {
    const before = await position()
    await loadDemo(url, () => {})
    expect(await position()).toBe(before)
  })

  test('has an open till, closed days that add up, and no category below zero', async () => {
    const api = apiAt(url)
    const { items: sessions } = await api.get<{ items: { status: string; mode: string }[] }>('/v1/cash-sessions')
    expect(sessions.filter(({ status }) => status === 'open')).toEqual([expect.objectContaining({ mode: 'live' })])
    expect(sessions.filter(({ mode, status }) => mode === 'deferred' && status === 'closed')).toHaveLength(5)

    const stock = await api.get<{ categories: { closingGrams: number; name: string }[] }>(
      '/v1/stock?from=2020-01-01&to=2090-01-01',
    )
    expect(stock.categories.filter(({ closingGrams }) => closingGrams < 0)).toEqual([])
  })

  test('that has something of its own is not mixed with the demo', async () => {
    await apiAt(url).put('/v1/registers/notre-caisse', { body: { name: 'Notre caisse' } })
    await expect(loadDemo(url, () => {})).rejects.toThrow(/not empty \(it has 'notre-caisse'\).*--data FOLDER/)
  })
})
