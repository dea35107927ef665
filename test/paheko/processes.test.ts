import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Body, type Centre, factsNamed, setUpCentre } from '../integration/centre.ts'
import { type Child, moduleEnv, startChild } from '../modules/child.ts'
import { IS_LONG } from '../support/check.ts'
import { type KernelProcess, startKernelProcess } from '../support/kernel-process.ts'
import { startTestServer, type TestServer } from '../support/nats.ts'
import { until } from '../support/wait.ts'
import { type FakePaheko, startFakePaheko } from './fake/paheko.ts'

// Scenario 17 of the domain, and what may die around it: kernel, nats-server and module in processes of their own.

vi.setConfig({ testTimeout: 300_000 })

/** Each costs the start of a process: where time counts, some of them. */
const KILLS = IS_LONG ? 20 : 6

const PASSWORD = 'w-s3cret'

let server: TestServer
let kernel: KernelProcess
let centre: Centre
let paheko: FakePaheko
let environment: Record<string, string>
const children: Child[] = []

beforeAll(async () => {
  server = await startTestServer({ site: 'essai' })
  paheko = await startFakePaheko()
  const env = { RECYCLIQUE_KEYS: server.keyring.folder, RECYCLIQUE_SITE: 'essai' }
  kernel = await startKernelProcess({ nats: server.url, env })
  centre = await setUpCentre(kernel)
  environment = {
    ...(await moduleEnv(server, 'paheko', '')),
    ...{ PAHEKO_USER: 'writekey', PAHEKO_PASSWORD: PASSWORD },
    // Two dozen processes read the same sources.
    NODE_COMPILE_CACHE: join(tmpdir(), 'recyclique-compile-cache'),
    RECYCLIQUE_MODULE_CONFIG: JSON.stringify({
      ...{ url: `${paheko.url}/admin/`, user: 'env:PAHEKO_USER', password: 'env:PAHEKO_PASSWORD' },
    }),
  }
})
afterAll(async () => {
  for (const { process } of children) process.kill('SIGKILL')
  await Promise.all(children.map(({ ended }) => ended))
  await kernel.done()
  await server.stop()
  await paheko.stop()
})

const begin = (): Child => {
  const child = startChild('test/paheko/support/quick-main.ts', {
    ...environment,
    RECYCLIQUE_INSTANCE: `paheko-${children.length + 1}`,
  })
  children.push(child)
  return child
}
const start = async (): Promise<Child> => {
  const child = begin()
  await child.lines.first((line) => line.includes('"admitted"'))
  return child
}
const kill = async ({ process, ended }: Child, signal: NodeJS.Signals = 'SIGKILL') => {
  process.kill(signal)
  await ended
}

/** A session with one sale, closed; its id. */
const closeOne = async (registerId = 'caisse-1', mode = 'live'): Promise<string> => {
  const sessionId = await centre.open({ registerId, mode })
  await centre.sell(sessionId, { cents: 300 })
  const closed = await centre.post(`/v1/cash-sessions/${sessionId}/close`, {
    counted: [{ methodId: 'cash', cents: 5_300 }],
  })
  yearAround(closed.businessDate)
  return sessionId
}
/** The made-up Paheko knows some years; today may lie behind them. */
const yearAround = (day: string) => {
  const year = day.slice(0, 4)
  paheko.db.exec(
    `INSERT INTO acc_years SELECT 100, 'Exercice ${year}', '${year}-01-01', '${year}-12-31', 0, 1
     WHERE NOT EXISTS (SELECT 1 FROM acc_years WHERE status = 0 AND '${day}' BETWEEN start_date AND end_date)`,
  )
}

const sessions = async (): Promise<Body[]> => (await centre.get('/m/paheko/sessions')).items
const stateOf = async (sessionId: string) => (await sessions()).find((one) => one.sessionId === sessionId)
const whenIn = (sessionId: string, state: string) =>
  until(async () => {
    const found = await stateOf(sessionId)
    return found?.state === state && found
  }, 30_000)
const entriesOf = (sessionId: string) =>
  paheko.db
    .prepare('SELECT id FROM acc_transactions WHERE reference LIKE ?')
    .all(`RECYCLIQUE-%-${sessionId.slice(-12)}`)
    .map(({ id }) => Number(id))
const command = async (name: string, args: object = {}): Promise<string> =>
  (await centre.post(`/v1/modules/paheko/commands/${name}`, { args })).text

let before: string
test('without the module a session closes as always, and nothing is booked', async () => {
  before = await closeOne()
  expect(paheko.requests).toEqual([])
})

test('scenario 17: Paheko is down at the close: the session closes, its state is seen, and one entry stands there afterwards', async () => {
  await start()
  await paheko.down()
  const begun = performance.now()
  const sessionId = await closeOne()
  expect(performance.now() - begun).toBeLessThan(5_000)
  expect(await whenIn(sessionId, 'to-retry')).toMatchObject({ stateWords: 'à réessayer', registerId: 'caisse-1' })
  await until(async () => (await stateOf(sessionId))?.code === 'unreachable')

  await paheko.up()
  const { entryId } = await whenIn(sessionId, 'resolved')
  expect(entriesOf(sessionId)).toEqual([entryId])
  expect(paheko.lines(entryId)).toEqual(['530 300 0', '7073 0 300'])
  // It is told after it is kept.
  const told = () =>
    factsNamed(kernel.dataDir, 'paheko.state.changed').filter(({ data }) => data.sessionId === sessionId)
  await until(() => told().length > 1)
  expect(told().map(({ data }) => data.state)).toEqual(['to-retry', 'resolved'])
})

