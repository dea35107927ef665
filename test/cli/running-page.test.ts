import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readCompose } from '../containers/support/compose-file.ts'
import { runCli } from './support/run-cli.ts'

const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'running.md'), 'utf8')

/** Every command of ours on the page: in a block, in a sentence, in the unit of systemd, in a container. */
const commands = [
  ...page.matchAll(
    /(?:^npx recyclique|`recyclique|cli\/recyclique\.js|cli\/main\.ts|\bkernel(?= restore)) ([a-z][^`\n]*)/gm,
  ),
].map(([, words = '']) => words)

/** What the help of a command says, and which command that is. */
const helpFor = async (command: string) => {
  const names = command.split(' ').filter((word) => /^[a-z]+$/.test(word))
  const { stdout } = await runCli([...names, '--help'])
  const [, path = ''] = /^Usage: recyclique ((?:[a-z]+ )+)/.exec(stdout) ?? []
  return { stdout, path: path.trim() }
}

test('every command on the page is one, and has the options that the page gives it', async () => {
  expect(commands.length).toBeGreaterThan(9)
  const all = await Promise.all(
    [...new Set(commands)].map(async (command) => ({ command, ...(await helpFor(command)) })),
  )
  for (const { command, stdout, path } of all) {
    expect(path, command).not.toBe('')
    expect(command.startsWith(path), `${command}: there is only ${path}`).toBe(true)
    for (const [option] of command.matchAll(/--[a-z-]+/g)) expect(stdout, command).toContain(option)
  }
})

test('the volume that the page empties is one of the compose file', () => {
  const [, volume = ''] = /volume rm recyclique_(\S+)/.exec(page) ?? []
  expect(Object.keys(readCompose().volumes)).toContain(volume)
})
