import { join } from 'node:path'
import type { Command } from 'commander'
import { runKeysTool } from '../keys-tool.ts'
import { dataFolder } from '../up/options.ts'

type Flags = { data?: string; site?: string }

/** `recyclique keys init`: what a server with keys of ours needs before it starts. `up` does it by itself. */
export const keysCommand = (program: Command): void => {
  program
    .command('keys')
    .description('the keys of this centre')
    .command('init')
    .description('make the keys that are missing; none is ever replaced')
    .option('--data <folder>', 'the data folder (RECYCLIQUE_DATA; ./data)')
    .option('--site <id>', 'which centre this is, chosen once (RECYCLIQUE_SITE; centre)')
    .action(async ({ data, site }: Flags) => {
      const folder = process.env.RECYCLIQUE_KEYS || join(dataFolder(data, process.env), 'keys')
      const made = await runKeysTool<{ site: string; folder: string }>([
        'init',
        ...['--keys', folder],
        ...(site === undefined ? [] : ['--site', site]),
      ])
      console.log(
        `The keys of site '${made.site}' are in ${made.folder}. Whoever has them may do everything on the bus.`,
      )
    })
}
