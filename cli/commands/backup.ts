import { resolve } from 'node:path'
import type { Command } from 'commander'
import { runTool } from '../tools.ts'

/** `recyclique backup TO`: ledger, keys and head file, also while selling. */
export const backupCommand = (program: Command): void => {
  program
    .command('backup')
    .argument('<to>', 'the folder that the backup becomes')
    .description('copy ledger and keys into a folder, also while selling')
    .option('--data <folder>', 'the data folder (RECYCLIQUE_DATA; ./data)')
    .action((to: string, { data }: { data?: string }) => runTool(data, ['backup', '--to', resolve(to)]))
}
