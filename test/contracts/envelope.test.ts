import { fromWire, type KeptFact, Misfit, toHeaders } from '@recyclique/contracts'
import fc from 'fast-check'
import { expect, test } from 'vitest'

const FACT: KeptFact = {
  position: 42,
  id: '00000000-0000-7000-8000-000000000042',
  journal: 'register-caisse',
  seq: 7,
  mode: 'live',
  name: 'sale.recorded',
  version: 1,
  site: 'centre',
  recordedAt: '2026-03-10T10:00:00.000Z',
  businessDate: '2026-03-10',
  actor: 'benevole-7',
  hash: 'a'.repeat(64),
  data: { totalCents: 500 },
}

const read = (headers: Record<string, string>, body: string) => fromWire((name) => headers[name] ?? '', body)
const onWire = (fact: KeptFact) => read(toHeaders(fact), JSON.stringify(fact.data))

test('a fact on the wire is a CloudEvent: the standard’s attributes are headers, and the data are the body', () => {
  expect(toHeaders(FACT)).toMatchObject({
    'ce-specversion': '1.0',
    'ce-id': FACT.id,
    'ce-source': '/recyclique/centre',
    'ce-type': 'sale.recorded',
    'ce-subject': 'register-caisse',
    'ce-time': '2026-03-10T10:00:00.000Z',
    'content-type': 'application/json',
  })
  expect(Object.values(toHeaders(FACT))).not.toContain(JSON.stringify(FACT.data))
})

test('a fact that went over the wire is the same fact', () => {
  expect(onWire(FACT)).toEqual(FACT)
})

const Token = fc.stringMatching(/^[a-z0-9-]{1,32}$/)
const Count = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })
const AnyFact: fc.Arbitrary<KeptFact> = fc.record({
  position: Count,
  id: fc.uuid(),
  journal: fc.oneof(
    Token,
    Token.map((token) => `module.${token}`),
  ),
  seq: Count,
  mode: fc.constantFrom('live', 'training', 'deferred'),
  name: fc.array(Token, { minLength: 1, maxLength: 4 }).map((tokens) => tokens.join('.')),
  version: fc.integer({ min: 1, max: 99 }),
  site: Token,
  recordedAt: fc
    .date({ min: new Date('2020-01-01T00:00:00Z'), max: new Date('2090-01-01T00:00:00Z'), noInvalidDate: true })
    .map((date) => date.toISOString()),
  businessDate: fc.constantFrom('2024-02-29', '2026-03-10', '2099-12-31'),
  actor: Token,
  hash: fc.stringMatching(/^[0-9a-f]{64}$/),
  data: fc.jsonValue({ noUnicodeString: false }).map((value) => JSON.parse(JSON.stringify(value)) as unknown),
})

test('any fact comes off the wire as it went on, with any data that JSON can hold', () => {
  fc.assert(
    fc.property(AnyFact, (fact) => {
      expect(onWire(fact)).toEqual(fact)
    }),
    { numRuns: 300 },
  )
})

test('no header of any fact can be broken up: they hold neither line feed nor anything beyond ASCII', () => {
  fc.assert(
    fc.property(AnyFact, (fact) => {
      for (const value of Object.values(toHeaders(fact))) expect(value).toMatch(/^[\x20-\x7e]+$/)
    }),
  )
})

test('each header is needed, but for those that only repeat or explain', () => {
  const spare = ['ce-specversion', 'ce-subject', 'content-type']
  for (const name of Object.keys(toHeaders(FACT)).filter((one) => !spare.includes(one))) {
    const { [name]: _, ...rest } = toHeaders(FACT)
    expect(() => read(rest, '{}'), name).toThrow(Misfit)
  }
})

test.each([
  ['rq-position', '0'],
  ['rq-position', '-1'],
  ['rq-position', '1.5'],
  ['rq-position', 'many'],
  ['rq-position', '9007199254740992'],
  ['rq-seq', ''],
  ['rq-version', 'Infinity'],
  ['rq-mode', 'pretend'],
  ['rq-business-date', '10/03/2026'],
  ['rq-hash', 'A'.repeat(64)],
  ['rq-hash', 'a'.repeat(63)],
  ['ce-time', '2026-03-10T10:00:00Z'],
  ['ce-source', '/recyclique/'],
])('a message with the header %s: %j is of no kernel of ours', (name, value) => {
  expect(() => read({ ...toHeaders(FACT), [name]: value }, '{}')).toThrow(Misfit)
})

test('a body that is not JSON is refused with the name of the fact', () => {
  for (const body of ['', '{', 'undefined'])
    expect(() => read(toHeaders(FACT), body)).toThrow(/sale\.recorded: the whole is not JSON/)
})
