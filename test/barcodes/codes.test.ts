import { CategoryMerged, CodeResolve, SaleRecorded, SaleRefunded } from '@recyclique/contracts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkDigit, isChecked } from '../../modules/barcodes/codes/check-digit.ts'
import { flawsOfLayout, readInside } from '../../modules/barcodes/codes/layout.ts'
import { priceCheckDigit } from '../../modules/barcodes/codes/price-check-digit.ts'
import { readCode } from '../../modules/barcodes/codes/read-code.ts'
import { eanOf, numberIn, textOf } from '../../modules/barcodes/labels/number.ts'
import { category, openRoom } from './room.ts'

const ask = (room: Awaited<ReturnType<typeof openRoom>>['room'], code: string) =>
  room.ask(CodeResolve, { registerId: 'caisse-1', code })

const MAKERS = {
  families: [
    { startsWith: '978', categoryId: 'livres', label: 'Livre' },
    { startsWith: '3017620422003', categoryId: 'vaisselle', label: 'Verre à moutarde', unitCents: 50 },
    { startsWith: '036000291452', categoryId: 'vaisselle', unitCents: 120 },
  ],
}

test('check digits are those of GS1’s own examples', () => {
  expect(checkDigit('629104150021')).toBe('3')
  expect(checkDigit('03600029145')).toBe('2')
  expect(checkDigit('7351353')).toBe('7')
  expect(isChecked('3017620422003')).toBe(true)
  expect(priceCheckDigit('2875')).toBe('9')
  expect(priceCheckDigit('14685')).toBe('6')
})

test('a wrong digit, and nearly every pair that is swapped, is seen', () => {
  const digits = fc.stringMatching(/^\d{12}$/)
  fc.assert(
    fc.property(digits, fc.nat(12), fc.integer({ min: 1, max: 9 }), (start, place, by) => {
      const code = start + checkDigit(start)
      const wrong = [...code].map((digit, nth) => (nth === place ? (Number(digit) + by) % 10 : digit)).join('')
      expect(readCode(code).is).not.toBe('wrong')
      expect(readCode(wrong).is).toBe('wrong')
    }),
  )
})

test('an ISBN is a book, a UPC-A is the EAN-13 that it is, and the longest rule fits first', async () => {
  const { room } = await openRoom(MAKERS)
  expect(await ask(room, '9782070612758')).toEqual({ categoryId: 'livres', label: 'Livre', qty: 1 })
  expect(await ask(room, ']E09782070612758')).toMatchObject({ categoryId: 'livres' })
  expect(await ask(room, '3017620422003')).toMatchObject({ categoryId: 'vaisselle', unitCents: 50 })
  expect(await ask(room, '036000291452')).toEqual({ categoryId: 'vaisselle', qty: 1, unitCents: 120 })
  expect(await ask(room, '0036000291452')).toEqual({ categoryId: 'vaisselle', qty: 1, unitCents: 120 })
})

test('a damaged code is explained: the digit that it should end in, or the slip of hand where one thing alone was meant', async () => {
  const { room } = await openRoom(MAKERS)
  const words = async (code: string) => (await ask(room, code)) as { trouble: string; words: string }
  expect(await words('9782070612759')).toEqual({
    trouble: 'damaged',
    words:
      'Le code 9782070612759 est mal lu ou mal tapé : avec ces chiffres le dernier devrait être 8, pas 9. Scanner à nouveau, ou comparer chaque chiffre à l’étiquette.',
  })
  expect((await words('3071620422003')).words).toBe(
    'Le code 3071620422003 est mal lu ou mal tapé. Sans doute 3017620422003 (Verre à moutarde, 0,50\u00a0€) : le 3e et le 4e chiffre sont échangés.',
  )
  expect((await words('3017620482003')).words).toMatch(/le 9e chiffre serait un 2 et non un 8/)
  expect((await words('30176204220')).words).toMatch(/n’est pas entier : il a 11 chiffres/)
})

test('what is right and means nothing here is unknown, what has no known form is nobody’s', async () => {
  const { room } = await openRoom()
  expect(await ask(room, '4006381333931')).toMatchObject({
    trouble: 'unknown',
    words: expect.stringMatching(/pas connu/),
  })
  expect(await ask(room, '2112345000008')).toMatchObject({ words: expect.stringMatching(/autre magasin/) })
  expect(await ask(room, '73513537')).toMatchObject({ trouble: 'unknown' })
  for (const foreign of ['https://example.org/a', 'CLIENT-42', '1234', '123456789012345678'])
    expect(await ask(room, foreign), foreign).toBeNull()
})

const SCALE = {
  layouts: [
    { layout: '21IIIIIPPPPPC', items: [{ item: '00042', categoryId: 'livres', label: 'Au prix marqué' }] },
    { layout: '22IIIIVPPPPPC', items: [{ item: '0007', categoryId: 'livres' }] },
    { layout: '23IIIIIWWWWWC', items: [{ item: '00001', categoryId: 'vaisselle', centsPerKilo: 150 }] },
  ],
}
const whole = (start: string) => start + checkDigit(start)

