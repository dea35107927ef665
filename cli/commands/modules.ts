import type { ModuleView } from '@recyclique/contracts'
import type { Command } from 'commander'
import { apiAt } from '../api.ts'
import { dataFolder } from '../up/options.ts'
import { type AddressFlags, addressFor, withAddress } from './address.ts'
import { grantCommands } from './grants.ts'
import { quarantineLines, releaseCommand } from './release.ts'

/** `recyclique modules …`: who is there, why somebody is not, and the way back. */
export const modulesCommand = (program: Command): void => {
  const modules = program.command('modules').description('the modules of a kernel that runs')
  grantCommands(modules)
  withAddress(modules.command('list'))
    .description('list them: state, version, facts that wait, reasons')
    .action(async (flags: AddressFlags) => {
      const { items } = await apiAt(await addressFor(flags)).get<{ items: ModuleView[] }>('/v1/modules')
      console.log(items.length === 0 ? 'No module has announced itself.' : items.map(lineOf).join('\n'))
      for (const line of quarantineLines(dataFolder(flags.data, process.env))) console.log(line)
    })
  releaseCommand(modules)
}

const lineOf = ({ name, version, state, lag, instances, reasons }: ModuleView): string =>
  [
    name.padEnd(24),
    version.padEnd(10),
    state.padEnd(10),
    `${instances.filter((instance) => instance.state !== 'gone').length} running`,
    ...(lag === undefined ? [] : [`  ${lag} waiting`]),
    ...(reasons.length === 0 ? [] : [`  ${reasons.join('; ')}`]),
  ].join(' ')
