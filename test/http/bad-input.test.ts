import { PROBLEM_TYPE, type Problem } from '@recyclique/contracts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ERRORS, type ErrorCode } from '../../kernel/errors.ts'
import { type Answer, openRealKernel, type RealKernel, type Sent, saleOf, setUp } from './real-kernel.ts'

let kernel: RealKernel
let centre: Awaited<ReturnType<typeof setUp>>
beforeAll(async () => {
  kernel = await openRealKernel()
  centre = await setUp(kernel)
})
afterAll(async () => {
  expect(kernel.troubles).toEqual([])
  expect((await kernel.verify()).flaws).toEqual([])
  await kernel.close()
})

/** What is sent, how it must be answered (`status code`), and the field that must be named. What a case needs first, it does itself. */
type Case = readonly [name: string, sent: () => Sent | Promise<Sent>, answer: string, field?: string]

const NOBODY = '00000000-0000-7000-8000-000000000000'

const post = (path: string, body?: unknown, headers: Sent['headers'] = {}): Sent => ({
  method: 'POST',
  path,
  body,
  headers,
})
const put = (path: string, body: unknown): Sent => ({ method: 'PUT', path, body })
const get = (path: string, headers: Sent['headers'] = {}): Sent => ({ method: 'GET', path, headers })
const rawPost = (path: string, raw: string | Uint8Array, headers: Sent['headers'] = {}): Sent => ({
  method: 'POST',
  path,
  raw,
  headers,
})

/** Three books for 3 €, with something else. */
const sale = (change: object = {}): Sent => post('/v1/sales', { ...saleOf(centre.sessionId), ...change })
const line = (change: object) => ({ categoryId: 'livres', qty: 3, unitCents: 100, ...change })
const saleLine = (change: object) => sale({ lines: [line(change)] })
const paid = (change: object) => sale({ payments: [{ methodId: 'cash', cents: 300, ...change }] })
/** The same ticket as text, in which something is put in another's place. */
const saleText = (from: string, to: string): Sent => {
  const text = JSON.stringify(saleOf(centre.sessionId))
  if (!text.includes(from)) throw new Error(`${from} does not stand in ${text}`)
  return rawPost('/v1/sales', text.replace(from, to))
}
const named = (name: unknown) => put('/v1/posts/quai', { name })
const namedRaw = (raw: string): Sent => ({ method: 'PUT', path: '/v1/posts/quai', raw })
const category = (change: object) =>
  put('/v1/categories/neuve', {
    shortName: 'Neuve',
    officialName: 'Neuve',
    eee: 'none',
    shownAtSale: true,
    shownAtReception: true,
    ...change,
  })
const refundBody = (cents: number, qty = 1, change: object = {}) => ({
  sessionId: centre.sessionId,
  lines: [{ line: 1, qty, cents }],
  payments: [{ methodId: 'cash', cents }],
  areGoodsBack: false,
  ...change,
})
const refund = async (cents: number, qty = 1, change: object = {}) =>
  post(`/v1/sales/${(await centre.sell()).saleId}/refunds`, refundBody(cents, qty, change))
const weigh = async (change: object) =>
  post(`/v1/deposits/${(await centre.receive()).depositId}/lines`, {
    categoryId: 'textile',
    grossGrams: 5000,
    ...change,
  })
const exit = (change: object) =>
  post('/v1/exits', { kind: 'bins', lines: [{ categoryId: 'textile', grossGrams: 1000 }], ...change })
const aged = (businessDate: string) =>
  post('/v1/cash-sessions', { registerId: 'caisse-2', mode: 'deferred', floatCents: 0, businessDate })

