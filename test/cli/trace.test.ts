import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PriceSuggest } from '@recyclique/contracts'
import { Command } from 'commander'
import { pino } from 'pino'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { traceCommand } from '../../cli/commands/trace.ts'
import { type Kernel, openKernel } from '../../kernel/kernel.ts'
import { readSettings } from '../../kernel/settings.ts'
import { failing, nobody, on } from '../asking-http/on.ts'

let kernel: Kernel
let dataDir: string
let lines: string[]
let said: string[]
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'recyclique-trace-'))
  // A log that is quieter than the trace: it is written all the same.
  const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) })
  lines = []
  kernel = await openKernel(readSettings({ RECYCLIQUE_DATA: dataDir, RECYCLIQUE_PORT: '0' }), log, () => {})
})
afterAll(async () => {
  await kernel.close()
  await rm(dataDir, { recursive: true, force: true })
})
beforeEach(async () => {
  await nobody(kernel)
  lines = []
  said = []
  vi.spyOn(console, 'log').mockImplementation((line: string) => void said.push(line))
  vi.spyOn(console, 'error').mockImplementation((line: string) => void said.push(line))
})

const type = (...words: string[]) => {
  const program = new Command().exitOverride()
  traceCommand(program)
  return program.parseAsync(['trace', ...words, '--url', kernel.url], { from: 'user' })
}
const written = () =>
  lines.map((line) => JSON.parse(line)).filter((line) => line.trace !== undefined) as { msg: string; trace: string }[]
const tree = () => written().map(({ msg }) => msg.replaceAll(/\d+ ms/g, 'n ms'))
const ask = (categoryId: string) =>
  kernel.hooks.ask(PriceSuggest, { categoryId, registerId: 'caisse-1', qty: 1 }).catch(() => null)

test('the kernel that runs writes its calls as a tree, from when it is told to until it is told not to', async () => {
  await on(kernel, 'price.suggest', 'prices', async (question) => {
    await kernel.hooks.askByName('code.resolve', { code: '12345670' }, { within: question })
    return { unitCents: 200 }
  })
  await on(kernel, 'code.resolve', 'codes', failing)
  await ask('books')
  await type('on')
  await ask('books')
  await type('show')
  await type('off')
  await ask('books')
  expect(tree()).toEqual([
    '→ price.suggest',
    '  → code.resolve',
    expect.stringMatching(/^ {2}[←✗] code\.resolve n ms.*: codes failed thrown\/\S+ \(n ms\)/),
    '← price.suggest n ms: prices answered (n ms)',
  ])
  expect(new Set(written().map(({ trace }) => trace)).size).toBe(1)
  expect(lines.join('')).not.toMatch(/books|12345670/)
  expect(said).toEqual([
    expect.stringMatching(/^All calls are written to the kernel's log until .*, or 1000 calls from now\.$/),
    expect.stringMatching(/or 999 calls from now/),
    'No calls are written.',
  ])
})

test('it ends by itself after so many calls, and writes those of the hooks that were named', async () => {
  await on(kernel, 'price.suggest', 'prices', () => ({ unitCents: 200 }))
  await on(kernel, 'code.resolve', 'codes', () => null)
  await type('on', 'price.suggest', '--calls', '2', '--with-arguments')
  for (const category of ['books', 'chairs', 'lamps']) {
    await kernel.hooks.askByName('code.resolve', { code: '1' })
    await ask(category)
  }
  expect(tree()).toHaveLength(4)
  expect(tree().slice(0, 2)).toEqual([
    expect.stringMatching(/^→ price\.suggest \{.*"categoryId":"books"/),
    '← price.suggest n ms {"unitCents":200}: prices answered (n ms)',
  ])
  await type('show')
  expect(said.at(-1)).toBe('No calls are written.')
})

test('after its minutes it is off', async () => {
  await type('on', '--minutes', '0.0005')
  await vi.waitFor(async () => {
    await type('show')
    expect(said.at(-1)).toBe('No calls are written.')
  })
})

test('a hook that is not there yet is named, and a number that is none is refused where it is typed', async () => {
  await type('on', 'no.such-hook')
  expect(said.at(-1)).toMatch(/^No hook is called no\.such-hook at the moment/)
  await expect(type('on', '--minutes', 'ten')).rejects.toThrow(/Say a number above 0/)
  await type('off')
})