test('price and weight inside of a code become a line; its inner check digit is looked at', async () => {
  const { room } = await openRoom(SCALE)
  expect(await ask(room, whole('210004200250'))).toEqual({
    ...{ categoryId: 'livres', qty: 1, label: 'Au prix marqué', unitCents: 250 },
  })
  expect(await ask(room, whole('230000101234'))).toEqual({
    categoryId: 'vaisselle',
    qty: 1,
    grams: 1234,
    unitCents: 185,
  })
  expect(await ask(room, whole('220007614685'))).toMatchObject({ categoryId: 'livres', unitCents: 14685 })
  expect(await ask(room, whole('220007514685'))).toMatchObject({
    trouble: 'damaged',
    words: expect.stringMatching(/chiffre de contrôle devrait être 6, pas 5/),
  })
  expect(await ask(room, whole('210009900250'))).toMatchObject({
    trouble: 'unknown',
    words: expect.stringMatching(/article 00099/),
  })
})

test('a layout that cannot be read is refused in words, and what was set before stays', async () => {
  expect(flawsOfLayout('21IIIIIPPPPPC')).toEqual([])
  for (const wrong of ['29IIIIIPPPPPC', '21IIIIIPPPPC', '21PPPPPIIIIIC', '21IIVPPPPPPPC', '31IIIIIPPPPPC', ''])
    expect(flawsOfLayout(wrong).length, wrong).toBeGreaterThan(0)
  expect(readInside('21IIIIIPPPPPC', '2200042002503')).toBeUndefined()
  const { room, config } = await openRoom(SCALE)
  const layouts = [{ layout: '21IIIIIPPPPPC', items: [{ item: '42', categoryId: 'livres' }] }]
  expect(await config.take({ values: { layouts }, origins: {} })).toMatchObject({
    ok: false,
    words: expect.stringMatching(/autant de chiffres/),
  })
  expect(await ask(room, whole('210004200250'))).toMatchObject({ categoryId: 'livres' })
})

test('a label’s number is the same in all its forms, and no two labels share a form', () => {
  const number = fc.record({ batch: fc.integer({ min: 1, max: 9_999_999 }), nth: fc.nat(999) })
  fc.assert(
    fc.property(number, (one) => {
      expect(numberIn(textOf(one))).toEqual(one)
      expect(numberIn(eanOf(one))).toEqual(one)
    }),
  )
  expect(() => textOf({ batch: 10_000_000, nth: 0 })).toThrow(RangeError)
  expect(() => textOf({ batch: 1, nth: 1000 })).toThrow(RangeError)
})

test('a merged category leads to the one that took its place; one out of use is said', async () => {
  const { room } = await openRoom(MAKERS)
  await room.hear(CategoryMerged, { merged: category('livres', 'Livres', { archived: true }), intoId: 'vaisselle' })
  expect(await ask(room, '9782070612758')).toMatchObject({ categoryId: 'vaisselle' })
  const { CategoryChanged } = await import('@recyclique/contracts')
  await room.hear(CategoryChanged, category('vaisselle', 'Vaisselle', { archived: true }))
  expect(await ask(room, '9782070612758')).toMatchObject({ notice: expect.stringMatching(/n’est plus en usage/) })
})

const sale = (labelId: string) => ({
  ...{
    saleId: '00000000-0000-7000-8000-000000000001',
    registerId: 'caisse-1',
    sessionId: '00000000-0000-7000-8000-0000000000aa',
  },
  lines: [{ line: 1, categoryId: 'livres', categoryName: 'Livres', qty: 1, unitCents: 200, lineCents: 200, labelId }],
  ...{ totalCents: 200, donationCents: 0, payments: [], isGloballyPriced: false, hasNote: false },
})

test('the label of a thing that was sold says when and on which ticket, until the thing comes back', async () => {
  const { room } = await openRoom()
  const made = await room.request('POST', '/batches', {
    json: { kind: 'object', categoryId: 'livres', count: 2, cents: 200 },
  })
  const [first, second] = made.json().labels as string[]
  const line = { categoryId: 'livres', label: 'Livres', qty: 1, unitCents: 200 }
  expect(await ask(room, first ?? '')).toEqual({ ...line, labelId: first?.toLowerCase() })
  await room.hear(SaleRecorded, sale(first?.toLowerCase() ?? ''), { businessDate: '2026-03-12' })
  expect(await ask(room, first ?? '')).toEqual({
    ...{ ...line, labelId: first?.toLowerCase() },
    notice:
      'Cette étiquette a déjà été vendue le 12 mars 2026 (ticket 1, caisse-1). Vérifier qu’elle est bien sur cet objet.',
  })
  expect(await ask(room, second ?? '')).not.toHaveProperty('notice')
  const { saleId, registerId, sessionId } = sale('')
  const back = [{ line: 1, categoryId: 'livres', categoryName: 'Livres', qty: 1, cents: 200, grams: 0 }]
  const refund = {
    refundId: saleId,
    saleId,
    registerId,
    sessionId,
    lines: back,
    totalCents: 200,
    payments: [],
    hasNote: false,
  }
  await room.hear(SaleRefunded, { ...refund, areGoodsBack: false })
  expect(await ask(room, first ?? '')).toHaveProperty('notice')
  await room.hear(SaleRefunded, { ...refund, areGoodsBack: true })
  expect(await ask(room, first ?? '')).not.toHaveProperty('notice')
})
