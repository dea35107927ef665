import { afterEach, expect, test } from 'vitest'
import type { Trap } from './fake/paheko.ts'
import { type Bench, openBench } from './support/bench.ts'
import { closingOf } from './support/closing.ts'

let bench: Bench
afterEach(() => bench.stop())

const LINES = ['5115 500 0', '530 1700 0', '7073 0 2000', '754 0 200']

test('a closed session becomes one balanced entry, under a reference that follows from the fact', async () => {
  bench = await openBench()
  const reference = await bench.close(closingOf())
  expect(await bench.session(reference)).toMatchObject({ state: 'to-retry', code: 'new', stateWords: 'à réessayer' })
  await bench.round()

  const [id = 0] = bench.paheko.entries(reference)
  expect(bench.paheko.lines(id).sort()).toEqual(LINES)
  expect(
    bench.paheko.db.prepare('SELECT type, date, id_year, label FROM acc_transactions WHERE id = ?').get(id),
  ).toEqual({
    ...{ type: 0, date: '2026-11-20', id_year: 4, label: 'Caisse caisse-1 du 2026-11-20' },
  })
  expect(await bench.session(reference)).toMatchObject({ state: 'resolved', code: 'booked', entryId: id })
  expect(bench.room.told.map(({ data }) => data)).toMatchObject([
    { reference, state: 'to-retry', code: 'new' },
    { reference, state: 'resolved', code: 'booked', entryId: id },
  ])
})

test('a fact that comes twice, and a second round, make no second entry', async () => {
  bench = await openBench()
  const closing = closingOf()
  const reference = await bench.close(closing)
  await bench.close(closing)
  await bench.round()
  await bench.close(closing)
  await bench.round()
  expect(bench.paheko.entries(reference)).toHaveLength(1)
})

test('Paheko is down at the close: to retry, ever later, and one entry when it is back', async () => {
  bench = await openBench()
  await bench.paheko.down()
  const reference = await bench.close(closingOf())
  const waits: (number | undefined)[] = []
  for (let nth = 0; nth < 3; nth += 1) {
    waits.push(await bench.round())
    expect(await bench.session(reference)).toMatchObject({ state: 'to-retry', code: 'unreachable' })
    bench.later(waits.at(-1) ?? 0)
  }
  expect(waits).toEqual([15_000, 30_000, 60_000])
  await bench.paheko.up()
  await bench.round()
  expect(bench.paheko.entries(reference)).toHaveLength(1)
  expect(bench.room.told.map(({ data }) => (data as { code: string }).code)).toEqual(['new', 'booked'])
})

/** What is known of the real one: each leaves exactly one entry, whatever it answered. */
const KEPT: [Trap, string][] = [
  ['kept-400', 'found'],
  ['kept-500', 'found'],
  ['kept-hang-up', 'found'],
  ['kept-empty', 'found'],
]
test.each(KEPT)(
  'an entry that Paheko kept and answered with %s is found at once, and not made again',
  async (trap, code) => {
    bench = await openBench()
    bench.paheko.trap(trap)
    const reference = await bench.close(closingOf())
    await bench.round()
    expect(await bench.session(reference)).toMatchObject({ state: 'resolved', code })
    expect(bench.paheko.entries(reference)).toHaveLength(1)
  },
)

const LOST: [Trap, string][] = [
  ['locked', 'server-error'],
  ['hang-up', 'unreachable'],
  ['upgrade', 'redirect'],
  ['not-json', 'not-json'],
]
test.each(LOST)('nothing was kept at %s: it waits until that has settled, and makes one', async (trap, code) => {
  bench = await openBench()
  bench.paheko.trap(trap)
  const reference = await bench.close(closingOf())
  const waitMs = (await bench.round()) ?? 0
  expect(await bench.session(reference)).toMatchObject({ state: 'to-retry', code })
  expect(waitMs).toBeGreaterThan(10_000)
  expect(bench.paheko.entries(reference)).toEqual([])
  bench.later(waitMs)
  await bench.round()
  expect(bench.paheko.entries(reference)).toHaveLength(1)
  expect(await bench.session(reference)).toMatchObject({ state: 'resolved' })
})

