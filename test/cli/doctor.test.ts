import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { appendFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { examine } from '../../cli/doctor/doctor.ts'
import type { Check, Level, Place } from '../../cli/doctor/finding.ts'
import { dataFolder, keyFiles } from '../../cli/doctor/folders.ts'
import { activeModules, kernel } from '../../cli/doctor/kernel.ts'
import { natsServer } from '../../cli/doctor/program.ts'
import { keyring, ledger } from '../../cli/doctor/records.ts'
import { crashes, port } from '../../cli/doctor/running.ts'
import { wishes } from '../../cli/doctor/wishes.ts'
import { takeLock } from '../../cli/up/lock.ts'
import { leaveAddress, runFiles } from '../../cli/up/run-file.ts'
import { startKernelProcess } from '../support/kernel-process.ts'
import { canSeeProcesses } from './support/processes.ts'
import { runCli } from './support/run-cli.ts'
import { makeUps, type StartedUp, type Ups, until } from './support/up.ts'

const SILENT = { onLook: () => {}, onFinding: () => {} }

/** A centre that sold nothing yet and was stopped in order, made once and copied for each test. */
let sample: string
let folder: string
let data: string
beforeAll(async () => {
  sample = mkdtempSync(join(tmpdir(), 'recyclique-doctor-'))
  expect(await runCli(['keys', 'init'], { RECYCLIQUE_DATA: sample })).toMatchObject({ code: 0 })
  const started = await startKernelProcess({ dataDir: sample })
  expect(await started.stop()).toBe(0)
})
afterAll(() => rmSync(sample, { recursive: true, force: true }))
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'recyclique-doctor-'))
  data = join(folder, 'data')
  cpSync(sample, data, { recursive: true })
  for (const one of [data, join(data, 'keys')]) chmodSync(one, 0o700)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const placeOf = (more: Partial<Place> = {}, env: NodeJS.ProcessEnv = {}): Place => ({
  data,
  keys: join(data, 'keys'),
  host: '127.0.0.1',
  port: 0,
  url: undefined,
  now: () => new Date(),
  ...more,
  env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
})
/** What it finds that is not as it should be, as `level about: words`. */
const troubles = async (place: Place, ...checks: Check[]): Promise<string[]> =>
  (await examine(place, SILENT, checks.length > 0 ? checks : undefined))
    .filter(({ level }) => level !== 'ok')
    .map((one) => `${one.level} ${one.about}: ${one.words}`)
const trouble = (level: Level, about: string, words: string) =>
  expect.stringMatching(new RegExp(`^${level} ${about}: .*${words}`))

test('a centre that was stopped in order is well, and looking changes nothing of it', async () => {
  const before = snapshotOf(data)
  expect(await troubles(placeOf())).toEqual([])
  expect(snapshotOf(data)).toEqual(before)
})

test('where nothing is yet, nothing is wrong, and nothing is made', async () => {
  const nowhere = join(folder, 'nowhere')
  expect(await troubles(placeOf({ data: nowhere, keys: join(nowhere, 'keys') }))).toEqual([])
  expect(existsSync(nowhere)).toBe(false)
})

test('keys that others can read are named, with the command that closes them', async () => {
  chmodSync(join(data, 'keys', 'operator.seed'), 0o644)
  chmodSync(data, 0o755)
  const findings = await examine(placeOf(), SILENT, [dataFolder, keyFiles])
  expect(findings).toContainEqual({
    about: 'keys',
    level: 'bad',
    words: `others on this machine can read ${join(data, 'keys', 'operator.seed')}`,
    remedy: `chmod -R go-rwx ${join(data, 'keys')}`,
  })
  expect(findings).toContainEqual(expect.objectContaining({ level: 'warn', remedy: `chmod go-rwx ${data}` }))
})

test.each([
  ['operator.seed', trouble('bad', 'keys', 'operator.seed is gone .* restore the folder|lacks operator.seed')],
  ['seal.pem', trouble('bad', 'keys', 'there is no .*seal.pem')],
  ['head', trouble('bad', 'ledger', 'the head file is gone')],
])('the lack of %s in the keys is found', async (file, expected) => {
  unlinkSync(join(data, 'keys', file))
  expect(await troubles(placeOf(), keyring, ledger)).toEqual([expected])
})

test('keys of another site are found', async () => {
  const found = await troubles(placeOf({}, { RECYCLIQUE_SITE: 'autre' }), keyring)
  expect(found).toEqual([trouble('bad', 'keys', "for site 'centre', but RECYCLIQUE_SITE says 'autre'")])
})

