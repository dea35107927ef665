import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { canSeeProcesses, processesWith } from './support/processes.ts'
import { runCli } from './support/run-cli.ts'
import { makeUps, type StartedUp, type Ups, until } from './support/up.ts'

let ups: Ups
beforeEach(async () => {
  ups = await makeUps()
})
afterEach(() => ups.clean())

const MODULE = 'modules/live-figures/main.ts'
const history = () => JSON.parse(readFileSync(join(ups.folder, 'run', 'crashes.json'), 'utf8'))
const crashed = (times: number) => {
  mkdirSync(join(ups.folder, 'run'), { recursive: true })
  const crash = { name: 'live-figures', at: new Date().toISOString(), livedMs: 9, how: 'ended with code 1' }
  writeFileSync(join(ups.folder, 'run', 'crashes.json'), JSON.stringify(Array(times).fill(crash)))
}
const pidOf = (up: StartedUp) => up.who(MODULE)[0]!.pid
const cli = (...args: string[]) => runCli(args, { RECYCLIQUE_DATA: ups.folder })

describe.runIf(canSeeProcesses)('a module that crashes too often', { timeout: 60_000 }, () => {
  test('goes into quarantine over two starts, the tree says so, and it is released while Recyclique runs', async () => {
    crashed(4)
    const first = ups.up('--no-demo')
    await first.url()
    process.kill(pidOf(first), 'SIGKILL')
    await first.line(/live-figures ended by SIGKILL, 5 times in ten minutes: it is in quarantine/)
    first.process.kill('SIGTERM')
    await first.code

    const again = ups.up('--no-demo')
    const url = await again.url()
    expect(again.text()).toMatch(
      /└─ live-figures \S+ +not started: in quarantine since .* modules release live-figures/,
    )
    expect(again.who(MODULE)).toEqual([])
    const listed = await cli('modules', 'list', '--url', url)
    expect(listed.stdout).toContain('live-figures is in quarantine since')

    const released = await cli('modules', 'release', 'live-figures')
    expect(released).toMatchObject({ code: 0, stdout: expect.stringContaining('started again') })
    await until('it runs again', () => again.who(MODULE).length === 1)
    expect(history().at(-1)).toMatchObject({ name: 'live-figures', lifted: 'released' })
  })

  test('is released for the next start where nothing runs; who is not in quarantine is named', async () => {
    crashed(4)
    const [crash] = history()
    writeFileSync(join(ups.folder, 'run', 'crashes.json'), JSON.stringify([...history(), { ...crash, isLast: true }]))

    const wrong = await cli('modules', 'release', 'live-figure')
    expect(wrong.stderr).toContain('live-figure is not in quarantine; in quarantine: live-figures')
    expect(wrong.code).toBe(1)
    expect(await cli('modules', 'release', 'live-figures')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('next'),
    })
    expect(await cli('modules', 'release', 'live-figures')).toMatchObject({ code: 1 })
  })
})

test.runIf(canSeeProcesses)(
  'with --no-supervise a part that ends ends everything, with code 1',
  { timeout: 60_000 },
  async () => {
    const up = ups.up('--no-demo', '--no-supervise')
    await up.url()
    process.kill(pidOf(up), 'SIGKILL')

    expect(await up.code).toBe(1)
    expect(up.text()).toContain('live-figures ended by SIGKILL: nothing is started again here (--no-supervise)')
    expect(processesWith(ups.folder)).toEqual([])
  },
)