test('an upgrade that waits redirects everything: nothing is followed, nothing is sent, and it comes through afterwards', async () => {
  bench = await openBench()
  bench.paheko.trap('upgrade', 'any', 50)
  const reference = await bench.close(closingOf())
  const waitMs = (await bench.round()) ?? 0
  expect(await bench.session(reference)).toMatchObject({
    state: 'to-retry',
    code: 'redirect',
    words: '/admin/upgrade.php',
  })
  expect(bench.paheko.requests.filter((one) => !one.includes('/api/'))).toEqual([])
  bench.paheko.heal()
  bench.later(waitMs)
  await bench.round()
  expect(bench.paheko.entries(reference)).toHaveLength(1)
})

test('a request that nobody waits for any more may still do its work: it is looked for before anything is sent again', async () => {
  bench = await openBench({}, 1_000)
  const letGo = bench.paheko.hold()
  const reference = await bench.close(closingOf())
  const waitMs = (await bench.round()) ?? 0
  expect(await bench.session(reference)).toMatchObject({ state: 'to-retry', code: 'timeout' })
  expect(bench.paheko.entries(reference)).toEqual([])
  letGo()
  bench.later(waitMs)
  await bench.round()
  expect(await bench.session(reference)).toMatchObject({ state: 'resolved', code: 'found' })
  expect(bench.paheko.entries(reference)).toHaveLength(1)
})

test('a request that comes through later than anybody waits makes a second entry: the further look finds it and tells', async () => {
  bench = await openBench({}, 1_000)
  const closing = closingOf()
  const letGo = bench.paheko.holdOne()
  const reference = await bench.close(closing)
  bench.later((await bench.round()) ?? 0)
  const confirmMs = (await bench.round()) ?? 0
  expect(await bench.session(reference)).toMatchObject({ state: 'resolved' })
  expect(bench.paheko.entries(reference)).toEqual([1])
  letGo()
  await expect.poll(() => bench.paheko.entries(reference)).toEqual([1, 2])
  bench.later(confirmMs)
  await bench.round()
  expect(await bench.session(reference)).toMatchObject({ state: 'quarantined', code: 'duplicates', words: '#1, #2' })

  bench.paheko.remove(2)
  await bench.retry(closing)
  bench.later((await bench.round()) ?? 0)
  expect(await bench.round()).toBeUndefined()
  expect(await bench.states()).toEqual(['resolved found'])
})

test('a further look that fails on the way takes nothing away from what is there; one that finds nothing sends nothing', async () => {
  bench = await openBench()
  bench.paheko.trap('kept-500')
  const reference = await bench.close(closingOf())
  const confirmMs = (await bench.round()) ?? 0
  await bench.paheko.down()
  bench.later(confirmMs)
  const waitMs = (await bench.round()) ?? 0
  expect(await bench.session(reference)).toMatchObject({ state: 'resolved', code: 'found' })
  await bench.paheko.up()
  bench.paheko.remove(1)
  bench.later(waitMs)
  await bench.round()
  expect(await bench.session(reference)).toMatchObject({ state: 'quarantined', code: 'missing' })
  expect(bench.paheko.entries()).toEqual([])
})

test('a rejection is not hidden by a later try that fails on the way, and goes only when the entry is there', async () => {
  bench = await openBench()
  const closing = closingOf()
  bench.paheko.trap('refuse')
  const reference = await bench.close(closing)
  expect(await bench.round()).toBeUndefined()
  expect(await bench.session(reference)).toMatchObject({
    state: 'rejected',
    code: 'refused',
    words: 'Écriture refusée',
  })

  await bench.paheko.down()
  expect((await bench.retry(closing)).status).toBe(303)
  const waitMs = (await bench.round()) ?? 0
  expect(await bench.session(reference)).toMatchObject({ state: 'rejected', code: 'refused', lastTry: 'unreachable' })
  expect(JSON.parse((await bench.room.request('GET', '/sessions')).text)).toMatchObject({ state: 'rejected' })

  await bench.paheko.up()
  bench.later(waitMs)
  await bench.round()
  expect(await bench.session(reference)).toMatchObject({ state: 'resolved' })
  expect(bench.room.told.map(({ data }) => (data as { state: string }).state)).toEqual([
    'to-retry',
    'rejected',
    'resolved',
  ])
})