test('a ledger whose end was cut off is found by its head file, and one that is no database as well', async () => {
  await appendFile(join(data, 'keys', 'head'), `999 ${'a'.repeat(64)}\n`)
  expect(await troubles(placeOf(), ledger)).toEqual([trouble('bad', 'ledger', 'but 999 was reached before')])
  for (const beside of ['-wal', '-shm']) rmSync(join(data, `ledger.sqlite${beside}`), { force: true })
  writeFileSync(join(data, 'ledger.sqlite'), 'no database'.repeat(1000))
  expect(await troubles(placeOf(), ledger)).toEqual([trouble('bad', 'ledger', 'it cannot be opened: .*not a database')])
})

test('a clock in the past is found', async () => {
  const found = await troubles(placeOf({ now: () => new Date('2020-01-01T00:00:00Z') }), ledger)
  expect(found).toEqual([trouble('bad', 'clock', 'says 2020-01-01T00:00:00.000Z, but a fact was kept at 20')])
})

test('a configuration that cannot be taken is named by line, a module that is not there by name', async () => {
  const file = join(folder, 'recyclique.yaml')
  writeFileSync(file, 'modules:\n  - name: labels\n    enabld: true\n')
  expect(await troubles(placeOf({}, { RECYCLIQUE_CONFIG: file }), wishes)).toEqual([
    trouble('bad', 'configuration', 'line 3: '),
  ])
  writeFileSync(file, 'modules:\n  - name: labels\n')
  const found = await troubles(placeOf({}, { RECYCLIQUE_CONFIG: file }), wishes)
  expect(found).toEqual([trouble('bad', 'configuration', 'labels cannot be started: .* no such module')])
})

test('a nats-server that is named and is none, one that is too old and one that is silent are found', async () => {
  const old = join(folder, 'nats-server')
  writeFileSync(old, '#!/bin/sh\necho "nats-server: v2.9.10"\n', { mode: 0o755 })
  const named = await troubles(placeOf({}, { RECYCLIQUE_NATS_SERVER: '/bin/true' }), natsServer)
  expect(named).toEqual([trouble('bad', 'nats-server', '/bin/true, which does not run as a nats-server')])
  const onPath = await troubles(placeOf({}, { PATH: folder, HOME: folder }), natsServer)
  expect(onPath).toContainEqual(trouble('warn', 'nats-server', '2.9.10 is under 2.10.23'))
  const silent = await troubles(placeOf({}, { NATS_URL: 'nats://127.0.0.1:9' }), natsServer)
  expect(silent).toEqual([trouble('bad', 'nats-server', 'nobody answers at nats://127.0.0.1:9')])
})

describe('a port that somebody has', () => {
  let other: Server
  beforeEach(async () => {
    other = createServer((_, answer) => answer.end('hello'))
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  })
  afterEach(() => void other.close())

  test.runIf(canSeeProcesses)('is named with the process that has it', async () => {
    const { port: taken } = other.address() as AddressInfo
    const found = await troubles(placeOf({ port: taken }), port)
    expect(found).toEqual([trouble('bad', 'port', `port ${taken} .* it is process ${process.pid} `)])
  })
})

test('who is in quarantine is bad, who only crashed is to be looked at, who crashed long ago is forgotten', async () => {
  const at = (hoursAgo: number) => new Date(Date.now() - hoursAgo * 3_600_000).toISOString()
  const crash = (name: string, hoursAgo: number) => ({ name, at: at(hoursAgo), livedMs: 3, how: 'ended with code 1' })
  const history = [
    crash('kernel', 30),
    crash('kernel', 1),
    { ...crash('labels', 0), isLast: true },
    crash('scales', 40),
  ]
  mkdirSync(join(data, 'run'), { mode: 0o700 })
  writeFileSync(join(data, 'run', 'crashes.json'), JSON.stringify(history))
  expect(await troubles(placeOf(), crashes)).toEqual([
    trouble('bad', 'crashes', 'labels is in quarantine since'),
    trouble('warn', 'crashes', 'kernel crashed once in the last day .* it ended with code 1'),
  ])
})