const FORM: Case[] = [
  ['an unknown field', () => sale({ colour: 'red' }), '400 body-invalid', '/colour'],
  ['an unknown field of a line', () => saleLine({ colour: 'red' }), '400 body-invalid', '/lines/0/colour'],
  ['a misspelt optional field', () => sale({ donationCent: 5 }), '400 body-invalid', '/donationCent'],
  ['a missing field', () => sale({ totalCents: undefined }), '400 body-invalid', '/totalCents'],
  ['negative cents', () => sale({ totalCents: -300 }), '400 body-invalid', '/totalCents'],
  ['fractional cents', () => saleLine({ unitCents: 99.5 }), '400 body-invalid', '/lines/0/unitCents'],
  ['cents as text', () => sale({ totalCents: '300' }), '400 body-invalid', '/totalCents'],
  ['cents as null', () => sale({ totalCents: null }), '400 body-invalid', '/totalCents'],
  ['no piece at all', () => saleLine({ qty: 0 }), '400 body-invalid', '/lines/0/qty'],
  ['a payment of nothing', () => paid({ cents: 0 }), '400 body-invalid', '/payments/0/cents'],
  ['over ten million euros', () => sale({ totalCents: 1_000_000_001 }), '400 body-invalid', '/totalCents'],
  [
    'a number over 2^53',
    () => saleText('"totalCents":300', '"totalCents":9007199254740993'),
    '400 body-invalid',
    '/totalCents',
  ],
  ['1e400', () => saleText('"totalCents":300', '"totalCents":1e400'), '400 body-invalid', '/totalCents'],
  ['-1e400', () => saleText('"totalCents":300', '"totalCents":-1e400'), '400 body-invalid', '/totalCents'],
  ['1e-7', () => saleText('"totalCents":300', '"totalCents":1e-7'), '400 body-invalid', '/totalCents'],
  ['NaN', () => saleText('"totalCents":300', '"totalCents":NaN'), '400 json-broken'],
  ['Infinity', () => saleText('"totalCents":300', '"totalCents":Infinity'), '400 json-broken'],
  ['an octal number', () => saleText('"totalCents":300', '"totalCents":0300'), '400 json-broken'],
  ['10,000 lines', () => sale({ lines: Array(10_000).fill(line({})) }), '400 body-invalid', '/lines'],
  ['10,000 wrong lines', () => sale({ lines: Array(10_000).fill(7) }), '400 body-invalid', '/lines'],
  [
    '21 payments',
    () => sale({ payments: Array(21).fill({ methodId: 'cash', cents: 1 }) }),
    '400 body-invalid',
    '/payments',
  ],
  ['an array for the body', () => post('/v1/sales', [saleOf(centre.sessionId)]), '400 body-invalid', ''],
  ['a text for the body', () => post('/v1/sales', 'three books'), '400 body-invalid', ''],
  ['null for the body', () => post('/v1/sales', null), '400 body-invalid', ''],
  ['an array for an object', () => sale({ lines: [[line({})]] }), '400 body-invalid', '/lines/0'],
  ['an object for an array', () => sale({ lines: { 0: line({}) } }), '400 body-invalid', '/lines'],
  ['text for true', () => sale({ isGloballyPriced: 'true' }), '400 body-invalid', '/isGloballyPriced'],
  ['an id in capitals', () => sale({ sessionId: NOBODY.replace('7', 'A') }), '400 body-invalid', '/sessionId'],
  ['an id with a line feed behind it', () => sale({ sessionId: `${NOBODY}\n` }), '400 body-invalid', '/sessionId'],
  ['SQL for an id', () => saleLine({ categoryId: "' OR 1=1 --" }), '400 body-invalid', '/lines/0/categoryId'],
  [
    'a flaw deep in a correction',
    async () => correction({ after: { categoryId: 'textile', grossGrams: 'x' } }),
    '400 body-invalid',
    '/after/grossGrams',
  ],
  ['no JSON', () => rawPost('/v1/sales', 'three books'), '400 json-broken'],
  ['JSON that breaks off', () => rawPost('/v1/sales', '{"sessionId":"'), '400 json-broken'],
  ['two bodies', () => rawPost('/v1/sales', '{}{}'), '400 json-broken'],
  ['a comment', () => rawPost('/v1/sales', '{} // three books'), '400 json-broken'],
  [
    'a body in Latin-1',
    () => ({ ...named(''), body: undefined, raw: Buffer.from('{"name":"Dépôt"}', 'latin1') }),
    '400 json-broken',
  ],
  ['a body in UTF-16', () => rawPost('/v1/sales', Buffer.from('{"a":1}', 'utf16le')), '400 json-broken'],
  ['an empty body', () => rawPost('/v1/sales', '', { 'content-type': 'application/json' }), '400 body-invalid', ''],
  ['no body', () => post('/v1/sales'), '400 body-invalid', ''],
  ['a body over 1 MiB', () => sale({ note: 'x'.repeat(1_100_000) }), '413 body-too-large'],
  [
    'a body over 1 MiB in chunks',
    () => ({ ...sale({ note: 'x'.repeat(1_100_000) }), headers: { 'transfer-encoding': 'chunked' } }),
    '413 body-too-large',
  ],
  ['no content type', () => ({ ...sale(), headers: { 'content-type': undefined } }), '415 content-type-unknown'],
  ['plain text', () => ({ ...sale(), headers: { 'content-type': 'text/plain' } }), '415 content-type-unknown'],
  [
    'a form',
    () => rawPost('/v1/sales', 'totalCents=300', { 'content-type': 'application/x-www-form-urlencoded' }),
    '415 content-type-unknown',
  ],
  ['XML', () => rawPost('/v1/sales', '<sale/>', { 'content-type': 'application/xml' }), '415 content-type-unknown'],
  ['a broken content type', () => ({ ...sale(), headers: { 'content-type': ';;' } }), '415 content-type-unknown'],
  [
    'a body that says it is gzip',
    () => rawPost('/v1/sales', Buffer.from([31, 139, 8, 0, 255]), { 'content-encoding': 'gzip' }),
    '400 json-broken',
  ],
  ['__proto__', () => saleText('{', '{"__proto__":{"isAdmin":true},'), '400 body-invalid', '/__proto__'],
  [
    '__proto__ in a line',
    () => saleText('[{', '[{"__proto__":{"lotCents":1},'),
    '400 body-invalid',
    '/lines/0/__proto__',
  ],
  ['constructor', () => saleText('{', '{"constructor":{"prototype":{"x":1}},'), '400 body-invalid', '/constructor'],
  ['toString for a field', () => sale({ toString: 'x' }), '400 body-invalid', '/toString'],
  [
    'a key twice, of which the last counts',
    () => saleText('"totalCents":300', '"totalCents":300,"totalCents":200'),
    '422 total-differs',
    '/totalCents',
  ],
  [
    'brackets 400,000 deep',
    () => rawPost('/v1/sales', '['.repeat(400_000) + ']'.repeat(400_000)),
    '400 body-invalid',
    '',
  ],
  [
    'a note 100,000 deep',
    () => saleText('{', `{"note":${'['.repeat(100_000)}${']'.repeat(100_000)},`),
    '400 body-invalid',
    '/note',
  ],
  [
    '200,000 fields',
    () => rawPost('/v1/sales', `{${Array.from({ length: 100_000 }, (_, n) => `"${n}":0`).join()}}`),
    '400 body-invalid',
    '/sessionId',
  ],
]

