import { resolve } from 'node:path'
import type { Command } from 'commander'
import { mustBeStopped, runTool } from '../tools.ts'

/** `recyclique restore FROM`: a backup becomes the data folder. */
export const restoreCommand = (program: Command): void => {
  program
    .command('restore')
    .argument('<from>', 'the folder of the backup')
    .description('put a backup in place of the data folder; everything must be stopped')
    .option('--force', 'move aside what is in the data folder')
    .option('--data <folder>', 'the data folder (RECYCLIQUE_DATA; ./data)')
    .action(async (from: string, { force, data }: { force?: boolean; data?: string }) => {
      await mustBeStopped(data, 'restore')
      await runTool(data, ['restore', '--from', resolve(from), ...(force ? ['--force'] : [])])
    })
}
