import { setImmediate as aTurn } from 'node:timers/promises'
import { CodeResolve } from '@recyclique/contracts'
import { expect, test } from 'vitest'
import { LabelsMade } from '../../modules/barcodes/labels/batch.ts'
import { keepBatch } from '../../modules/barcodes/store.ts'
import { form, openRoom } from './room.ts'

const ORDER = { kind: 'object', categoryId: 'livres', count: 3, cents: 250 }
type Room = Awaited<ReturnType<typeof openRoom>>['room']
const ask = (room: Room, code: string) => room.ask(CodeResolve, { registerId: 'caisse-1', code })

test('each single thing has a number of its own; of a category or a lot all labels are alike', async () => {
  const { room } = await openRoom()
  const objects = await room.request('POST', '/batches', { json: ORDER })
  expect(objects.status).toBe(201)
  expect(objects.json()).toMatchObject({ number: 1, labels: ['R00000010009', 'R00000010016', 'R00000010023'] })
  const lot = await room.request('POST', '/batches', { json: { ...ORDER, kind: 'lot', pieces: 6 } })
  expect(new Set(lot.json().labels).size).toBe(1)
  expect(await ask(room, lot.json().labels[0])).toEqual({
    categoryId: 'livres',
    qty: 6,
    lotCents: 250,
    label: 'Lot de 6 · Livres',
  })
  const free = await room.request('POST', '/batches', { json: { kind: 'category', categoryId: 'livres', count: 9 } })
  expect(await ask(room, free.json().labels[8])).toEqual({ categoryId: 'livres', qty: 1, label: 'Livres' })
  expect(room.told.map(({ name }) => name)).toEqual(Array(3).fill(LabelsMade.name))
  expect(await ask(room, 'R00000010030')).toMatchObject({
    trouble: 'unknown',
    words: expect.stringMatching(/jamais été imprimée/),
  })
})

test('a form that is sent twice makes its labels once, and leads to the same page', async () => {
  const { room } = await openRoom()
  const fields = {
    category: 'livres',
    count: '3',
    price: '2,50',
    kind: 'object',
    format: 'l7651',
    symbol: 'qr',
    start: '5',
    key: 'k1',
  }
  const first = await room.request('POST', '/batches', form(fields))
  expect(first).toMatchObject({
    status: 303,
    headers: { location: '/m/barcodes/batches/1?format=l7651&symbol=qr&start=5' },
  })
  expect((await room.request('POST', '/batches', form(fields))).headers.location).toBe(first.headers.location)
  expect((await room.request('POST', '/batches', form({ ...fields, count: '4' }))).json()).toMatchObject({
    status: 409,
    code: 'key-reused',
  })
  expect(room.told).toHaveLength(1)
})

test('what was typed wrongly is said in words, and makes no label', async () => {
  const { room } = await openRoom()
  const good = { category: 'livres', count: '3', price: '2,50', kind: 'category' }
  const said = async (wrong: Record<string, string>) =>
    (await room.request('POST', '/batches', form({ ...good, ...wrong }))).json()
  expect(await said({ price: 'deux' })).toMatchObject({
    status: 400,
    detail: '« deux » n’est pas un prix : écrire par exemple 2,50.',
  })
  expect(await said({ count: '1001' })).toMatchObject({ detail: 'On imprime de 1 à 1000 étiquettes à la fois.' })
  expect(await said({ count: 'x' })).toMatchObject({ detail: expect.stringMatching(/nombre entier/) })
  expect(await said({ category: '' })).toMatchObject({ detail: 'Choisir une catégorie dans la liste.' })
  expect(await said({ category: 'nulle-part' })).toMatchObject({ status: 422, code: 'category-unknown' })
  expect(await said({ kind: 'lot' })).toMatchObject({ detail: expect.stringMatching(/Objets dans le lot/) })
  const foreign = { ...form(good), headers: { ...form(good).headers, 'sec-fetch-site': 'cross-site' } }
  expect((await room.request('POST', '/batches', foreign)).status).toBe(403)
  expect(
    (await room.request('POST', '/batches', { body: '{', headers: { 'content-type': 'application/json' } })).status,
  ).toBe(400)
  expect(room.told).toEqual([])
})

