import {
  Cents,
  Day,
  Grams,
  Instant,
  Line,
  LongSlug,
  Misfit,
  Name,
  parse,
  Quantity,
  SignedCents,
  SignedGrams,
  Slug,
  Tag,
  Text,
  Uuid,
} from '@recyclique/contracts'
import type { TSchema } from '@sinclair/typebox'
import fc from 'fast-check'
import { expect, test } from 'vitest'

const fits = (schema: TSchema, value: unknown) => {
  try {
    parse(schema, value)
    return true
  } catch (error) {
    if (error instanceof Misfit) return false
    throw error
  }
}

const table = (name: string, schema: TSchema, right: readonly unknown[], wrong: readonly unknown[]) => {
  test.each(right)(`${name}: %j is right`, (value) => expect(fits(schema, value)).toBe(true))
  test.each(wrong)(`${name}: %j is refused`, (value) => expect(fits(schema, value)).toBe(false))
}

const ends = ['', '-', '-a', 'a-', 'A', 'é', 'a b', 'a.b', 'a_b', 'a\n', '\na', null, 1]
table('Slug', Slug, ['a', '7', 'caisse-1', 'a--b', 'z'.repeat(14)], [...ends, 'z'.repeat(15)])
table('LongSlug', LongSlug, ['a', 'gem-hors-froid', 'z'.repeat(48)], [...ends, 'z'.repeat(49)])
table('Tag', Tag, ['a', 'braderie-2026', 'z'.repeat(24)], ['', '-a', 'Léa', 'a b', 'z'.repeat(25)])
table(
  'Day',
  Day,
  ['2026-03-10', '2024-02-29', '2000-01-01', '2099-12-31'],
  [
    '2026-3-10',
    '2026-13-01',
    '2026-00-10',
    '2026-01-32',
    '2026-01-00',
    '1999-12-31',
    '26-01-01',
    '2026-03-10T00:00',
    '',
  ],
)
table(
  'Instant',
  Instant,
  ['2026-03-10T10:00:00.000Z'],
  ['2026-03-10T10:00:00Z', '2026-03-10T10:00:00.000+01:00', '2026-03-10 10:00:00.000Z', '2026-03-10', ''],
)
table(
  'Uuid',
  Uuid,
  ['00000000-0000-7000-8000-000000000001', 'ffffffff-ffff-ffff-ffff-ffffffffffff'],
  [
    '00000000-0000-7000-8000-00000000000',
    'FFFFFFFF-0000-7000-8000-000000000001',
    '00000000000070008000000000000001',
    '',
  ],
)
table(
  'Name',
  Name,
  ['a', "Livres & Médias — l'été", '👩‍👩‍👧', 'x'.repeat(80)],
  ['', 'x'.repeat(81), 'a\u0000b', 'a\u001bb', 'a\u007fb', '\ud83d', 'two\nlines', 'a\tb'],
)
table(
  'Text',
  Text(10),
  ['', 'two\nlines', 'a\tb', '👩'],
  ['x'.repeat(11), 'a\rb', 'a\u000bb', '\udc69', '\udc69\ud83d'],
)
table('Line', Line(10), ['', 'one line'], ['two\nlines', 'a\tb', 'a\u0007b'])
table('Cents', Cents, [0, 1, 1_000_000_000], [-1, 0.1, 1_000_000_001, '1', '50,50'])
table('SignedCents', SignedCents, [-1_000_000_000, 0, 1_000_000_000], [-1_000_000_001, 0.5])
table('Grams', Grams, [0, 1_000_000_000], [-1, 12.4, '12,4', 1_000_000_001])
table('SignedGrams', SignedGrams, [-1_000_000_000, 1_000_000_000], [0.5, '1'])
table('Quantity', Quantity, [1, 100_000], [0, -1, 1.5, 100_001])

test('any clean text is right, and any text with a control character or half a pair is not', () => {
  const long = Text(1_000)
  const Point = fc.oneof(
    fc.constantFrom(0x09, 0x0a, 0x7e, 0x80, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff),
    fc.integer({ min: 0x20, max: 0x7e }),
    fc.integer({ min: 0xe000, max: 0x10ffff }),
  )
  const Clean = fc.array(Point, { maxLength: 60 }).map((points) => String.fromCodePoint(...points))
  const Dirty = fc.constantFrom('\0', '\x08', '\x0b', '\r', '\x1b', '\x7f', '\ud800', '\udfff')
  fc.assert(
    fc.property(Clean, Clean, Dirty, (before, after, dirt) => {
      expect(fits(long, before + after)).toBe(true)
      expect(fits(long, before + dirt + after)).toBe(false)
    }),
    { numRuns: 300 },
  )
})

test('a pattern says the same to a checker that reads whole code points (ajv, which stands at the HTTP gate)', () => {
  const patterns = [Slug, LongSlug, Tag, Day, Instant, Uuid, Name, Text(80)].map(({ pattern }) => pattern ?? '')
  const samples = ['caisse-1', 'été', '👩‍👩‍👧 🚲', '\ud83d', 'x\udc69', 'a\0b', 'two\nlines', '2026-03-10', '']
  for (const pattern of patterns)
    for (const sample of samples)
      expect(new RegExp(pattern, 'u').test(sample), `${pattern} on ${JSON.stringify(sample)}`).toBe(
        new RegExp(pattern).test(sample),
      )
})

test('a long text without an end is refused in no time', () => {
  const start = performance.now()
  expect(fits(Text(1_000_000), `${'a'.repeat(999_998)}\0`)).toBe(false)
  expect(performance.now() - start).toBeLessThan(1_000)
})

test('a sum of the most lines at the highest price is still exact', () => {
  expect(Number.isSafeInteger(500 * (Cents.maximum ?? Number.NaN))).toBe(true)
})