const TEXTS: Case[] = [
  ['NUL in a name', () => named('Qu\u0000ai'), '400 body-invalid', '/name'],
  ['an escape in a name', () => named('Qu\u001b[31mai'), '400 body-invalid', '/name'],
  ['a line feed in a name', () => named('Quai\nnord'), '400 body-invalid', '/name'],
  ['a lone surrogate in a name', () => namedRaw('{"name":"Qu\\ud800ai"}'), '400 body-invalid', '/name'],
  ['a surrogate pair the wrong way round', () => namedRaw('{"name":"\\ude00\\ud83d"}'), '400 body-invalid', '/name'],
  ['a lone surrogate in a note', () => saleText('{', '{"note":"\\udfff",'), '400 body-invalid', '/note'],
  ['an empty name', () => named(''), '400 body-invalid', '/name'],
  ['a name of 81 characters', () => named('x'.repeat(81)), '400 body-invalid', '/name'],
  ['a name of 1 MB', () => named('x'.repeat(1_000_000)), '400 body-invalid', '/name'],
  ['a name of 1 MB of emoji', () => named('😀'.repeat(250_000)), '400 body-invalid', '/name'],
  ['a note of 1 MB', () => sale({ note: 'é'.repeat(500_000) }), '400 body-invalid', '/note'],
  [
    'a field whose name is 1 MB long',
    () => put('/v1/posts/quai', { name: 'Quai', ['x'.repeat(1_000_000)]: 1 }),
    '400 body-invalid',
  ],
  ['a field whose name is a lone surrogate', () => namedRaw('{"name":"Quai","\\ud800":1}'), '400 body-invalid'],
  ['a lone surrogate where no body belongs', async () => copyWith('{"a":"\\ud800"}'), '400 body-invalid', ''],
  ['1e400 where no body belongs', async () => copyWith('{"a":1e400}'), '400 body-invalid', ''],
  [
    'depth where no body belongs',
    async () => copyWith('['.repeat(300_000) + ']'.repeat(300_000)),
    '400 body-invalid',
    '',
  ],
]

