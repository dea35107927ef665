import { resolve } from 'node:path'
import { wordsOfRight } from '@recyclique/contracts'
import type { Command } from 'commander'
import { CannotDo } from '../bad-use.ts'
import { confirm } from '../confirm.ts'
import { isBundle } from '../installed/bundle.ts'
import { type Outcome, openDesk } from '../installed/desk.ts'
import { abilitiesOf } from '../installed/growth.ts'
import { readSource } from '../installed/obtain.ts'
import { dataFolder } from '../up/options.ts'

type Flags = { data?: string; registry?: string; yes?: true }

const KINDS = 'a folder, an archive (.tgz), a package (name@range), or an address'

/** `recyclique modules add|upgrade|rollback|remove|check`: which modules an installation has, whether it runs or not. */
export const installedCommands = (modules: Command): void => {
  withData(modules.command('add <source>'))
    .description(`install a module: ${KINDS}; or all of a bundle`)
    .option('--registry <address>', 'of packages (as npm is set up)')
    .option('--yes', 'agree that what a bundle upgrades may do more than before')
    .action(async (source: string, flags: Flags) => {
      const from = await readSource(source, flags.registry)
      if (from.kind === 'file' && (await isBundle(from.path))) return addAll(from.path, flags)
      const outcome = await deskOf(flags).add(from)
      console.log(`${outcome.name} ${outcome.manifest.version} is installed. ${whereIs(outcome)}`)
      const abilities = abilitiesOf(outcome.manifest)
      if (abilities.length > 0) console.log(['It', ...abilities.map((one) => `  ${one}`)].join('\n'))
      failUnlessAtWork(outcome)
    })

  withData(modules.command('upgrade <name> [source]'))
    .description(`put a newer version in its place: ${KINDS}; where it came from, if you say nothing`)
    .option('--registry <address>', 'of packages (as npm is set up)')
    .option('--yes', 'agree that it may do more than before')
    .action(async (name: string, source: string | undefined, flags: Flags) => {
      const outcome = await deskOf(flags).upgrade(name, source, flags.registry)
      console.log(`${name} ${outcome.manifest.version} is in force. ${whereIs(outcome)}`)
      failUnlessAtWork(outcome)
    })

  withData(modules.command('rollback <name>'))
    .description('go back to the version that was in force before')
    .action(async (name: string, flags: Flags) => {
      const outcome = await deskOf(flags).rollback(name)
      console.log(`${name} ${outcome.manifest.version} is in force again. ${whereIs(outcome)}`)
      failUnlessAtWork(outcome)
    })

  withData(modules.command('remove <name>'))
    .description('take it from this installation; what it keeps of its own stays')
    .action(async (name: string, flags: Flags) => {
      const { isThereStill } = await deskOf(flags).remove(name)
      const own = resolve(dataFolder(flags.data, process.env), 'modules', name)
      console.log(`${name} is removed. What it kept of its own, where it did, is still in ${own}`)
      if (isThereStill) console.log(`The one that came with the program is in its place again.`)
    })
}

const withData = (command: Command): Command =>
  command.option('--data <folder>', 'the data folder (RECYCLIQUE_DATA; ./data)')

const deskOf = ({ data, yes }: Flags) =>
  openDesk({
    data: dataFolder(data, process.env),
    agree: async (name, rights) => {
      console.error(
        [
          `The new ${name} can do more than the one in force. It also`,
          ...rights.map((right) => `  ${wordsOfRight(right)}`),
        ].join('\n'),
      )
      await confirm('May it?', yes === true)
    },
  })

const addAll = async (file: string, flags: Flags): Promise<void> => {
  const { outcomes, left } = await deskOf(flags).addBundle(file)
  for (const { name, manifest, ...outcome } of outcomes)
    console.log(`${name} ${manifest.version} is installed. ${whereIs({ name, manifest, ...outcome })}`)
  for (const line of left) console.log(line)
  for (const outcome of outcomes) failUnlessAtWork(outcome)
}

const whereIs = ({ view }: Outcome): string => {
  if (!view) return 'It starts with Recyclique.'
  return view.state === 'active' ? 'It is at work.' : `It is ${view.state}.`
}

const failUnlessAtWork = ({ name, view }: Outcome): void => {
  if (!view || view.state === 'active') return
  throw new CannotDo(
    [`${name} is not at work:`, ...view.reasons, `More: recyclique modules explain ${name}`].join('\n  '),
  )
}
