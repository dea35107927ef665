import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { canSeeProcesses } from './support/processes.ts'
import { runCli } from './support/run-cli.ts'
import { until } from './support/up.ts'

const MAIN = join(import.meta.dirname, '..', '..', 'cli', 'main.ts')

let folder: string
let started: ChildProcess[]
beforeEach(() => {
  started = []
  folder = mkdtempSync(join(tmpdir(), 'recyclique-part-'))
})
afterEach(() => {
  for (const child of started) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

/** The command line under which a process runs now. */
const whatRuns = (pid?: number) => readFileSync(`/proc/${pid}/cmdline`, 'utf8')

/** Starts a command that becomes something else, and reads what that writes. */
const become = (args: string[], env: NodeJS.ProcessEnv) => {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...process.env, RECYCLIQUE_DATA: folder, RECYCLIQUE_SITE: 'essai', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  started.push(child)
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => lines.push(line))
  const ended = new Promise<unknown>((resolve) => child.once('close', (code, signal) => resolve(signal ?? code)))
  return { child, lines, ended }
}

test.runIf(canSeeProcesses)(
  '`recyclique kernel` becomes the kernel: the same process sells, and stops in order at SIGTERM',
  async () => {
    const { child, lines, ended } = become(['kernel'], { RECYCLIQUE_PORT: '0', NATS_URL: '' })
    await until('it sells', () => lines.some((line) => line.includes('selling at')))
    expect(whatRuns(child.pid)).toContain('kernel/main.ts')
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
    expect(lines.some((line) => line.includes('"stopped"'))).toBe(true)
  },
)

test.runIf(canSeeProcesses)(
  '`recyclique module` becomes the module; two of them have instance names of their own',
  async () => {
    // Nobody listens there: a module waits for its bus.
    const env = { NATS_URL: 'nats://127.0.0.1:9', RECYCLIQUE_REDUCED: '1' }
    const both = [become(['module', 'live-figures'], env), become(['module', 'live-figures'], env)]
    for (const { lines } of both)
      await until('it seeks the bus', () => lines.some((line) => line.includes('does not let')))
    const instances = both.map(({ lines }) => (JSON.parse(lines[0]!) as { instance: string }).instance)
    expect(new Set(instances).size).toBe(2)

    for (const { child } of both)
      expect(whatRuns(child.pid)).toMatch(/--permission.*--allow-fs-read=.*modules\/live-figures\/main\.ts/s)
    for (const { child } of both) child.kill('SIGTERM')
    expect(await Promise.all(both.map(({ ended }) => ended))).toEqual([0, 0])
  },
)

test('a module without credentials ends with 78 and says how to get them, and one that is not there is named', async () => {
  const env = { RECYCLIQUE_DATA: folder, RECYCLIQUE_SITE: 'essai' }
  const without = await runCli(['module', 'live-figures'], env)
  expect(without.code).toBe(78)
  expect(without.stderr).toContain('live-figures has no credentials for the bus')

  const missing = await runCli(['module', 'live-figure'], env)
  expect(missing.code).toBe(2)
  expect(missing.stderr).toContain("there is no module 'live-figure'")
})

test('a module of another language becomes its own program, in its folder; a program that is not there is named', async () => {
  const env = { RECYCLIQUE_DATA: join(folder, 'data'), RECYCLIQUE_SITE: 'essai' }
  const add = async (name: string, program: string) => {
    const at = join(folder, name)
    mkdirSync(at)
    const manifest = { name, version: '1.0.0', description: 'A module of a test.', run: [program, 'main.sh'] }
    const around = { kernel: '^0.1.0', protocol: { min: 1, max: 1 } }
    writeFileSync(join(at, 'manifest.json'), JSON.stringify({ ...manifest, ...around }))
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's own
    writeFileSync(join(at, 'main.sh'), 'echo "in ${PWD##*/} for $RECYCLIQUE_SITE"; exit 7\n')
    expect(await runCli(['modules', 'add', at], env)).toMatchObject({ code: 0 })
  }
  await add('told', 'sh')
  await add('mute', 'no-such-program')
  expect(await runCli(['module', 'told'], env)).toMatchObject({
    code: 7,
    stdout: expect.stringMatching(/^in told-1\.0\.0-.* for essai\n$/),
  })
  const missing = await runCli(['module', 'mute'], env)
  expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining("there is no program 'no-such-program'") })
})
