import { afterEach, beforeEach, expect, test } from 'vitest'
import { cursorOf, type Movement, movements } from '../../kernel/matter/movements.ts'
import { line, openReception, type Reception, refusal, saleOf, TODAY } from './reception.ts'

let r: Reception
beforeEach(async () => {
  r = await openReception()
})
afterEach(() => r.done())

const grams = (page: Movement[]) => page.map((one) => one.grams)

test('movements are listed by day, then as they were kept, each with its sign, place and source', async () => {
  const today = await r.receive('textile', 5_000)
  await r.exit({ kind: 'bins', lines: [line('textile', 1_000), line('livres', 2_000)], businessDate: '2026-03-02' })
  const all = await movements(r.store.read, {}, 10)
  expect(grams(all)).toEqual([-1_000, -2_000, 5_000])
  expect(all[2]).toMatchObject({
    flow: 'deposit',
    categoryId: 'textile',
    businessDate: TODAY,
    place: 'quai',
    sourceId: today.data.depositId,
    line: 1,
  })
  expect(all[0]).toMatchObject({ flow: 'bins', place: 'exits', businessDate: '2026-03-02' })
})

test('pages follow each other without a gap or a doublet, within one fact too', async () => {
  await r.exit({ kind: 'bins', lines: [1, 2, 3, 4, 5].map((one) => line('textile', one)) })
  await r.receive('textile', 6)
  const seen: number[] = []
  let after: string | undefined
  for (let page = await movements(r.store.read, {}, 2); page.length > 0; ) {
    seen.push(...grams(page))
    after = cursorOf(page.at(-1) as Movement)
    page = await movements(r.store.read, { after }, 2)
  }
  expect(seen).toEqual([-1, -2, -3, -4, -5, 6])
})

test('movements are filtered by day, category and flow', async () => {
  await r.receive('textile', 1, '2026-03-01')
  await r.receive('livres', 2, '2026-03-02')
  await r.receive('textile', 3, '2026-03-03')
  await r.tell(saleOf(r.newId(), 'textile', 4, '2026-03-03'))
  const list = async (filter: object) => grams(await movements(r.store.read, filter, 10))
  expect(await list({ from: '2026-03-02' })).toEqual([2, 3, -4])
  expect(await list({ to: '2026-03-02' })).toEqual([1, 2])
  expect(await list({ categoryId: 'textile', from: '2026-03-01', to: '2026-03-31' })).toEqual([1, 3, -4])
  expect(await list({ categoryId: 'textile', flow: 'sale' })).toEqual([-4])
})

test('a cursor that no page gave is refused', async () => {
  const list = async () => movements(r.store.read, { after: '12' }, 10)
  expect(await refusal(list())).toMatchObject({ code: 'request-invalid', field: '/after' })
})
