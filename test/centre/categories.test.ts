import type { Category } from '@recyclique/contracts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { mergeCategory } from '../../kernel/centre/merge-category.ts'
import { findRecord } from '../../kernel/centre/records.ts'
import { category, refusal } from '../matter/reception.ts'
import { openTill, type Till, thing } from '../sales/till.ts'

let t: Till
beforeEach(async () => {
  t = await openTill()
})
afterEach(() => t.done())

const put = (id: string, more: Partial<Category> = {}) => t.record('category', category({ id, ...more }))
const below = (parentId: string, ...ids: string[]) => Promise.all(ids.map((id) => put(id, { parentId })))
const merge = (categoryId: string, intoId: string) => t.act(mergeCategory, { categoryId, intoId })
const find = (id: string) => findRecord(t.store.read, 'category', id)

test('categories are a tree of three levels, and a fourth is refused', async () => {
  await put('a')
  await below('a', 'b')
  await below('b', 'c')
  expect(await refusal(below('c', 'd'))).toMatchObject({ code: 'category-too-deep', field: '/parentId' })
})

test('a branch is moved with all that stands below it: a place that is too deep for the leaves is refused', async () => {
  await put('a')
  await below('a', 'b')
  await put('x')
  await below('x', 'y')
  expect(await refusal(below('b', 'x'))).toMatchObject({ code: 'category-too-deep' })
  await below('a', 'x')
  expect(await find('y')).toMatchObject({ parentId: 'x' })
})

test('a category cannot stand below itself, however far below', async () => {
  await put('a')
  await below('a', 'b')
  await below('b', 'c')
  for (const parentId of ['a', 'b', 'c'])
    expect(await refusal(put('a', { parentId }))).toMatchObject({ code: 'category-cycle', field: '/parentId' })
})

test('two moves in one turn that would close a circle together: the second is refused', async () => {
  await Promise.all([put('a'), put('b')])
  const both = await Promise.allSettled([put('a', { parentId: 'b' }), put('b', { parentId: 'a' })])
  expect(both).toMatchObject([{ status: 'fulfilled' }, { status: 'rejected', reason: { code: 'category-cycle' } }])
})

test('a category stands below one that exists, and a new one never below itself', async () => {
  for (const parentId of ['nuages', 'a'])
    expect(await refusal(put('a', { parentId }))).toMatchObject({ code: 'unknown-reference', field: '/parentId' })
})

test('a category in use does not stand below one that is archived; an archived one may', async () => {
  await put('a', { archived: true })
  expect(await refusal(put('b', { parentId: 'a' }))).toMatchObject({ code: 'archived', field: '/parentId' })
  expect((await put('b', { parentId: 'a', archived: true })).facts).toHaveLength(1)
})

test('a category can leave its place in the tree', async () => {
  await put('a')
  await below('a', 'b')
  await put('b')
  expect(await find('b')).not.toHaveProperty('parentId')
})

test('a merged category is out of use and says what took its place', async () => {
  const [fact] = (await merge('livres', 'textile')).facts
  expect(fact).toMatchObject({ name: 'category.merged', journal: 'master', data: { intoId: 'textile' } })
  expect(await find('livres')).toMatchObject({ archived: true, mergedInto: 'textile' })
  expect(await refusal(t.sell({ lines: [thing(100)] }))).toMatchObject({ code: 'archived' })
})

test('a merge leaves the lines of the past with their own category', async () => {
  const sale = await t.sell({ lines: [thing(100)] })
  await merge('livres', 'textile')
  expect(
    await t.store.read.all('SELECT category_id FROM movement WHERE source_id = ?', sale.data.saleId),
  ).toMatchObject([{ category_id: 'livres' }])
})

test('a merged category is not merged again, neither out nor in', async () => {
  await merge('livres', 'textile')
  expect(await refusal(merge('livres', 'vaisselle'))).toMatchObject({ code: 'archived', field: '/categoryId' })
  expect(await refusal(merge('textile', 'livres'))).toMatchObject({ code: 'archived', field: '/into' })
})

test('a merge goes from one category that exists into another one', async () => {
  expect(await refusal(merge('livres', 'livres'))).toMatchObject({ code: 'merge-invalid', field: '/into' })
  expect(await refusal(merge('nuages', 'livres'))).toMatchObject({ code: 'unknown-reference', field: '/categoryId' })
  expect(await refusal(merge('livres', 'nuages'))).toMatchObject({ code: 'unknown-reference', field: '/into' })
})

test('a category with others below it is merged once they are moved or archived', async () => {
  await below('livres', 'bd')
  expect(await refusal(merge('livres', 'textile'))).toMatchObject({ code: 'merge-invalid', field: '/into' })
  await put('bd', { parentId: 'livres', archived: true })
  expect((await merge('livres', 'textile')).facts).toHaveLength(1)
})

test('two merges into each other in one turn: the second is refused, and one category stays in use', async () => {
  const both = await Promise.allSettled([merge('livres', 'textile'), merge('textile', 'livres')])
  expect(both).toMatchObject([{ status: 'fulfilled' }, { status: 'rejected', reason: { code: 'archived' } }])
})
