import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { keepingLog, openLogFiles } from '../../cli/up/log-files.ts'
import { readUpOptions } from '../../cli/up/options.ts'
import { makeScreen } from '../../cli/up/screen.ts'
import { canSeeProcesses } from './support/processes.ts'
import { makeUps } from './support/up.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'recyclique-log-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const now = () => new Date('2026-03-02T18:05:00Z')
const troubles: string[] = []
const open = (mostMb = 1) =>
  openLogFiles({ folder: join(folder, 'log'), mostMb, now, trouble: (words) => troubles.push(words) })
const linesOf = (name: string): Record<string, unknown>[] =>
  readFileSync(join(folder, 'log', name), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

test('every line is one of JSON that says whose it is, whatever it was before', () => {
  const log = open()
  log.hear('kernel', '{"level":30,"time":1,"msg":"a sale"}')
  log.hear('paheko', 'TypeError: no price list')
  log.hear('paheko', '{ not: JSON }')
  log.hear('paheko', '   ')
  log.hear('nats-server', '[7] 2026/03/02 18:05:00.000001 [ERR] no space left')
  log.say('paheko is back', 'warn')
  log.close()
  const time = now().getTime()
  expect(linesOf('recyclique.log')).toEqual([
    { source: 'kernel', level: 30, time: 1, msg: 'a sale' },
    { source: 'paheko', level: 30, time, msg: 'TypeError: no price list' },
    { source: 'paheko', level: 30, time, msg: '{ not: JSON }' },
    { source: 'nats-server', level: 50, time, msg: '[7] 2026/03/02 18:05:00.000001 [ERR] no space left' },
    { source: 'recyclique', level: 40, time, msg: 'paheko is back' },
  ])
})

test('the last megabytes stay and no more, the newest lines first in line; another start goes on in the same file', () => {
  const long = 'x'.repeat(1_000)
  for (const part of [0, 1]) {
    const log = open()
    for (let nth = 0; nth < 1_500; nth += 1) log.hear('kernel', `${part * 1_500 + nth} ${long}`)
    log.close()
  }
  const files = readdirSync(join(folder, 'log')).sort()
  expect(files).toEqual([
    'recyclique.1.log',
    'recyclique.2.log',
    'recyclique.3.log',
    'recyclique.4.log',
    'recyclique.log',
  ])
  const bytes = files.map((name) => statSync(join(folder, 'log', name)).size)
  expect(Math.max(...bytes)).toBeLessThanOrEqual((1024 * 1024) / 5)
  const order = [...files.slice(0, 4).reverse(), 'recyclique.log']
    .flatMap(linesOf)
    .map(({ msg }) => parseInt(String(msg), 10))
  expect(order.at(-1)).toBe(2_999)
  expect(order.length).toBeGreaterThan(800)
  expect(order).toEqual(order.map((_, nth) => order[0]! + nth))
})

test.runIf(process.platform !== 'win32')('nobody else on the machine reads it', () => {
  open().close()
  expect(statSync(join(folder, 'log', 'recyclique.log')).mode & 0o077).toBe(0)
})

test('where it cannot be written later the reason is said once, and the screen goes on', () => {
  const shown: string[] = []
  const out = { write: (text: string) => shown.push(text) > 0 }
  const log = open()
  const screen = keepingLog(makeScreen(out, {}, now), log)
  screen.open()
  screen.say('before')
  // What stands in the way of the next file: a folder where the oldest one would be.
  mkdirSync(join(folder, 'log', 'recyclique.4.log', 'in-the-way'), { recursive: true })
  for (const nth of [1, 2, 3]) screen.say(`${nth} ${'x'.repeat(300_000)}`)
  expect(troubles).toHaveLength(1)
  expect(troubles[0]).toContain(`the log in ${join(folder, 'log')} cannot be written, and lines are lost`)
  expect(shown.filter((line) => line.includes('xxx'))).toHaveLength(3)
  rmSync(join(folder, 'log', 'recyclique.4.log'), { recursive: true })
  screen.say('after')
  log.close()
  expect(linesOf('recyclique.log').map(({ msg }) => msg)).toEqual(['before', 'after'])
})

test('a folder that cannot be one is named before anything starts', () => {
  writeFileSync(join(folder, 'log'), 'a file')
  expect(() => open()).toThrow(/the log cannot be kept in .+log: .+Name another folder with --log-dir/)
})

test('where and how much is said on the command line, else in the environment', () => {
  const logs = (flags: object, env: NodeJS.ProcessEnv = {}) => readUpOptions(flags, env).logs
  expect(logs({})).toBeUndefined()
  expect(logs({ logDir: '/var/log/recyclique' })).toEqual({ folder: '/var/log/recyclique', mostMb: 50 })
  expect(logs({ logMb: '5' }, { RECYCLIQUE_LOG_DIR: '/a', RECYCLIQUE_LOG_MB: '7' })).toEqual({
    folder: '/a',
    mostMb: 5,
  })
  expect(() => logs({ logDir: '/a', logMb: '0' })).toThrow("'0' is no size for the log")
  expect(() => logs({ logMb: '5' })).toThrow('say where with --log-dir FOLDER')
})

test.runIf(canSeeProcesses)('`recyclique up` keeps the log of everybody', { timeout: 90_000 }, async () => {
  const ups = await makeUps()
  try {
    const up = ups.up('--no-demo', '--modules', 'none', '--log-dir', join(folder, 'log'))
    await up.url()
    up.process.kill('SIGTERM')
    expect(await up.code).toBe(0)
    const lines = linesOf('recyclique.log')
    expect(new Set(lines.map(({ source }) => source))).toEqual(new Set(['recyclique', 'nats-server', 'kernel']))
    expect(lines.at(-1)).toMatchObject({ source: 'recyclique', msg: 'everything has stopped' })
  } finally {
    await ups.clean()
  }
})
