import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Report } from '../../cli/conform/conform.ts'

const ROOT = join(import.meta.dirname, '..', '..')
const LIVE_FIGURES = [
  '--manifest',
  'modules/live-figures/manifest.json',
  '--',
  process.execPath,
  'modules/live-figures/main.ts',
]

const recyclique = (...args: string[]): Promise<{ code: number | null; out: string; err: string }> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, ['cli/main.ts', 'conform', ...args], { cwd: ROOT })
    const said = { out: '', err: '' }
    child.stdout.on('data', (part: Buffer) => {
      said.out += part.toString()
    })
    child.stderr.on('data', (part: Buffer) => {
      said.err += part.toString()
    })
    child.once('close', (code) => resolve({ code, ...said }))
  })

test.concurrent('a module that does right: exit code 0, the report on stdout for a program, the words beside it', async () => {
  const { code, out, err } = await recyclique('--json', '--only', 'announce', 'wrappers', ...LIVE_FIGURES)
  const report = JSON.parse(out) as Report
  expect(report.results.map(({ name, state }) => [name, state])).toEqual([
    ['announce', 'passed'],
    ['wrappers', 'not-applicable'],
  ])
  expect(err).toMatch(/✓ announces itself.*\n[\s\S]*· proceeds exactly once.*not applicable: it wraps nothing/)
  expect(err).toMatch(/live-figures 0\.1\.0 conforms: 1 passed, 0 failed, 1 not applicable/)
  expect(code).toBe(0)
})

test.concurrent('one that does not: exit code 1, what was seen, and what to do', async () => {
  const bad = ['--manifest', 'test/conform/dying.json', '--', process.execPath, 'test/conform/bad-module.ts', 'dying']
  const { code, out } = await recyclique('--only', 'announce', ...bad)
  expect(out).toMatch(
    /✗ announces itself.*\[announce\]\n {6}it ended with code 3.*\n {8}\| cannot find my configuration\n {6}→ It must live/,
  )
  expect(code).toBe(1)
})

test.concurrent('nothing that applies passed: that is no success', async () => {
  const { code, out } = await recyclique('--only', 'wrappers', ...LIVE_FIGURES)
  expect(out).toMatch(/does not conform: 0 passed, 0 failed, 1 not applicable/)
  expect(code).toBe(1)
})

test.concurrent.each([
  ['no command', ['--manifest', 'modules/live-figures/manifest.json'], /say behind -- what starts the module/],
  ['an unknown case', ['--only', 'no-such-case', ...LIVE_FIGURES], /there is no case 'no-such-case'.*--list/],
  ['no manifest', ['--', 'true'], /there is no manifest.json here: name the module's with --manifest/],
  ['a strange time', ['--timeout', 'soon', ...LIVE_FIGURES], /'soon' is no time/],
] as const)('%s is said, with what to type', async (_, args, words) => {
  const { code, err } = await recyclique(...args)
  expect(err).toMatch(words)
  expect(code).toBe(2)
})