test('prices are read as people write them', async () => {
  const { room } = await openRoom()
  for (const [price, cents] of [
    ['2', 200],
    ['2,5', 250],
    ['2.05 €', 205],
    ['1 234,50', 123450],
    ['0', 0],
    ['', undefined],
  ] as const) {
    const { headers } = await room.request('POST', '/batches', form({ category: 'livres', count: '1', price }))
    expect(room.told.at(-1)?.data, `${price} ${headers.location}`).toMatchObject({
      categoryId: 'livres',
      ...(cents === undefined ? {} : { cents }),
    })
    if (cents === undefined) expect(room.told.at(-1)?.data).not.toHaveProperty('cents')
  }
})

test('a number that stands on other labels already is passed over', async () => {
  const { room, store } = await openRoom()
  keepBatch(
    store.db,
    { number: 1, position: 77 },
    { kind: 'category', categoryId: 'vaisselle', categoryName: 'Vaisselle', count: 1 },
  )
  const made = await room.request('POST', '/batches', { json: ORDER, headers: { 'idempotency-key': 'k' } })
  expect(made.json().number).toBe(2)
  expect(await ask(room, 'R00000010009')).toMatchObject({ categoryId: 'vaisselle' })
  const again = await room.request('POST', '/batches', { json: ORDER, headers: { 'idempotency-key': 'k' } })
  expect(again.json().number).toBe(2)
})

test('a process that died before it noted its labels learns of them from the fact', async () => {
  const { room } = await openRoom()
  expect(await ask(room, 'R00000010009')).toMatchObject({ trouble: 'unknown' })
  await room.hear(LabelsMade, { kind: 'object', categoryId: 'livres', categoryName: 'Livres', count: 2 })
  expect(await ask(room, 'R00000010009')).toMatchObject({ categoryId: 'livres', labelId: 'r00000010009' })
})

test('pages, pictures and sheets are there for what was made, and 404 for the rest', async () => {
  const { room } = await openRoom({ heading: 'Ressourcerie & Cie' })
  await room.request('POST', '/batches', { json: ORDER })
  expect((await room.request('GET', '/?code=R00000010009')).text).toContain('Livres, 2,50\u00a0€')
  expect((await room.request('GET', '/batches/1?format=3475')).text).toContain('<svg')
  const sheet = await room.request('GET', '/batches/1/sheet.pdf?format=thermal&symbol=qr')
  expect(sheet.headers['content-type']).toBe('application/pdf')
  expect(sheet.text.slice(0, 5)).toBe('%PDF-')
  expect((await room.request('GET', '/labels/R00000010016.png')).headers['content-type']).toBe('image/png')
  expect((await room.request('GET', '/symbols/3017620422003.svg')).text).toContain('<svg')
  for (const path of [
    '/batches/2',
    '/batches/2/sheet.pdf',
    '/labels/R00000010030.png',
    '/labels/R00000010009.gif',
    '/labels/x',
  ])
    expect((await room.request('GET', path)).status, path).toBe(404)
  expect((await room.request('GET', '/symbols/3017620422004.svg')).json()).toMatchObject({
    status: 422,
    detail: expect.stringMatching(/devrait être 3/),
  })
  expect((await room.request('GET', '/batches/1/sheet.pdf?format=a4')).json()).toMatchObject({
    status: 400,
    detail: expect.stringMatching(/l7160, 3475/),
  })
  expect((await room.request('GET', '/batches/1/sheet.pdf?start=22')).json()).toMatchObject({
    detail: expect.stringMatching(/de 1 à 21/),
  })
})

test('while a large sheet is in work the till is answered again and again', async () => {
  const { room } = await openRoom()
  const made = await room.request('POST', '/batches', { json: { ...ORDER, count: 300 } })
  const [label] = made.json().labels as string[]
  let isDrawn = false
  const sheet = room.request('GET', '/batches/1/sheet.pdf').finally(() => {
    isDrawn = true
  })
  let answered = 0
  for (; !isDrawn; answered += 1) {
    expect(await ask(room, label ?? '')).toMatchObject({ unitCents: 250 })
    await aTurn()
  }
  expect((await sheet).status).toBe(200)
  // Once in some milliseconds: drawn in one go it would be once or twice.
  expect(answered).toBeGreaterThan(10)
})
