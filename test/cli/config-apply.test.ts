import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { configCommand } from '../../cli/commands/config.ts'
import { isTrouble, wordsOnOutcome } from '../../cli/wanted.ts'
import { type KernelProcess, startKernelProcess } from '../support/kernel-process.ts'

let kernel: KernelProcess
let said: string[]
beforeAll(async () => {
  kernel = await startKernelProcess()
})
afterAll(() => kernel.done())
beforeEach(() => {
  said = []
  vi.spyOn(console, 'log').mockImplementation((line: string) => void said.push(line))
})

const apply = (...args: string[]) => {
  const program = new Command().exitOverride()
  configCommand(program)
  return program.parseAsync(['config', 'apply', ...args, '--url', kernel.url], { from: 'user' })
}
const file = (text: string): string => {
  const path = join(kernel.dataDir, 'recyclique.yaml')
  writeFileSync(path, text)
  return path
}
const TEXT = `site: { name: La Boucle }
registers: [{ id: caisse-9, name: Caisse 9 }]
modules:
  - { name: prices, config: { currency: EUR } }
  - { name: labels, enabled: false }
`

test('a file is applied to a kernel that runs: first it says what would change, then what did, and then that nothing does', async () => {
  const path = file(TEXT)
  const lines = [
    "  the site's name is now La Boucle",
    '  the register caisse-9 (Caisse 9) is made',
    '  prices: currency is set anew (not shown)',
  ]
  await apply(path, '--dry-run')
  expect(said).toEqual([[`${path} would change this:`, ...lines, '  labels: rests from now on'].join('\n')])
  expect((await kernel.api('GET', '/v1/registers/caisse-9')).status).toBe(404)

  await apply(path)
  const taken = '  prices: it does not run: it has this when it starts'
  expect(said.at(-1)).toBe([`${path} is applied:`, ...lines, taken, '  labels: rests from now on'].join('\n'))
  expect((await kernel.api('GET', '/v1/registers/caisse-9')).body.name).toBe('Caisse 9')
  expect((await kernel.api('GET', '/v1/modules/labels')).body.desired).toBe('disabled')
  await apply(path)
  expect(said.at(-1)).toBe(`Nothing changes: everything is as ${path} says.`)
})

test('a file of another site, or with a slip of the pen, changes nothing', async () => {
  await expect(apply(file(TEXT.replace('name: La Boucle', 'id: ailleurs')))).rejects.toThrow(
    /is about the site ailleurs, and this kernel keeps centre/,
  )
  await expect(apply(file(TEXT.replace('enabled', 'enabeld')))).rejects.toThrow(
    /line 5: \/modules\/1\/enabeld is not known here/,
  )
  await expect(apply(file(`${TEXT}  - { name: tariff, config: { 'a b': 1 } }\n`))).rejects.toThrow(
    /tariff: nothing of this is taken: a b: the name of a setting must be/,
  )
})

test('what became of it is told in words, a line each', () => {
  const settings = [
    { key: 'cents', secret: false, isGone: false, was: 5, is: 6, lifts: 'recyclique config set' },
    { key: 'label', secret: false, isGone: true, was: 'blue' },
    { key: 'token', secret: true, isGone: false },
  ]
  const taken = [
    { instance: 'tariff-1', ok: true },
    { instance: 'tariff-2', ok: false, words: 'no answer from x' },
    { instance: 'tariff-3', ok: false, isHeard: false, words: 'it does not listen' },
  ]
  expect(wordsOnOutcome({ module: 'tariff', settings, taken, desired: 'enabled' })).toEqual([
    'tariff: cents is 6, before 5; what recyclique config set said is lifted',
    'tariff: label is no longer set here, before "blue"',
    'tariff: token is set anew (not shown)',
    'tariff: works again',
    'tariff: tariff-2 goes on with what it had: no answer from x',
    'tariff: tariff-3 hears no changes: start it again',
  ])
  expect(isTrouble({ module: 'tariff', settings, taken })).toBe(true)
  expect(isTrouble({ module: 'tariff', settings, taken: taken.filter(({ isHeard }) => isHeard === false) })).toBe(false)
})
