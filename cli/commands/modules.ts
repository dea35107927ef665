import type { ModuleView } from '@recyclique/contracts'
import type { Command } from 'commander'
import { apiAt } from '../api.ts'
import { overviewOf, rowsOf } from '../installed/overview.ts'
import { dataFolder } from '../up/options.ts'
import { type AddressFlags, addressIfAny, withAddress } from './address.ts'
import { grantCommands } from './grants.ts'
import { installedCommands } from './installed.ts'
import { lookCommands } from './look.ts'
import { orderCommands } from './orders.ts'
import { quarantineLines, releaseCommand } from './release.ts'
import { signCommands } from './sign.ts'
import { surveyAnyhow } from './survey.ts'

/** `recyclique modules …`: who is there, who is wanted, and who is not at work and why. */
export const modulesCommand = (program: Command): void => {
  const modules = program.command('modules').description('the modules: which there are, and what runs')
  withAddress(modules.command('list'))
    .description('list them: version, state, where each came from, why it is not at work')
    .option('--json', 'as data')
    .action(async ({ json, ...flags }: AddressFlags & { json?: true }) => {
      const url = await addressIfAny(flags)
      const views = url === undefined ? undefined : (await apiAt(url).get<{ items: ModuleView[] }>('/v1/modules')).items
      const { survey, slip } = await surveyAnyhow(flags.data)
      const overview = overviewOf(survey, views)
      if (json) return console.log(JSON.stringify(overview, null, 2))
      console.log(
        [...rowsOf(overview, views !== undefined), ...quarantineLines(dataFolder(flags.data, process.env))].join('\n'),
      )
      if (slip !== undefined) console.error(`\n${slip}`)
    })
  installedCommands(modules)
  orderCommands(modules)
  lookCommands(modules)
  grantCommands(modules)
  releaseCommand(modules)
  signCommands(modules)
}