const TICKETS: Case[] = [
  ['a total that is not the sum of the lines', () => sale({ totalCents: 200 }), '422 total-differs', '/totalCents'],
  ['payments below the total', () => paid({ cents: 299 }), '422 payments-differ', '/payments'],
  ['payments above the total', () => paid({ cents: 301 }), '422 payments-differ', '/payments'],
  [
    'change that is not what is over',
    () => sale({ payments: [{ methodId: 'cash', cents: 500 }], changeCents: 100 }),
    '422 payments-differ',
    '/payments',
  ],
  [
    'change out of a card',
    () => sale({ payments: [{ methodId: 'card', cents: 500 }], changeCents: 200 }),
    '422 change-without-cash',
    '/changeCents',
  ],
  ['a donation that nobody paid', () => sale({ donationCents: 50 }), '422 payments-differ', '/payments'],
  ['nothing on the ticket', () => sale({ lines: [], totalCents: 0, payments: [] }), '422 ticket-empty', '/lines'],
  ['a line without a price', () => saleLine({ unitCents: undefined }), '422 line-unpriced', '/lines/0'],
  ['a line with two prices', () => saleLine({ lotCents: 300 }), '422 line-price-doubled', '/lines/0/lotCents'],
  ['a gift with a price', () => saleLine({ preset: 'don' }), '422 preset-priced', '/lines/0/preset'],
  [
    'a price that is too much for one line',
    () => saleLine({ qty: 100_000, unitCents: 1_000_000_000 }),
    '422 amount-too-large',
    '/lines/0/unitCents',
  ],
  [
    'a global price below the lines',
    () => sale({ isGloballyPriced: true, totalCents: 100 }),
    '422 global-price-too-low',
    '/totalCents',
  ],
  ['an unknown category', () => saleLine({ categoryId: 'licornes' }), '422 unknown-reference', '/lines/0/categoryId'],
  ['an archived category', () => saleLine({ categoryId: 'ancienne' }), '422 archived', '/lines/0/categoryId'],
  ['an unknown way to pay', () => paid({ methodId: 'bitcoin' }), '422 unknown-reference', '/payments/0/methodId'],
  ['an unknown session', () => sale({ sessionId: NOBODY }), '422 unknown-reference', '/sessionId'],
  ['a closed session', () => sale({ sessionId: centre.closedId }), '409 session-closed', '/sessionId'],
  ['a held ticket that is not there', () => sale({ heldTicketId: NOBODY }), '422 unknown-reference', '/heldTicketId'],
  [
    'a held ticket for a closed session',
    () => put(`/v1/held-tickets/${NOBODY}`, { sessionId: centre.closedId, lines: [line({})] }),
    '409 session-closed',
    '/sessionId',
  ],
  [
    'dropping a held ticket that is not there',
    () => ({ method: 'DELETE', path: `/v1/held-tickets/${NOBODY}` }),
    '404 not-found',
  ],
  ['a refund of more cents than the line has', async () => refund(301, 3), '409 refund-over-remainder', '/lines/0'],
  ['a refund of more pieces than the line has', async () => refund(100, 4), '409 refund-over-remainder', '/lines/0'],
  ['a refund that goes over the rest step by step', refundInSteps, '409 refund-over-remainder', '/lines/0'],
  [
    'a refund of one line twice',
    async () =>
      refund(100, 1, {
        lines: [
          { line: 1, qty: 1, cents: 50 },
          { line: 1, qty: 1, cents: 50 },
        ],
      }),
    '422 line-doubled',
    '/lines/1/line',
  ],
  [
    'a refund of a line that is not there',
    async () => refund(100, 1, { lines: [{ line: 2, qty: 1, cents: 100 }] }),
    '422 unknown-reference',
    '/lines/0/line',
  ],
  ['a refund of nothing', async () => refund(100, 1, { lines: [] }), '422 refund-empty', '/lines'],
  [
    'a refund that pays out more than its lines',
    async () => refund(100, 1, { payments: [{ methodId: 'cash', cents: 200 }] }),
    '422 payments-differ',
    '/payments',
  ],
  [
    'a refund in a closed session',
    async () => refund(100, 1, { sessionId: centre.closedId }),
    '409 session-closed',
    '/sessionId',
  ],
  ['a refund of a refund', refundOfRefund, '422 refund-of-counter-entry'],
  ['a refund of a sale that is not there', () => post(`/v1/sales/${NOBODY}/refunds`, refundBody(100)), '404 not-found'],
  ['a void, twice', voidTwice, '409 void-too-late'],
  ['a void after a refund', voidAfterRefund, '409 void-too-late'],
  ['a refund after a void', refundAfterVoid, '409 refund-over-remainder', '/lines'],
  ['a copy of a ticket that is not there', () => post(`/v1/sales/${NOBODY}/copies`), '404 not-found'],
]

const DRAWERS: Case[] = [
  [
    'a second session on a register',
    () => post('/v1/cash-sessions', { registerId: 'caisse-1', floatCents: 0 }),
    '409 session-already-open',
    '/registerId',
  ],
  [
    'a session on an unknown register',
    () => post('/v1/cash-sessions', { registerId: 'caisse-9', floatCents: 0 }),
    '422 unknown-reference',
    '/registerId',
  ],
  [
    'a session of another day that is not deferred',
    () => ({ ...aged('2026-01-02'), body: { registerId: 'caisse-2', floatCents: 0, businessDate: '2026-01-02' } }),
    '422 date-not-today',
    '/businessDate',
  ],
  ['a day that no calendar has', () => aged('2026-02-30'), '422 date-unreal', '/businessDate'],
  ['a day in the future', () => aged('2099-01-01'), '422 date-in-future', '/businessDate'],
  ['a day that is not written as one', () => aged('02/01/2026'), '400 body-invalid', '/businessDate'],
  [
    'a close that counts too little, without a reason',
    () => close({ counted: [{ methodId: 'cash', cents: 1 }] }),
    '422 variance-unexplained',
    '/reason',
  ],
  ['a close that leaves out the cash', () => close({ counted: [] }), '422 count-missing', '/counted'],
  [
    'a close that counts cash twice',
    () =>
      close({
        counted: [
          { methodId: 'cash', cents: 1 },
          { methodId: 'cash', cents: 1 },
        ],
      }),
    '422 count-doubled',
    '/counted/1/methodId',
  ],
  [
    'a close of a closed session',
    () => post(`/v1/cash-sessions/${centre.closedId}/close`, { counted: [] }),
    '409 session-closed',
  ],
  ['cash into a closed session', () => move({ kind: 'top-up', cents: 100 }, centre.closedId), '409 session-closed'],
  ['a transfer into nowhere', () => move({ kind: 'transfer', cents: 100 }), '422 move-invalid', '/toSessionId'],
  [
    'a transfer into the same drawer',
    () => move({ kind: 'transfer', cents: 100, toSessionId: centre.sessionId }),
    '422 move-invalid',
    '/toSessionId',
  ],
  [
    'a transfer into a closed session',
    () => move({ kind: 'transfer', cents: 100, toSessionId: centre.closedId }),
    '409 session-closed',
    '/toSessionId',
  ],
]

