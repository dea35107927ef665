import { Command } from 'commander'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { configSetCommand } from '../../cli/commands/config-set.ts'
import { linesOfTaken } from '../../cli/send-config.ts'
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

const config = (...args: string[]) => {
  const program = new Command().exitOverride()
  configSetCommand(program)
  return program.parseAsync(['config', ...args, '--url', kernel.url], { from: 'user' })
}
const kept = async () => {
  const row = await kernel.api('GET', '/v1/modules/paheko/config')
  return row.body.items.map(({ key, origin, by }: Record<string, string>) => `${key}: ${origin}, ${by}`)
}

test('a setting is sent at once, with who says so and where, and taken away again', async () => {
  await config('set', 'paheko', 'retries', '5')
  await config('set', 'paheko', 'url', 'https://x')
  expect(said).toEqual(Array(2).fill('Kept. paheko has not come yet: it is looked at when it does.'))
  expect(await kept()).toEqual(['retries: recyclique config set, manager', 'url: recyclique config set, manager'])
  await config('unset', 'paheko', 'retries')
  expect(await kept()).toEqual(['url: recyclique config set, manager'])
})

test('what cannot be is refused with words', async () => {
  await expect(config('set', 'paheko', '1st', 'x')).rejects.toThrow(/config\/1st/)
  await expect(config('set', 'paheko', 'url', 'x', '--actor', 'nobody-here')).rejects.toThrow(/not an active user/)
})

test('what became of it is told in a line a process', () => {
  const view = { module: 'paheko', isKnown: true, items: [] }
  expect(linesOfTaken({ ...view, taken: [] })).toEqual(['Kept. paheko does not run: it has it when it starts.'])
  expect(linesOfTaken({ ...view, taken: [{ instance: 'p1', ok: true }] })).toEqual([
    'paheko works with it (1 process).',
  ])
  expect(
    linesOfTaken({
      ...view,
      taken: [
        { instance: 'p1', ok: true },
        { instance: 'p2', ok: false, words: 'no answer from x' },
      ],
    }),
  ).toEqual(['Kept, but p2 goes on with what it had: no answer from x'])
})
