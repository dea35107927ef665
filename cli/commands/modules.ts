import type { ModuleView } from '@recyclique/contracts'
import type { Command } from 'commander'
import { apiAt } from '../api.ts'
import { installedHome } from '../installed/home.ts'
import { overviewOf, rowsOf } from '../installed/overview.ts'
import { type Asked, type Survey, surveyModules } from '../up/find-modules.ts'
import { dataFolder, wishesIn } from '../up/options.ts'
import { addressOf } from '../up/run-file.ts'
import { BadConfig } from '../workshop/config-file.ts'
import { type AddressFlags, withAddress } from './address.ts'
import { grantCommands } from './grants.ts'
import { installedCommands } from './installed.ts'
import { lookCommands } from './look.ts'
import { orderCommands } from './orders.ts'
import { quarantineLines, releaseCommand } from './release.ts'

/** `recyclique modules …`: who is there, who is wanted, and who is not at work and why. */
export const modulesCommand = (program: Command): void => {
  const modules = program.command('modules').description('the modules: which there are, and what runs')
  withAddress(modules.command('list'))
    .description('list them: version, state, where each came from, why it is not at work')
    .option('--json', 'as data')
    .action(async ({ json, ...flags }: AddressFlags & { json?: true }) => {
      const data = dataFolder(flags.data, process.env)
      const url = flags.url ?? (process.env.RECYCLIQUE_URL || undefined) ?? (await addressOf(data))
      const views = url === undefined ? undefined : (await apiAt(url).get<{ items: ModuleView[] }>('/v1/modules')).items
      const { survey, slip } = await surveyAnyhow({ ...wishesIn({}, process.env), home: installedHome(data) })
      const overview = overviewOf(survey, views)
      if (json) return console.log(JSON.stringify(overview, null, 2))
      console.log([...rowsOf(overview, views !== undefined), ...quarantineLines(data)].join('\n'))
      if (slip !== undefined) console.error(`\n${slip}`)
    })
  installedCommands(modules)
  orderCommands(modules)
  lookCommands(modules)
  grantCommands(modules)
  releaseCommand(modules)
}

/** A configuration that cannot be taken keeps nobody from seeing what there is. */
const surveyAnyhow = async (asked: Asked): Promise<{ survey: Survey; slip?: string }> => {
  try {
    return { survey: await surveyModules(asked) }
  } catch (error) {
    if (!(error instanceof BadConfig)) throw error
    const survey = await surveyModules({ ...asked, profile: undefined, keeper: { read: async () => undefined } })
    return { survey, slip: error.message }
  }
}