const MATTER: Case[] = [
  [
    'a weight that is all tare',
    async () => weigh({ grossGrams: 2000, containerId: 'chariot' }),
    '422 weight-not-over-tare',
    '/grossGrams',
  ],
  [
    'a weight below the tare',
    async () => weigh({ grossGrams: 100, tareGrams: 200 }),
    '422 weight-not-over-tare',
    '/grossGrams',
  ],
  [
    'a container and a tare',
    async () => weigh({ containerId: 'chariot', tareGrams: 10 }),
    '422 tare-doubled',
    '/tareGrams',
  ],
  ['a weight over the usual one', async () => weigh({ grossGrams: 20_001 }), '422 weight-unusual', '/confirmed'],
  [
    'a weight over the usual one, expressly not confirmed',
    async () => weigh({ grossGrams: 20_001, confirmed: false }),
    '422 weight-unusual',
    '/confirmed',
  ],
  [
    'a line that was counted, without a number',
    async () => weigh({ method: 'counted' }),
    '422 quantity-missing',
    '/qty',
  ],
  ['half a gram', async () => weigh({ grossGrams: 0.5 }), '400 body-invalid', '/grossGrams'],
  ['an archived category at the scale', async () => weigh({ categoryId: 'ancienne' }), '422 archived', '/categoryId'],
  ['an unknown container', async () => weigh({ containerId: 'valise' }), '422 unknown-reference', '/containerId'],
  ['a line for a closed deposit', lineForClosed, '409 deposit-closed'],
  [
    'a deposit at an unknown post',
    () => post('/v1/deposits', { postId: 'toit', origin: 'voluntary' }),
    '422 unknown-reference',
    '/postId',
  ],
  [
    'a deposit on an unreal day',
    () => post('/v1/deposits', { postId: 'quai', origin: 'voluntary', businessDate: '2026-02-30' }),
    '422 date-unreal',
    '/businessDate',
  ],
  ['an exit to a recycler whom nobody names', () => exit({ kind: 'recycler' }), '422 partner-required', '/partnerId'],
  [
    'ultimate waste that is no bin',
    () => exit({ kind: 'donation', isUltimate: true }),
    '422 exit-invalid',
    '/isUltimate',
  ],
  [
    'an exit whose second line is all tare',
    () =>
      exit({
        lines: [
          { categoryId: 'textile', grossGrams: 9 },
          { categoryId: 'textile', grossGrams: 9, tareGrams: 9 },
        ],
      }),
    '422 weight-not-over-tare',
    '/lines/1/grossGrams',
  ],
  [
    'a correction of a weight that nobody saw',
    async () => correction({ expectedNetGrams: 4999 }),
    '409 already-corrected',
    '/expectedNetGrams',
  ],
  [
    'a correction that changes nothing',
    async () => correction({ after: { categoryId: 'textile', grossGrams: 5000 } }),
    '422 nothing-to-correct',
    '/after',
  ],
]

const CENTRE: Case[] = [
  ['a time zone that is none', () => site({ timeZone: 'Foo/Bar' }), '422 time-zone-unknown', '/timeZone'],
  ['a time zone that is no text', () => site({ timeZone: 2 }), '400 body-invalid', '/timeZone'],
  ['a second site', () => ({ ...site({}), path: '/v1/sites/autre' }), '422 wrong-site', '/id'],
  ['archiving the site', () => site({ archived: true }), '409 still-in-use', '/archived'],
  [
    'archiving a register with an open session',
    () => put('/v1/registers/caisse-1', { name: 'Caisse 1', archived: true }),
    '409 still-in-use',
    '/archived',
  ],
  [
    'another id in the body than in the address',
    () => put('/v1/posts/quai', { id: 'cave', name: 'Quai' }),
    '400 body-invalid',
    '/id',
  ],
  ['an unknown parent', () => category({ parentId: 'licornes' }), '422 unknown-reference', '/parentId'],
  ['a category below itself', () => category({ parentId: 'neuve' }), '422 unknown-reference', '/parentId'],
  ['prices the wrong way round', () => category({ minCents: 2, maxCents: 1 }), '422 price-range', '/minCents'],
  ['a merge that is said in the record', () => category({ mergedInto: 'livres' }), '400 body-invalid', '/mergedInto'],
  ['a merge into itself', () => post('/v1/categories/livres/merge', { into: 'livres' }), '422 merge-invalid', '/into'],
  [
    'a merge into nothing',
    () => post('/v1/categories/livres/merge', { into: 'licornes' }),
    '422 unknown-reference',
    '/into',
  ],
  [
    'a second kind of cash',
    () => put('/v1/payment-methods/coins', { name: 'Pièces', kind: 'cash', debitAccount: '530', refundAccount: '530' }),
    '422 second-cash-method',
    '/kind',
  ],
  ['a role twice', () => put('/v1/users/neu', { roles: ['a', 'a'] }), '400 body-invalid', '/roles'],
]

