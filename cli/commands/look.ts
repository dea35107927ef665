import type { Command } from 'commander'
import { CannotDo } from '../bad-use.ts'
import { checkSource } from '../installed/check-source.ts'

/** What can be seen of modules without changing anything. */
export const lookCommands = (modules: Command): void => {
  modules
    .command('check <folder>')
    .description('everything that is wrong with a module, a folder or an archive, without running any of it')
    .action(async (folder: string) => {
      const { name, flaws } = await checkSource(folder)
      if (flaws.length > 0) throw new CannotDo([`${folder}:`, ...flaws].join('\n  '))
      console.log(`${name} is in order.`)
    })
}
