import type { Command } from 'commander'
import { apiAt } from '../api.ts'
import { CannotDo } from '../bad-use.ts'
import { linesOfTaken, sendSettings } from '../send-config.ts'
import { type AddressFlags, addressFor, withAddress } from './address.ts'

type Flags = AddressFlags & { actor: string }

const ORIGIN = 'recyclique config set'

/** `recyclique config set` and `unset`: one setting of one module, in a kernel that runs. Stands beside whatever else the group `config` holds. */
export const configSetCommand = (program: Command): void => {
  const config =
    program.commands.find((one) => one.name() === 'config') ??
    program.command('config').description('what is set for modules')
  withActor(config.command('set <module> <key> <value>'))
    .description('set something for a module, at once; a secret as env:NAME or file:/path')
    .addHelpText('after', HELP)
    .action((module: string, key: string, value: string, flags: Flags) =>
      send(flags, module, { [key]: readValue(value) }),
    )

  withActor(config.command('unset <module> <key>'))
    .description('take it away again: the module goes by its default, or by what its process was given')
    .action((module: string, key: string, flags: Flags) => send(flags, module, { [key]: null }))
}

const HELP = `
The value is read as JSON where it is some (5, true, ["a"]), and as text where it is not.
Text that looks like JSON stands in double quotes:  recyclique config set paheko account '"512"'`

const withActor = (command: Command): Command =>
  withAddress(command).option('--actor <user>', 'who decides this', 'manager')

const send = async (flags: Flags, module: string, config: Record<string, unknown>) => {
  const view = await sendSettings(apiAt(await addressFor(flags), flags.actor), { module, config, origin: ORIGIN })
  const lines = linesOfTaken(view).join('\n')
  if (view.taken?.some(({ ok }) => !ok)) throw new CannotDo(lines)
  console.log(lines)
}

/** `null` would take the setting away: that is `unset`, so that here it is a word like others. */
const readValue = (text: string): unknown => {
  try {
    return (JSON.parse(text) as unknown) ?? text
  } catch {
    return text
  }
}