const WHO: Case[] = [
  ['no key', () => ({ ...sale(), headers: { 'idempotency-key': undefined } }), '400 key-missing'],
  ['an empty key', () => ({ ...sale(), headers: { 'idempotency-key': '' } }), '400 key-invalid'],
  ['a short key', () => ({ ...sale(), headers: { 'idempotency-key': 'abc' } }), '400 key-invalid'],
  ['a long key', () => ({ ...sale(), headers: { 'idempotency-key': 'x'.repeat(65) } }), '400 key-invalid'],
  ['a key with blanks', () => ({ ...sale(), headers: { 'idempotency-key': 'a b c d e f' } }), '400 key-invalid'],
  ['two keys', () => ({ ...sale(), headers: { 'idempotency-key': ['aaaaaaaa', 'bbbbbbbb'] } }), '400 key-invalid'],
  ['a bad key on a PUT', () => ({ ...named('Quai'), headers: { 'idempotency-key': '?' } }), '400 key-invalid'],
  ['a key that another sale used', usedKey(() => sale({ note: 'another' })), '409 key-reused'],
  [
    'a key that another route used',
    usedKey(() => post('/v1/cash-sessions', { registerId: 'caisse-2', floatCents: 0 })),
    '409 key-reused',
  ],
  [
    "a key that the kernel's own first start used",
    () => ({ ...sale(), headers: { 'idempotency-key': 'first-start.user.manager' } }),
    '409 key-reused',
  ],
  ['nobody who acts', () => ({ ...sale(), headers: { 'recyclique-actor': undefined } }), '401 actor-missing'],
  ['an empty actor', () => ({ ...sale(), headers: { 'recyclique-actor': '' } }), '401 actor-missing'],
  ['an unknown actor', () => ({ ...sale(), headers: { 'recyclique-actor': 'personne' } }), '401 actor-unknown'],
  ['an archived actor', () => ({ ...sale(), headers: { 'recyclique-actor': 'parti' } }), '401 actor-unknown'],
  ['two actors', () => ({ ...sale(), headers: { 'recyclique-actor': ['manager', 'parti'] } }), '401 actor-unknown'],
  [
    'an actor of 8,000 characters',
    () => ({ ...sale(), headers: { 'recyclique-actor': 'x'.repeat(8000) } }),
    '401 actor-unknown',
  ],
  [
    'the kernel itself as an actor',
    () => ({ ...sale(), headers: { 'recyclique-actor': 'kernel' } }),
    '401 actor-unknown',
  ],
]

const LISTS = ['/v1/sales', '/v1/cash-sessions', '/v1/deposits', '/v1/exits', '/v1/ledger', '/v1/movements']

const ADDRESSES: Case[] = [
  ...['0', '501', '-1', '1.5', '1e2', '0x10', 'abc', 'true', '', '%207', '5&limit=6', '99999999999999999999'].map(
    (limit): Case => [`limit=${limit}`, () => get(`/v1/sales?limit=${limit}`), '400 body-invalid', '/limit'],
  ),
  ...LISTS.map((path): Case => [`${path}?limit=501`, () => get(`${path}?limit=501`), '400 body-invalid', '/limit']),
  ...LISTS.flatMap((path) =>
    ['abc', '-1', '1e3', '0x10', '1.5', '~'].map(
      (after): Case => [`${path}?after=${after}`, () => get(`${path}?after=${after}`), '400 request-invalid', '/after'],
    ),
  ),
  ['a cursor with a quote', () => get("/v1/posts?after='"), '400 body-invalid', '/after'],
  ['a cursor of 65 characters', () => get(`/v1/posts?after=${'a'.repeat(65)}`), '400 body-invalid', '/after'],
  ['a cursor twice', () => get('/v1/posts?after=a&after=b'), '400 body-invalid', '/after'],
  ...[
    '/v1/stock?',
    '/v1/reports/takings?by=day&',
    '/v1/sales?',
    '/v1/movements?',
    '/v1/deposits?',
    '/v1/exits?',
  ].flatMap((path): Case[] => [
    [`${path} reversed`, () => get(`${path}from=2026-03-02&to=2026-03-01`), '400 period-invalid', '/to'],
    [`${path} with an unreal day`, () => get(`${path}from=2026-02-30&to=2026-03-01`), '422 date-unreal', '/from'],
    [
      `${path} with a day of another form`,
      () => get(`${path}from=1.2.2026&to=2026-03-01`),
      '400 body-invalid',
      '/from',
    ],
  ]),
  ['a report by nothing', () => get('/v1/reports/takings?from=2026-01-01&to=2026-01-02'), '400 body-invalid', '/by'],
  [
    'a report in an unknown format',
    () => get('/v1/reports/takings?from=2026-01-01&to=2026-01-02&by=day&format=xls'),
    '400 body-invalid',
    '/format',
  ],
  ['an unknown route', () => get('/v1/licornes'), '404 method-unknown'],
  ['the root', () => get('/'), '404 method-unknown'],
  ['a double slash', () => get('//v1/sales'), '404 method-unknown'],
  ['a slash at the end', () => get('/v1/sales/'), '400 body-invalid', '/id'],
  ...['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'].map(
    (method): Case => [`${method} /v1/sales`, () => ({ method, path: '/v1/sales' }), '404 method-unknown'],
  ),
  ['POST /healthz', () => post('/healthz'), '404 method-unknown'],
  ['a path that climbs', () => get('/v1/../../etc/passwd'), '404 method-unknown'],
  ['a path that climbs in code', () => get('/v1/sales/..%2f..%2fetc%2fpasswd'), '400 body-invalid', '/id'],
  ['a path that climbs out of the page', () => get('/docs/static/..%2f..%2fpackage.json'), '404 method-unknown'],
  ['a path that climbs out of the page by name', () => get('/docs/static/../../package.json'), '400 request-invalid'],
  ['NUL in a path', () => get('/v1/categories/%00'), '400 body-invalid', '/id'],
  ['% without digits', () => get('/v1/sales/%zz'), '400 request-invalid'],
  ['% with half a character', () => get('/v1/categories/%c3'), '400 request-invalid'],
  ['an id of 100 characters', () => get(`/v1/sales/${'a'.repeat(100)}`), '400 body-invalid', '/id'],
  ['an id of 1,000 characters', () => get(`/v1/sales/${'a'.repeat(1000)}`), '400 request-invalid'],
  ['an id of 20,000 characters', () => get(`/v1/sales/${'a'.repeat(20_000)}`), '400 request-invalid'],
  ['__proto__ for an id', () => get('/v1/categories/__proto__'), '400 body-invalid', '/id'],
  ['an id that nothing has', () => get(`/v1/sales/${NOBODY}`), '404 not-found'],
  ['a record that nobody set up', () => get('/v1/categories/licornes'), '404 not-found'],
  ['a module that is not there', () => get('/v1/modules/licornes'), '404 module-unknown'],
  ...['abc', '-1', '1.5', '0x10', '1e400', '9'.repeat(40), '1, 2'].map(
    (id): Case => [`Last-Event-ID: ${id}`, () => get('/v1/live', { 'last-event-id': id }), '400 request-invalid'],
  ),
  ['live from before the first fact', () => get('/v1/live?from=0'), '400 body-invalid', '/from'],
]

