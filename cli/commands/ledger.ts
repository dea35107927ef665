import type { Command } from 'commander'
import { mustBeStopped, runTool } from '../tools.ts'

type Flags = { data?: string; json?: boolean; dryRun?: boolean }

/** `recyclique ledger …`: is the record whole, and the state made again from it. */
export const ledgerCommand = (program: Command): void => {
  const ledger = program.command('ledger').description('the record of everything that was decided')
  ledger
    .command('verify')
    .description('check every fact, seal and number, and name what was altered; may run while selling')
    .option('--data <folder>', 'the data folder (RECYCLIQUE_DATA; ./data)')
    .option('--json', 'the report as one line of JSON')
    .action(({ data, json }: Flags) => runTool(data, ['verify', ...(json ? ['--json'] : [])]))
  ledger
    .command('rebuild')
    .description('make the tables of the present state again from the facts')
    .option('--data <folder>', 'the data folder (RECYCLIQUE_DATA; ./data)')
    .option('--dry-run', 'only say what would differ')
    .action(async ({ data, dryRun }: Flags) => {
      await mustBeStopped(data, 'rebuild')
      await runTool(data, ['rebuild', ...(dryRun ? ['--dry-run'] : [])])
    })
}
