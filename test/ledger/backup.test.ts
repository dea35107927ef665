import { execFile, spawnSync } from 'node:child_process'
import { appendFileSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { backup } from '../../kernel/backup.ts'
import { openSession } from '../../kernel/cash/open-session.ts'
import { restore } from '../../kernel/restore.ts'
import { recordSale } from '../../kernel/sales/record-sale.ts'
import { verifyIn } from '../support/check.ts'
import { setUp } from '../support/history.ts'
import { openTestLedger, type TestLedger } from '../support/ledger.ts'

let t: TestLedger
let sessionId: string
const now = () => new Date('2026-03-10T12:00:00.000Z')

beforeEach(async () => {
  t = await openTestLedger()
  await setUp(t)
  sessionId = t.newId()
  await t.do(openSession, { registerId: 'till-1', floatCents: 0 }, { id: sessionId })
})

afterEach(async () => {
  await t.close()
})

const sell = () =>
  t.do(recordSale, {
    sessionId,
    lines: [{ categoryId: 'books', qty: 1, unitCents: 200 }],
    totalCents: 200,
    payments: [{ methodId: 'cash', cents: 200 }],
  })

const from = () => ({ dataDir: t.dir, keysDir: join(t.dir, 'keys'), now })
const into = (dataDir: string, force = false) => ({
  from: join(t.dir, 'saved'),
  dataDir,
  keysDir: join(dataDir, 'keys'),
  force,
  now,
})

test('a backup that was made while selling is restored after the loss of all, and verifies', async () => {
  let isSelling = true
  const selling = (async () => {
    let sold = 0
    for (; isSelling; sold += 1) await sell()
    return sold
  })()
  await sell()
  const before = t.ledger.head.position
  const note = await backup({ ...from(), to: join(t.dir, 'saved') })
  isSelling = false
  await selling
  expect(note.position).toBeGreaterThanOrEqual(before)
  expect(note.position).toBeLessThanOrEqual(t.ledger.head.position)

  const dataDir = join(t.dir, 'new')
  const { report } = await restore(into(dataDir))
  expect(report).toMatchObject({ ok: true, facts: note.position, head: { position: note.position, hash: note.hash } })
  expect(await verifyIn(dataDir)).toMatchObject({ ok: true })
  expect(statSync(dataDir).mode & 0o777).toBe(0o700)
  expect(statSync(join(dataDir, 'ledger.sqlite')).mode & 0o777).toBe(0o600)
  expect(statSync(join(dataDir, 'keys', 'seal.pem')).mode & 0o777).toBe(0o600)
  expect(readdirSync(dataDir).sort()).toEqual(['keys', 'ledger.sqlite'])
})

test('a backup goes into a new folder only, and one that was cut off never bears its name', async () => {
  await backup({ ...from(), to: join(t.dir, 'saved') })
  await expect(backup({ ...from(), to: join(t.dir, 'saved') })).rejects.toThrow('is not empty')
  const cutOff = () => {
    throw new Error('cut off')
  }
  await expect(backup({ ...from(), to: join(t.dir, 'cut'), now: cutOff })).rejects.toThrow('cut off')
  expect(readdirSync(t.dir).filter((name) => /cut|unfinished/.test(name))).toEqual([])
})

test('what is not a sound backup is refused, and nothing is changed', async () => {
  const saved = join(t.dir, 'saved')
  await backup({ ...from(), to: saved })
  const dataDir = join(t.dir, 'new')
  const whole = join(t.dir, 'whole')
  cpSync(saved, whole, { recursive: true })
  const spoil: Record<string, () => void> = {
    'no finished backup': () => rmSync(join(saved, 'backup.json')),
    'is not JSON': () => writeFileSync(join(saved, 'backup.json'), '{'),
    'was altered since the backup': () => appendFileSync(join(saved, 'ledger.sqlite'), 'x'),
    'is missing in the backup': () => rmSync(join(saved, 'keys', 'seal.pem')),
  }
  for (const [words, act] of Object.entries(spoil)) {
    rmSync(saved, { recursive: true })
    cpSync(whole, saved, { recursive: true })
    act()
    await expect(restore(into(dataDir))).rejects.toThrow(words)
    expect(existsSync(dataDir)).toBe(false)
  }
})

test('data that are there are refused, or moved aside with force; a kernel that runs is never robbed of its file', async () => {
  await backup({ ...from(), to: join(t.dir, 'saved') })
  const dataDir = join(t.dir, 'new')
  await restore(into(dataDir))
  writeFileSync(join(dataDir, 'precious'), 'mine')
  await expect(restore(into(dataDir))).rejects.toThrow('is not empty')
  const { aside } = await restore(into(dataDir, true))
  expect(readFileSync(join(aside[0] as string, 'precious'), 'utf8')).toBe('mine')
  expect(readdirSync(aside[0] as string).sort()).toEqual(['keys', 'ledger.sqlite', 'precious'])
  await expect(restore({ ...into(t.dir, true), dataDir: t.dir })).rejects.toThrow('in use by another process')
})

test('the tools say what they found, and their exit code says whether it was well', async () => {
  const tool = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['kernel/tools.ts', ...args], { encoding: 'utf8' })
    return { status, stdout, stderr }
  }
  await sell()
  const sound = tool('verify', '--data', t.dir)
  expect(sound).toMatchObject({ status: 0, stdout: expect.stringContaining('The ledger is sound.') })
  expect(tool('rebuild', '--data', t.dir)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('Stop the kernel'),
  })
  expect(tool('sell')).toMatchObject({ status: 2 })
  expect(tool('verify', '--colour')).toMatchObject({ status: 2 })
  expect(tool('backup', '--data', t.dir)).toMatchObject({ status: 2, stderr: expect.stringContaining('--to') })
  expect(tool('verify', '--data', join(t.dir, 'nowhere'))).toMatchObject({ status: 1 })
  expect(existsSync(join(t.dir, 'nowhere'))).toBe(false)

  appendFileSync(join(t.dir, 'keys', 'head'), `999 ${'a'.repeat(64)}\n`)
  const { status, stdout } = tool('verify', '--data', t.dir, '--json')
  expect(status).toBe(1)
  expect(JSON.parse(stdout)).toMatchObject({ ok: false, found: 1, flaws: [{ what: 'head-file' }] })
})

test('verify finds nothing wrong beside a till that never stops', async () => {
  let isSelling = true
  const selling = (async () => {
    while (isSelling) await sell()
  })()
  const verdicts: unknown[] = []
  for (let n = 0; n < 5; n += 1) {
    const { ok, flaws } = await verifyIn(t.dir)
    verdicts.push({ ok, flaws })
    await sell()
  }
  const apart = await new Promise<string>((resolve) =>
    execFile(process.execPath, ['kernel/tools.ts', 'verify', '--data', t.dir], (_, stdout) => resolve(stdout)),
  )
  isSelling = false
  await selling
  expect(verdicts).toEqual(Array(5).fill({ ok: true, flaws: [] }))
  expect(apart).toContain('The ledger is sound.')
})