describe('what the kernel says', () => {
  let says: Record<string, unknown>
  let server: Server
  const place = () => placeOf({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
  const relay = { state: 'idle', behind: 0 }
  beforeEach(async () => {
    says = {}
    server = createServer((request, answer) => answer.end(JSON.stringify(says[request.url ?? ''] ?? {})))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
  afterEach(() => void server.close())

  test('what keeps it from being well is bad, what it sells through is to be looked at', async () => {
    const reasons = ['the ledger was altered']
    says['/readyz'] = { status: 'degraded', reasons, site: 'centre', relay }
    says['/v1/control/health'] = { ok: false, kernel: { ok: false } }
    expect(await troubles(place(), kernel)).toEqual(['bad kernel: the ledger was altered'])
    says['/v1/control/health'] = { ok: true, kernel: { ok: true } }
    expect(await troubles(place(), kernel)).toEqual(['warn kernel: the ledger was altered'])
  })

  test('a relay that is far behind is to be looked at', async () => {
    says['/readyz'] = { status: 'ready', reasons: [], site: 'centre', relay: { state: 'telling', behind: 5_000 } }
    expect(await troubles(place(), kernel)).toEqual(['warn kernel: 5000 facts have not been told yet'])
  })

  test('who is not at work is named with every reason, and so is what could not be taken', async () => {
    const well = { state: 'active', desired: 'enabled', blocked: false, reasons: [], deadLetters: 0 }
    says['/v1/modules'] = {
      items: [
        { ...well, name: 'figures', deadLetters: 2 },
        { ...well, name: 'labels', state: 'rejected', reasons: ['hears what nobody tells.'] },
        { ...well, name: 'paheko', state: 'pending', reasons: ['it waits for figures ^2.'] },
        { ...well, name: 'resting', state: 'disabled', desired: 'disabled' },
        { ...well, name: 'slow', lag: 9_000 },
      ],
    }
    expect(await troubles(place(), activeModules)).toEqual([
      'warn modules: figures could not take 2 facts',
      'bad modules: labels is rejected: hears what nobody tells.',
      'warn modules: paheko is pending: it waits for figures ^2.',
      'warn modules: slow has 9000 facts to hear yet',
    ])
  })

  test('who was removed is passed over where everything is started here; who lies here and does not run is named, with what to type', async () => {
    const stopped = { state: 'stopped', desired: 'enabled', blocked: false, reasons: [], deadLetters: 0, instances: [] }
    says['/v1/modules'] = {
      items: [
        { ...stopped, name: 'removed' },
        { ...stopped, name: 'live-figures' },
      ],
    }
    expect(await troubles(place(), activeModules)).toHaveLength(2)
    const lock = await takeLock(runFiles(data).lock)
    await leaveAddress(data, place().url ?? '')

    expect(await examine(place(), SILENT, [activeModules])).toEqual([
      {
        ...{ about: 'modules', level: 'warn', words: 'live-figures is stopped' },
        remedy: 'npx recyclique modules explain live-figures   says all of it, and what to do',
      },
    ])
    await lock.release()
  })

  test('who answers and is no kernel of ours is not taken for one', async () => {
    expect(await troubles(place(), kernel, activeModules)).toEqual([trouble('bad', 'kernel', 'nobody answers')])
  })
})

describe.runIf(canSeeProcesses)('while everything runs', { timeout: 60_000 }, () => {
  let ups: Ups
  let up: StartedUp
  beforeAll(async () => {
    ups = await makeUps()
    up = ups.up('--no-demo')
    await up.url()
  }, 60_000)
  afterAll(() => ups.clean())
  const doctor = (...args: string[]) => runCli(['doctor', ...args], { RECYCLIQUE_DATA: ups.folder })
  const runs = (what: string) => up.who(what)[0]!.pid

  test('all is well, and a person and a program read it', async () => {
    const said = await doctor()
    expect(said.stdout).toMatch(/^ok {4}kernel +it sells at http:\S+, site 'centre', and every fact is told$/m)
    expect(said.stdout).toMatch(/^ok {4}modules +at work: live-figures$/m)
    expect(said.stdout.trim().endsWith('All is well.')).toBe(true)
    expect(said).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse((await doctor('--json')).stdout)).toMatchObject({ ok: true })
  })

  test('a server that hangs, a kernel that hangs and a module that died are found', async () => {
    const hung = [runs('nats-server'), runs('kernel/main.ts')]
    process.kill(runs('modules/live-figures/main.ts'), 'SIGKILL')
    await until('it is back', () => up.text().includes('live-figures is back'))
    for (const pid of hung) process.kill(pid, 'SIGSTOP')
    try {
      const said = await doctor()
      expect(said.stdout).toMatch(/^BAD {3}nats-server +nobody answers at nats:/m)
      expect(said.stdout).toMatch(/^BAD {3}kernel +nobody answers at http:/m)
      expect(said.stdout).toMatch(/^look {2}crashes +live-figures crashed once/m)
      expect(said.stdout).toMatch(/\n2 things are wrong/)
      expect(said.code).toBe(1)
    } finally {
      for (const pid of hung) process.kill(pid, 'SIGCONT')
    }
  })
})

/** Every file with its time and size: what `doctor` must leave as it is. How SQLite's processes speak with each other is not kept. */
function snapshotOf(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => !name.endsWith('.sqlite-shm'))
    .map((name) => ({ name, ...statSync(join(root, name)) }))
    .map(({ name, mtimeMs, size, mode }) => `${name} ${mtimeMs} ${size} ${mode}`)
    .sort()
}