test('scenario 17 with the answer dropped after the create, with two replicas, over several sessions at once', async () => {
  await start()
  paheko.trap('kept-hang-up', 'create', 2)
  paheko.trap('kept-400', 'create', 1)
  paheko.trap('locked', 'create', 1)
  const closed = [await closeOne(), await closeOne('caisse-2'), await closeOne(), await closeOne('caisse-2')]
  for (const sessionId of closed) await whenIn(sessionId, 'resolved')
  expect(closed.map((sessionId) => entriesOf(sessionId).length)).toEqual([1, 1, 1, 1])
})

test('one that is killed in mid-work, time after time, loses nothing and doubles nothing', async () => {
  const closed: string[] = []
  begin()
  for (let round = 0; round < KILLS; round += 1) {
    const letGo = paheko.holdOne()
    closed.push(await closeOne(round % 2 === 0 ? 'caisse-1' : 'caisse-2'))
    await until(() => paheko.held > 0, 30_000)
    const running = children.filter(({ process }) => process.exitCode === null && process.signalCode === null)
    const [victim = await start()] = running
    // Some requests come through although nobody waits for them any more, some while their process dies.
    if (round % 3 === 0) letGo()
    const dying = kill(victim)
    letGo()
    await dying
    begin()
  }
  for (const sessionId of closed) await whenIn(sessionId, 'resolved')
  expect(closed.filter((sessionId) => entriesOf(sessionId).length !== 1)).toEqual([])
})

test('a writer that stands still in mid-request and goes on when another one has written: the second entry is found and told', async () => {
  for (const child of children.filter(({ process }) => process.exitCode === null)) await kill(child)
  const sleeper = await start()
  const letGo = paheko.holdOne()
  const sessionId = await closeOne()
  await until(() => paheko.held > 0, 30_000)
  sleeper.process.kill('SIGSTOP')
  await start()
  await until(() => entriesOf(sessionId).length === 1, 60_000)
  letGo()
  await until(() => entriesOf(sessionId).length === 2)
  sleeper.process.kill('SIGCONT')

  expect(await whenIn(sessionId, 'quarantined')).toMatchObject({ code: 'duplicates' })
  paheko.remove(entriesOf(sessionId)[1] ?? 0)
  expect(await command('retry', { session: sessionId })).toMatch(/is tried again now/)
  expect(await whenIn(sessionId, 'resolved')).toMatchObject({ code: 'found' })
})

/** On a busy machine an answer may come too late: then the entry is found, and looked at once more before it is done. */
const bookedAtOnce = async () => {
  const found = await whenIn(await closeOne(), 'resolved')
  return found.code === 'booked' && found
}

test('check shows the accounts with their labels, and what does not stand in Paheko once', async () => {
  const { sessionId, reference, entryId } = await until(bookedAtOnce, 60_000)
  const well = await command('check')
  expect(well).toMatch(/sales +7073 +Ventes de dons en nature/)
  expect(well).toMatch(/paid by cash +530 +Caisse/)
  expect(well).toMatch(/each is there once/)
  paheko.remove(entryId)
  expect(await command('check')).toContain(`${reference} is not there any more`)
  expect(await stateOf(sessionId)).toMatchObject({ state: 'quarantined', code: 'missing' })
  await command('retry', { session: reference })
  await whenIn(sessionId, 'resolved')
  expect(entriesOf(sessionId)).toHaveLength(1)
})

test('resync brings in what was closed before the module was there, once; a dry run shows it and writes nothing; training never', async () => {
  const training = await closeOne('caisse-1', 'training')
  expect(entriesOf(before)).toEqual([])
  const asked = paheko.requests.filter((one) => one === 'POST /api/accounting/transaction').length
  const dry = await command('resync', { from: '2020-01-01', 'dry-run': 'true' })
  expect(dry).toMatch(new RegExp(`RECYCLIQUE-.*-${before.slice(-12)} {2}would be sent into Exercice`))
  expect(dry).toMatch(/530 +Caisse +3,00\s€ +Espèces/)
  expect(dry).toMatch(/is there \(#\d+\)/)
  expect(paheko.requests.filter((one) => one === 'POST /api/accounting/transaction')).toHaveLength(asked)

  expect(await command('resync', { from: '2020-01-01' })).toMatch(/1 session\(s\) are new/)
  await whenIn(before, 'resolved')
  await until(async () => (await sessions()).every(({ state }) => state === 'resolved'), 30_000)
  expect(entriesOf(before)).toHaveLength(1)
  expect(entriesOf(training)).toEqual([])
  await expect(command('resync', { from: 'hier' })).rejects.toThrow(/--from must be a day such as 2026-01-01/)
})

test('nothing that any of the processes wrote holds a credential', async () => {
  const secrets = [PASSWORD, Buffer.from(`writekey:${PASSWORD}`).toString('base64')]
  const written = [...children.flatMap(({ lines, complaints }) => [...lines.got, complaints()]), kernel.log()].join(
    '\n',
  )
  expect(written).toContain('a session was tried')
  for (const secret of secrets) expect(written).not.toContain(secret)
})
