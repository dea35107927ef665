import { spawnSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'

const MAIN = join(import.meta.dirname, '..', '..', 'cli', 'main.ts')
const folder = mkdtempSync(join(tmpdir(), 'recyclique-arguments-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

const recyclique = (...args: string[]) =>
  spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8', env: { ...process.env, RECYCLIQUE_DATA: folder } })

test.each([
  ['an unknown command suggests the nearest', ['uo'], /unknown command 'uo'[\s\S]*Did you mean up\?/],
  ['so does one of a group', ['ledger', 'verfy'], /unknown command 'verfy'[\s\S]*Did you mean verify\?/],
  ['an unknown option too', ['up', '--prot', '1'], /unknown option '--prot'[\s\S]*Did you mean --port\?/],
  ['a port that is none', ['up', '--port', '80x'], /'80x' is no port: give .* --port 8010/],
  ['a port that is too high', ['up', '--port', '65536'], /'65536' is no port/],
  ['a site that is no name', ['up', '--site', 'Île'], /'Île' is no name for a site: .* --site montreuil/],
  ['a module that is not there', ['up', '--modules', 'nope'], /no module 'nope' .* choose from .*live-figures/],
  [
    'another address without the word for it',
    ['up', '--host', '0.0.0.0'],
    /leave --host out, or add --insecure-no-login/,
  ],
  ['a missing argument', ['backup'], /missing required argument 'to'/],
  ['too many arguments', ['up', 'now'], /too many arguments for 'up'/],
  ['no command at all', [], /Usage: recyclique/],
])('%s: it is said, and the exit code is 2', (_, args, said) => {
  const { status, stderr, stdout } = recyclique(...args)
  expect(stderr).toMatch(said)
  expect(stdout).toBe('')
  expect(status).toBe(2)
})

test.each([['version'], ['--version'], ['-V']])('%s prints the version', (word) => {
  expect(recyclique(word)).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
})

test('help is no error', () => {
  expect(recyclique('up', '--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('RECYCLIQUE_PORT') })
})

test('where nobody answers, it is said what to start', () => {
  const { status, stderr } = recyclique('modules', 'list', '--url', 'http://127.0.0.1:1')
  expect(stderr).toMatch(/nobody answers at http:\/\/127\.0\.0\.1:1: start it with `npm start`/)
  expect(status).toBe(1)
})

test('`keys init` makes them once, and refuses another site', () => {
  const first = recyclique('keys', 'init', '--site', 'montreuil')
  expect(first).toMatchObject({ status: 0, stdout: expect.stringContaining("site 'montreuil'") })
  expect(recyclique('keys', 'init')).toMatchObject({ status: 0, stdout: first.stdout })
  expect(recyclique('keys', 'init', '--site', 'autre')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('was made for site montreuil, not for autre'),
  })
})

test('the program that npm links hands over to the same commands', () => {
  const linked = spawnSync(process.execPath, [join(MAIN, '..', 'recyclique.js'), 'version'], { encoding: 'utf8' })
  expect(linked).toMatchObject({ status: 0, stdout: recyclique('version').stdout })
})