const SHUT: [string, string, string][] = [
  ['2023-06-01', 'year-closed', 'Exercice 2023'],
  ['2024-06-01', 'year-locked', 'Exercice 2024'],
  ['2031-06-01', 'year-none', '2031-06-01'],
]
test.each(SHUT)('no open year takes %s (%s): that is said before anything is sent', async (day, code, words) => {
  bench = await openBench()
  const reference = await bench.close(closingOf(), day)
  await bench.round()
  expect(await bench.session(reference)).toMatchObject({ state: 'quarantined', code, words })
  expect(bench.paheko.requests).not.toContain('POST /api/accounting/transaction')
})

test('two open years over one day, and an account that the chart lacks, are a person’s matter; mended, it comes through by itself', async () => {
  bench = await openBench({ accounts: { sales: '70799' } })
  bench.paheko.db.exec("INSERT INTO acc_years VALUES (6, 'Double', '2026-07-01', '2027-06-30', 0, 1)")
  const reference = await bench.close(closingOf())
  const first = (await bench.round()) ?? 0
  expect(await bench.session(reference)).toMatchObject({ code: 'year-several', words: 'Double, Exercice 2026' })
  bench.paheko.db.exec('DELETE FROM acc_years WHERE id = 6')
  bench.later(first)
  const second = (await bench.round()) ?? 0
  expect(await bench.session(reference)).toMatchObject({
    state: 'quarantined',
    code: 'accounts-unknown',
    words: '70799',
  })
  bench.paheko.db.exec("INSERT INTO acc_accounts VALUES (999, 1, '70799', 'Ventes du dimanche', 5, 6)")
  bench.later(second)
  await bench.round()
  expect(await bench.session(reference)).toMatchObject({ state: 'resolved', code: 'booked' })
  expect(bench.paheko.requests.filter((one) => one === 'POST /api/accounting/transaction')).toHaveLength(1)
})

const SHUT_OUT: [string, object, string][] = [
  ['a wrong password', { password: 'env:PAHEKO_TEST_WRONG' }, 'credentials'],
  ['a key that may only read', { user: 'env:PAHEKO_TEST_READER', password: 'env:PAHEKO_TEST_READS' }, 'rights'],
]
test.each(SHUT_OUT)('%s is the operator’s matter, and new settings are tried at once', async (_, settings, code) => {
  process.env.PAHEKO_TEST_WRONG = 'not-this-0ne'
  process.env.PAHEKO_TEST_READER = 'readkey'
  process.env.PAHEKO_TEST_READS = 'r-s3cret'
  bench = await openBench(settings)
  const reference = await bench.close(closingOf())
  await bench.round()
  expect(await bench.session(reference)).toMatchObject({ state: 'quarantined', code })
  expect(bench.paheko.entries()).toEqual([])
  await bench.set({ user: 'env:PAHEKO_TEST_USER', password: 'env:PAHEKO_TEST_PASSWORD' })
  await expect.poll(() => bench.session(reference)).toMatchObject({ nextAt: '2026-11-20T18:00:00.000Z' })
  await bench.round()
  expect(await bench.session(reference)).toMatchObject({ state: 'resolved' })
})

test('an address that Paheko blocks, and one where something else answers, are told apart', async () => {
  bench = await openBench()
  bench.paheko.trap('blocked', 'any', 1)
  const blocked = await bench.close(closingOf())
  await bench.round()
  expect(await bench.session(blocked)).toMatchObject({ state: 'quarantined', code: 'blocked' })
  await bench.set({ url: `${bench.paheko.url}/elsewhere/` })
  await expect.poll(() => bench.session(blocked)).toMatchObject({ nextAt: '2026-11-20T18:00:00.000Z' })
  await bench.round()
  expect(await bench.session(blocked)).toMatchObject({
    state: 'quarantined',
    code: 'not-paheko',
  })
})

test('an entry under our reference that is another one is never touched: a person compares', async () => {
  bench = await openBench()
  bench.paheko.trap('other-date')
  const silent = await bench.close(closingOf())
  await bench.round()
  expect(await bench.session(silent)).toMatchObject({ state: 'quarantined', code: 'different', words: '#1' })
  expect(bench.paheko.entries(silent)).toEqual([1])
  bench.paheko.trap('other-amount')
  const other = await bench.close(closingOf())
  await bench.round()
  expect(await bench.session(other)).toMatchObject({ state: 'quarantined', code: 'different', words: '#2' })
  bench.later(86_400_000)
  await bench.round()
  expect(bench.paheko.entries()).toEqual([1, 2])
})

