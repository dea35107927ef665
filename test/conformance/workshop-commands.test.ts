import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { Manifest, type ModuleCommand, parse } from '@recyclique/contracts'
import { Command } from 'commander'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type CommandAnswer, commandsOf, offerCommands, type SendCommand } from '../../cli/workshop/commands.ts'
import type { StartableModule } from '../../cli/workshop/manifests.ts'
import { manifestOf, openWorkshop, type Workshop } from './workshop-folders.ts'

let shop: Workshop
const children: ChildProcess[] = []
beforeEach(async () => {
  shop = await openWorkshop()
})
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await shop.close()
})

const moduleWith = (name: string, commands: ModuleCommand[]): StartableModule => ({
  name,
  folder: '',
  entry: '',
  manifest: manifestOf(name, { commands }),
})
const resync = {
  name: 'resync',
  description: 'reads everything again',
  args: [
    { name: 'from', description: 'a day' },
    { name: 'to', isOptional: true },
  ],
}

/** The program with the modules' commands in it, and what it printed. */
const programWith = (modules: StartableModule[], send: SendCommand) => {
  const printed: string[] = []
  const program = new Command('recyclique').exitOverride().configureOutput({ writeErr: () => {} })
  program.command('ledger').description('our own')
  const { commands, notes } = commandsOf(modules)
  const inTheWay = offerCommands(program, { commands, send, print: (text) => void printed.push(text) })
  return { program, printed, notes, inTheWay, run: (...typed: string[]) => program.parseAsync(typed, { from: 'user' }) }
}

/** A real process behind the port: what it gets goes to the module, what the module says comes back. */
const processBehind = (): SendCommand => {
  const main = shop.file(
    'main.cjs',
    `process.on('message', ({ command, args }) => process.send(
      args.from === 'never' ? { failed: 'there is no such day' } : { text: process.pid + ' did ' + command + ' ' + JSON.stringify(args) }))`,
  )
  const child = fork(main)
  children.push(child)
  return async (call) => {
    child.send(call)
    const [answer] = (await once(child, 'message')) as [CommandAnswer]
    return answer
  }
}

test('O110 a module’s command stands in the list, and its own process runs it', async () => {
  const { program, printed, run } = programWith([moduleWith('labels', [resync])], processBehind())
  expect(program.helpInformation()).toMatch(/labels +commands of the module labels/)
  const group = program.commands.find((one) => one.name() === 'labels')
  expect(group?.helpInformation()).toMatch(/resync <from> \[to\] +reads everything again/)

  await run('labels', 'resync', '2026-03-01')
  await run('labels', 'resync', '2026-03-01', '2026-03-31')
  const pid = children[0]?.pid
  expect(printed).toEqual([
    `${pid} did resync {"from":"2026-03-01"}`,
    `${pid} did resync {"from":"2026-03-01","to":"2026-03-31"}`,
  ])
})

test('options are typed by name, in any order; one without a value is there or is not', async () => {
  const options = [{ name: 'from', value: 'day' }, { name: 'dry-run' }]
  const module = moduleWith('labels', [{ name: 'again', description: 'once more', options }])
  const { program, printed, run } = programWith([module], async ({ args }) => ({ text: JSON.stringify(args) }))
  const group = program.commands.find((one) => one.name() === 'labels')
  expect(group?.commands[0]?.helpInformation()).toMatch(/--from <day>[\s\S]*--dry-run/)
  await run('labels', 'again', '--dry-run', '--from', '2026-03-01')
  await run('labels', 'again')
  expect(printed).toEqual(['{"from":"2026-03-01","dry-run":"true"}', '{}'])
  await expect(run('labels', 'again', '--to', 'x')).rejects.toThrow(/unknown option '--to'/)
})

test('a command that fails, and one whose module is not there, say so in words', async () => {
  const failing = programWith([moduleWith('labels', [resync])], processBehind())
  await expect(failing.run('labels', 'resync', 'never')).rejects.toThrow('labels resync failed: there is no such day')
  const away = programWith([moduleWith('labels', [resync])], () => Promise.reject(new Error('labels is not running')))
  await expect(away.run('labels', 'resync', 'x')).rejects.toThrow('labels resync was not run: labels is not running')
})

test('a missing argument never reaches the module', async () => {
  const { run } = programWith([moduleWith('labels', [resync])], () => Promise.reject(new Error('it was reached')))
  await expect(run('labels', 'resync')).rejects.toThrow(/missing required argument 'from'/)
})

test('a command that does not fit is a flaw of its manifest; one that is there twice is named, and offered once', () => {
  const unfit = { ...manifestOf('labels'), commands: [{ name: 'No', description: 'x' }] }
  expect(() => parse(Manifest, unfit)).toThrow(/\/commands\/0\/name must be 1 to 32 of a-z/)
  const { notes, program } = programWith([moduleWith('labels', [resync, resync])], async () => ({ text: '' }))
  expect(notes).toEqual(["labels, /commands/1: 'resync' is there twice"])
  expect(program.commands.find((one) => one.name() === 'labels')?.commands).toHaveLength(1)
})

test('a module that is named like one of our own commands does not take its place', () => {
  const { inTheWay, program } = programWith([moduleWith('ledger', [resync])], async () => ({ text: '' }))
  expect(inTheWay).toEqual(['ledger'])
  expect(program.commands.find((one) => one.name() === 'ledger')?.description()).toBe('our own')
})
