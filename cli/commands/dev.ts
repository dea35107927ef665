import type { Command } from 'commander'
import { readUpOptions, type UpFlags } from '../up/options.ts'
import { runUp, withUpOptions } from './up.ts'

/** `recyclique dev FOLDER…`: everything as `up` starts it, and these modules anew at each change. */
export const devCommand = (program: Command): void => {
  const dev = program
    .command('dev')
    .argument('<folders...>', 'the folders of the modules that you work on, as in ./modules/shelf-labels')
    .description('start everything, and start these modules anew whenever a file of theirs changes')
    .option('--inspect', 'give each of them a debugger port')
  withUpOptions(dev).action((folders: string[], { inspect = false, ...flags }: UpFlags & { inspect?: boolean }) =>
    runUp({ ...readUpOptions(flags, process.env), dev: { folders, inspects: inspect } }),
  )
}