describe.each([
  { what: 'the form of a body', cases: FORM },
  { what: 'texts', cases: TEXTS },
  { what: 'tickets', cases: TICKETS },
  { what: 'drawers', cases: DRAWERS },
  { what: 'matter', cases: MATTER },
  { what: 'the centre', cases: CENTRE },
  { what: 'who acts, and under which key', cases: WHO },
  { what: 'addresses and queries', cases: ADDRESSES },
])('refused, with nothing kept: $what', ({ cases }) => {
  test.each(cases as [Case[0], Case[1], Case[2], string?][])('%s', async (_, make, expected, field) => {
    const sent = await make()
    const before = await kernel.head()
    const answer = await kernel.send(sent)
    expect(`${answer.status} ${answer.json?.code}`, answer.text.slice(0, 500)).toBe(expected)
    if (field !== undefined) expect(answer.json.field, answer.text).toBe(field)
    checkProblem(answer)
    expect(await kernel.head()).toEqual(before)
  })
})

const checkProblem = ({ status, headers, json, text }: Answer) => {
  const { type, title, detail, code, requestId, ...rest } = json as Problem
  expect(headers['content-type']).toMatch(new RegExp(`^${PROBLEM_TYPE.replace('+', '\\+')}`))
  expect(type).toBe(`/errors#${code}`)
  expect(title).toBe(code.replaceAll('-', ' '))
  expect(rest.status).toBe(status)
  expect(status).toBe(ERRORS[code as ErrorCode].status)
  expect(requestId).toMatch(/^[0-9a-f-]{36}$/)
  expect(detail).toMatch(/^.{15,1500}[.?]$|^.{15,1500}: see \/openapi\.json\.$/s)
  expect(detail).not.toMatch(/undefined|\[object|\bat .+:\d+|node_modules|Error:|\{\w+\}|SQLITE|null/)
  expect(text.length).toBeLessThan(5000)
}

test('what no HTTP server can read is answered as a problem too, and the connection ends', async () => {
  const { hostname, port } = new URL(kernel.url)
  const { connect } = await import('node:net')
  const text = await new Promise<string>((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write('three books please\r\n\r\n'))
    let heard = ''
    socket.on('data', (part) => {
      heard += part
    })
    socket.on('end', () => resolve(heard))
    socket.on('error', reject)
  })
  expect(text).toMatch(/^HTTP\/1\.1 400 /)
  expect(text).toContain('content-type: application/problem+json')
  expect(JSON.parse(text.split('\r\n\r\n')[1] ?? '')).toMatchObject({ code: 'request-invalid', status: 400 })
})

