import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openRealKernel, type RealKernel, saleOf, setUp } from '../http/real-kernel.ts'
import { failing, nobody, on, silent } from './on.ts'

let kernel: RealKernel
let saleId: string
let refundId: string
let today: string

beforeAll(async () => {
  kernel = await openRealKernel()
  const { sessionId, must, sell } = await setUp(kernel)
  const sale = await sell(3)
  saleId = sale.saleId
  today = sale.businessDate
  const refund = await must(
    kernel.post(`/v1/sales/${saleId}/refunds`, {
      ...{ sessionId, lines: [{ line: 1, qty: 1, cents: 100 }], areGoodsBack: true },
      payments: [{ methodId: 'cash', cents: 100 }],
    }),
  )
  refundId = refund.refundId
})
afterEach(() => nobody(kernel, 'receipt.blocks'))
afterAll(() => kernel.close())

const EMPTY = { head: [], 'after-lines': [], foot: [] }
const receipt = (id = saleId) => kernel.get(`/v1/sales/${id}/receipt`)

test('a receipt says what was sold, paid and kept, with nobody to add to it', async () => {
  const { status, json } = await receipt()
  const kept = (await kernel.get(`/v1/sales/${saleId}`)).json
  expect(status).toBe(200)
  expect(json).toEqual({
    ...{ saleId, mode: 'live', copy: 0, marks: [], isVoided: false },
    ...{ position: kept.position, journal: 'register-caisse-1', number: kept.number, hash: kept.hash },
    ...{ recordedAt: kept.recordedAt, businessDate: today, actor: 'manager' },
    site: { id: 'centre', name: 'Ma ressourcerie', vatRegime: 'franchise' },
    register: { id: 'caisse-1', name: 'Caisse 1' },
    ...{ lines: kept.lines, totalCents: 300, donationCents: 0, payments: kept.payments, changeCents: 0 },
    ...{ blocks: EMPTY, skipped: [] },
  })
})

test('blocks of modules stand at their places; a silent module leaves its block out, and the header says so', async () => {
  const asked = await on(kernel, 'receipt.blocks', 'thanks', () => ({ place: 'foot', lines: ['Merci !'] }))
  await on(kernel, 'receipt.blocks', 'codes', () => ({
    ...{ place: 'head', lines: ['Ticket'], code: { kind: 'qr', text: 'abc' } },
  }))
  await on(kernel, 'receipt.blocks', 'sleepy', silent)
  const { status, json, headers } = await receipt()
  expect(status).toBe(200)
  expect(json.blocks).toEqual({
    head: [{ module: 'codes', lines: ['Ticket'], code: { kind: 'qr', text: 'abc' } }],
    'after-lines': [],
    foot: [{ module: 'thanks', lines: ['Merci !'] }],
  })
  expect(headers['recyclique-skipped']).toBe('sleepy (timeout)')
  expect(asked[0]).toMatchObject({ saleId, registerId: 'caisse-1', mode: 'live', totalCents: 300, copy: 0 })
  expect(Object.keys(asked[0] ?? {})).not.toContain('sessionId')
})

test('a module that fails, or that the operator needs and that is away', async () => {
  await on(kernel, 'receipt.blocks', 'broken', failing)
  expect((await receipt()).json).toMatchObject({ totalCents: 300, blocks: EMPTY, skipped: [{ module: 'broken' }] })
  kernel.hooks.book.mark('receipt.blocks', { required: ['broken'] })
  expect((await receipt()).json).toMatchObject({ status: 503, code: 'module-required', module: 'broken' })
})

test('after a copy it says DUPLICATA, and a module knows which print it is', async () => {
  await kernel.post(`/v1/sales/${saleId}/copies`)
  const asked = await on(kernel, 'receipt.blocks', 'thanks', () => null)
  expect((await receipt()).json).toMatchObject({ copy: 1, marks: ['DUPLICATA n° 1'], blocks: EMPTY })
  expect(asked[0]).toMatchObject({ copy: 1 })
})

test('a training ticket bears FACTICE, also on its copy', async () => {
  const opened = await kernel.post('/v1/cash-sessions', { registerId: 'caisse-1', floatCents: 0, mode: 'training' })
  const sold = await kernel.post('/v1/sales', saleOf(opened.json.sessionId))
  expect((await receipt(sold.json.saleId)).json).toMatchObject({ mode: 'training', marks: ['FACTICE'] })
  await kernel.post(`/v1/sales/${sold.json.saleId}/copies`)
  expect((await receipt(sold.json.saleId)).json.marks).toEqual(['FACTICE', 'DUPLICATA n° 1'])
})

test('only a sale has this receipt', async () => {
  expect((await receipt(refundId)).json).toMatchObject({ status: 422, code: 'refund-of-counter-entry' })
  expect((await receipt('00000000-0000-7000-8000-000000000000')).status).toBe(404)
})

const report = (more = '') => kernel.get(`/v1/reports/takings?from=${today}&to=${today}&by=day${more}`)

test('without modules a report is what it was, whether columns are asked for or not', async () => {
  const [json, csv] = [await report(), await report('&format=csv')]
  expect(Object.keys(json.json)).toEqual(['from', 'to', 'by', 'rows'])
  expect(csv.text).toBe(
    `\uFEFFkey,name,salesCents,refundsCents,donationsCents,netCents,tickets,qty,grams\r\n${today},${today},300,-100,0,200,1,0,0\r\n`,
  )
  expect((await report('&columns=1')).text).toBe(json.text)
  expect((await report('&format=csv&columns=1')).text).toBe(csv.text)
})

test('a column of a module stands beside the rows, and in the CSV when it is wanted', async () => {
  const plain = (await report('&format=csv')).text
  const column = { key: 'visits', title: 'Visites', unit: 'count', cells: { [today]: 12, '1999-01-01': 5 } }
  const asked = await on(kernel, 'report.columns', 'visits', () => column)
  await on(kernel, 'report.columns', 'notes', () => ({
    ...{ key: 'weather', title: 'Météo', unit: 'text', cells: { [today]: '=pluie, "forte"' } },
  }))
  const { json } = await report()
  expect(json.columns).toEqual([
    { module: 'notes', key: 'weather', title: 'Météo', unit: 'text', cells: { [today]: '=pluie, "forte"' } },
    { module: 'visits', ...column, cells: { [today]: 12 } },
  ])
  expect(asked).toEqual([{ from: today, to: today, by: 'day', keys: [today] }])
  expect((await report('&format=csv')).text).toBe(plain)
  expect(asked).toHaveLength(1)
  const [head, row] = (await report('&format=csv&columns=1')).text.split('\r\n')
  expect(head).toMatch(/,qty,grams,notes\.weather \(text\),visits\.visits \(count\)$/)
  expect(row).toMatch(/,0,0,"'=pluie, ""forte""",12$/)
})

test('a module that fails leaves its column out', async () => {
  await on(kernel, 'report.columns', 'broken', failing)
  const { status, json, headers } = await report()
  expect(status).toBe(200)
  expect(json).toMatchObject({ rows: [{ netCents: 200 }], columns: [] })
  expect(headers['recyclique-skipped']).toBe('broken (thrown)')
  expect((await report('&columns=2')).status).toBe(400)
})
