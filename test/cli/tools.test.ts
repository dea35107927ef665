import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canSeeProcesses } from './support/processes.ts'
import { makeUps, type StartedUp, type Ups } from './support/up.ts'

const MAIN = join(import.meta.dirname, '..', '..', 'cli', 'main.ts')

describe.runIf(canSeeProcesses)('the tools of a centre', { timeout: 120_000 }, () => {
  let ups: Ups
  let up: StartedUp
  beforeAll(async () => {
    ups = await makeUps()
    up = ups.up('--no-demo')
    await up.url()
  }, 60_000)
  afterAll(() => ups.clean())

  const recyclique = async (...args: string[]) => {
    const env = { ...process.env, RECYCLIQUE_DATA: join(ups.folder) }
    const child = spawn(process.execPath, [MAIN, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text: Buffer) => {
        said += text
      })
    const code = await new Promise((resolve) => child.once('close', resolve))
    return { code, said }
  }

  test('`modules list` finds the kernel that runs on the data folder', async () => {
    const { code, said } = await recyclique('modules', 'list')
    expect(said).toMatch(/^live-figures +\d+\.\d+\.\d+ +active +1 running/m)
    expect(code).toBe(0)
  })

  test('`ledger verify` and `backup` work while selling', async () => {
    expect(await recyclique('ledger', 'verify')).toMatchObject({ code: 0, said: expect.stringContaining('sound') })
    expect(await recyclique('backup', join(ups.folder, 'backup'))).toMatchObject({ code: 0 })
    expect(existsSync(join(ups.folder, 'backup', 'ledger.sqlite'))).toBe(true)
  })

  test.each([[['ledger', 'rebuild']], [['restore', 'anywhere']]])('%j is refused while it runs', async (args) => {
    const { code, said } = await recyclique(...args)
    expect(said).toMatch(/Recyclique runs on .* \(process \d+\): stop it before you/)
    expect(code).toBe(1)
  })

  test('stopped, the tables are made again, and a backup becomes another centre', async () => {
    up.process.kill('SIGTERM')
    await up.code
    expect(await recyclique('ledger', 'rebuild')).toMatchObject({ code: 0 })

    const other = join(ups.folder, 'other')
    const restored = await recyclique('restore', join(ups.folder, 'backup'), '--data', other)
    expect(restored).toMatchObject({ code: 0 })
    expect(await recyclique('ledger', 'verify', '--data', other)).toMatchObject({ code: 0 })
  })
})