test.each([
  ['emoji', 'Jouets 🧸👩‍👩‍👧'],
  ['writing from right to left, with its marks', '\u200fكتب\u200e \u202Eabc\u202C'],
  ['combining accents, left as they are', 'e\u0301te\u0301'],
  ['markup', '<script>alert(1)</script>&amp;'],
  ['quotes, backslashes and SQL', `'); DROP TABLE ledger; --"\\`],
  ['holes and replacement patterns', '{what} $& $1 %s $`'],
  ['names of JavaScript', '__proto__ constructor toString'],
  ['line separators', 'a\u2028b\u2029c'],
])('a free text of %s is taken and comes back unchanged', async (_, text) => {
  expect((await kernel.send(named(text))).json).toEqual({ id: 'quai', name: text })
  expect((await kernel.get('/v1/posts/quai')).json.name).toBe(text)
  const note = `${text}\n\t${text}`
  const { saleId } = (await kernel.send(sale({ note }))).json
  expect((await kernel.get(`/v1/sales/${saleId}`)).json.note).toBe(note)
})

test('a name of exactly 80 UTF-16 units is taken whole', async () => {
  const name = '😀'.repeat(40)
  expect((await kernel.send(named(name))).json.name).toBe(name)
})

test('minus nothing is nothing, in the answer and in the ledger', async () => {
  const { json, status } = await kernel.send(saleText('"totalCents":300', '"changeCents":-0,"totalCents":300'))
  expect(status).toBe(201)
  expect(Object.is(json.changeCents, 0)).toBe(true)
})

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1+1'])(
  'a spreadsheet does not run the category name %j',
  async (name) => {
    const officialName = name.startsWith('\t') ? name.slice(1) : name
    await kernel.send(category({ officialName }))
    await kernel.send(sale({ lines: [{ categoryId: 'neuve', qty: 3, unitCents: 100 }] }))
    const csv = (await kernel.get('/v1/reports/takings?from=2020-01-01&to=2099-12-31&by=category&format=csv')).text
    expect(csv).toContain(`\r\nneuve,'`)
    expect(csv).not.toMatch(/(^|,|\n)"?[=+@\t]/)
  },
)

test('every time zone that the machine knows is taken, and an unknown one leaves the kernel selling', async () => {
  for (const timeZone of ['Indian/Reunion', 'America/Cayenne', 'Pacific/Noumea', 'America/Port-au-Prince', 'UTC'])
    expect((await kernel.send(site({ timeZone }))).status).toBe(200)
  expect((await kernel.send(site({ timeZone: 'Foo/Bar' }))).status).toBe(422)
  expect((await kernel.send(site({ timeZone: 'Europe/Paris' }))).status).toBe(200)
  expect((await kernel.send(sale())).status).toBe(201)
})

const site = (change: object) =>
  put('/v1/sites/centre', { name: 'Centre', timeZone: 'Europe/Paris', vatRegime: 'exempt', ...change })

const close = (body: object) => post(`/v1/cash-sessions/${centre.sessionId}/close`, body)

const move = (body: object, session = centre.sessionId) => post(`/v1/cash-sessions/${session}/moves`, body)

async function correction(change: object): Promise<Sent> {
  const { depositId, lineId } = await centre.receive()
  return post(`/v1/deposits/${depositId}/lines/${lineId}/corrections`, {
    expectedNetGrams: 5000,
    after: { categoryId: 'textile', grossGrams: 4000 },
    ...change,
  })
}

async function copyWith(raw: string): Promise<Sent> {
  return rawPost(`/v1/sales/${(await centre.sell()).saleId}/copies`, raw)
}

async function refundInSteps(): Promise<Sent> {
  const path = `/v1/sales/${(await centre.sell()).saleId}/refunds`
  await centre.must(kernel.post(path, refundBody(150)))
  await centre.must(kernel.post(path, refundBody(100)))
  return post(path, refundBody(51))
}

async function refundOfRefund(): Promise<Sent> {
  const { refundId } = await centre.must(kernel.send(await refund(100)))
  return post(`/v1/sales/${refundId}/refunds`, refundBody(100))
}

async function voidTwice(): Promise<Sent> {
  const path = `/v1/sales/${(await centre.sell()).saleId}/void`
  await centre.must(kernel.post(path, { sessionId: centre.sessionId }))
  return post(path, { sessionId: centre.sessionId })
}

async function voidAfterRefund(): Promise<Sent> {
  const { saleId } = await centre.sell()
  await centre.must(kernel.post(`/v1/sales/${saleId}/refunds`, refundBody(100)))
  return post(`/v1/sales/${saleId}/void`, { sessionId: centre.sessionId })
}

async function refundAfterVoid(): Promise<Sent> {
  const { saleId } = await centre.sell()
  await centre.must(kernel.post(`/v1/sales/${saleId}/void`, { sessionId: centre.sessionId }))
  return post(`/v1/sales/${saleId}/refunds`, refundBody(100))
}

async function lineForClosed(): Promise<Sent> {
  const { depositId } = await centre.receive()
  await centre.must(kernel.post(`/v1/deposits/${depositId}/close`))
  return post(`/v1/deposits/${depositId}/lines`, { categoryId: 'textile', grossGrams: 5000 })
}

/** A request under the key of a sale that was kept. */
function usedKey(make: () => Sent) {
  return async (): Promise<Sent> => {
    const key = { 'idempotency-key': `used.${crypto.randomUUID()}` }
    await centre.must(kernel.send({ ...sale(), headers: key }))
    return { ...make(), headers: key }
  }
}
