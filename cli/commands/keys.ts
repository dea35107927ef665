import { join } from 'node:path'
import type { Command } from 'commander'
import { runKeysTool } from '../keys-tool.ts'
import { dataFolder } from '../up/options.ts'

/** Handed on to the keys' tool as they are. */
const HANDED_ON = [
  ['--server-config <file>', "also write nats-server's configuration there"],
  ['--store <folder>', 'where that server keeps its streams'],
  ['--host <address>', 'on which address it listens (127.0.0.1)'],
  ['--port <number>', 'and on which port, -1 for any free one (-1)'],
  ['--monitoring-port <number>', 'where it tells the machine itself how it is'],
] as const

type Flags = { data?: string; site?: string; module?: string[] } & Record<string, string | string[] | undefined>

/** `recyclique keys init`: what a server with keys of ours needs before it starts. `up` does it by itself; containers have it done once. */
export const keysCommand = (program: Command): void => {
  const init = program
    .command('keys')
    .description('the keys of this centre')
    .command('init')
    .description('make the keys that are missing; none is ever replaced')
    .option('--data <folder>', 'the data folder (RECYCLIQUE_DATA; ./data)')
    .option('--site <id>', 'which centre this is, chosen once (RECYCLIQUE_SITE; centre)')
    .option('--module <name=file>', "also write this module's credentials there; may be said again", append)
  for (const [flags, description] of HANDED_ON) init.option(flags, description)
  init.action(async ({ data, site, module = [], ...others }: Flags) => {
    const folder = process.env.RECYCLIQUE_KEYS || join(dataFolder(data, process.env), 'keys')
    const made = await runKeysTool<{ site: string; folder: string }>([
      'init',
      ...['--keys', folder],
      ...(site === undefined ? [] : ['--site', site]),
      ...module.flatMap((one) => ['--module', one]),
      // With `=`: a port may begin with a dash.
      ...Object.entries(others).map(([name, value]) => `--${dashed(name)}=${value}`),
    ])
    console.log(`The keys of site '${made.site}' are in ${made.folder}. Whoever has them may do everything on the bus.`)
  })
}

const append = (one: string, before: string[] = []): string[] => [...before, one]

const dashed = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