test('two entries under one reference are reported with their numbers, and nothing is sent', async () => {
  bench = await openBench()
  const closing = closingOf()
  const reference = `RECYCLIQUE-2026-11-20-caisse-1-${closing.sessionId.slice(-12)}`
  bench.paheko.db.exec(
    `INSERT INTO acc_transactions (type, label, reference, date, id_year) VALUES (0, 'a', '${reference}', '2026-11-20', 4), (0, 'b', '${reference}', '2026-11-20', 4)`,
  )
  await bench.close(closing)
  await bench.round()
  expect(await bench.session(reference)).toMatchObject({ state: 'quarantined', code: 'duplicates', words: '#1, #2' })
})

test('an entry that was made under an older mapping is still ours', async () => {
  bench = await openBench({}, 1_000)
  const letGo = bench.paheko.hold()
  const reference = await bench.close(closingOf())
  const waitMs = (await bench.round()) ?? 0
  letGo()
  await bench.set({ accounts: { sales: '707' } })
  await expect.poll(() => bench.session(reference)).toMatchObject({ nextAt: '2026-11-20T18:00:00.000Z' })
  bench.later(waitMs)
  await bench.round()
  expect(await bench.session(reference)).toMatchObject({ state: 'resolved', code: 'found' })
})

test('a label that was kept in another encoding spoils no search: none is asked for', async () => {
  bench = await openBench()
  const form =
    'id_year=4&label=V%E9lo&date=2026-11-20&type=ADVANCED&reference=LATIN&lines[0][account]=530&lines[0][debit]=1&lines[1][account]=707&lines[1][credit]=1'
  await fetch(`${bench.paheko.url}/api/accounting/transaction`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${btoa('writekey:w-s3cret')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: form,
  })
  const reference = await bench.close(closingOf())
  await bench.round()
  expect(bench.paheko.entries('LATIN')).toHaveLength(1)
  expect(await bench.session(reference)).toMatchObject({ state: 'resolved', code: 'booked' })
})

test('members are linked in a second call; one that Paheko does not know leaves one entry, and is said', async () => {
  bench = await openBench()
  const closing = closingOf()
  const reference = await bench.close(closing)
  const link = (members: unknown) =>
    bench.room.request('POST', `/sessions/${closing.sessionId}/members`, { json: { members } })
  expect((await link(['2'])).status).toBe(400)
  expect((await link([2, 999])).status).toBe(202)
  await bench.round()
  expect(await bench.session(reference)).toMatchObject({
    state: 'quarantined',
    code: 'members-unknown',
    words: 'User ID does not exist: 999',
  })
  expect((await link([2, 3])).status).toBe(202)
  await bench.round()
  expect(await bench.session(reference)).toMatchObject({ state: 'resolved' })
  expect(bench.paheko.entries(reference)).toHaveLength(1)
  expect(
    bench.paheko.db
      .prepare('SELECT id_user FROM acc_transactions_users')
      .all()
      .map(({ id_user }) => id_user),
  ).toEqual([2, 3])
})

test('no credential comes into a log, a fact, a page or an answer, whatever goes wrong', async () => {
  bench = await openBench({ password: 'env:PAHEKO_TEST_WRONG' })
  process.env.PAHEKO_TEST_WRONG = 'not-this-0ne'
  await bench.close(closingOf())
  await bench.round()
  await bench.paheko.down()
  await bench.close(closingOf())
  await bench.round()
  const said = [
    ...bench.logged,
    JSON.stringify(bench.room.told),
    (await bench.room.request('GET', '/')).text,
    (await bench.room.request('GET', '/sessions')).text,
  ].join('\n')
  expect(said).toContain('en quarantaine')
  for (const secret of ['not-this-0ne', 'w-s3cret', btoa('writekey:not-this-0ne')]) expect(said).not.toContain(secret)
})

test('a button that another site presses does nothing', async () => {
  bench = await openBench()
  const closing = closingOf()
  await bench.close(closing)
  const foreign = await bench.room.request('POST', `/sessions/${closing.sessionId}/retry`, {
    headers: { 'sec-fetch-site': 'cross-site' },
  })
  expect(foreign.status).toBe(403)
})
