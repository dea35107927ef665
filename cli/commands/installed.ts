import { resolve } from 'node:path'
import { wordsOfRight } from '@recyclique/contracts'
import type { Command } from 'commander'
import { CannotDo } from '../bad-use.ts'
import { confirm } from '../confirm.ts'
import { isBundle } from '../installed/bundle.ts'
import { type Outcome, openDesk } from '../installed/desk.ts'
import { abilitiesOf } from '../installed/growth.ts'
import { readSource } from '../installed/obtain.ts'
import type { Trust } from '../installed/signature.ts'
import { configFile } from '../up/find-modules.ts'
import { dataFolder, wishesIn } from '../up/options.ts'
import { readConfigFile } from '../workshop/config-file.ts'

type Flags = { data?: string; registry?: string; yes?: true; config?: string }

const KINDS = 'a folder, an archive (.tgz), a package (name@range), or an address'

/** `recyclique modules add|upgrade|rollback|remove|check`: which modules an installation has, whether it runs or not. */
export const installedCommands = (modules: Command): void => {
  withConfig(withData(modules.command('add <source>')))
    .description(`install a module: ${KINDS}; or all of a bundle`)
    .option('--registry <address>', 'of packages (as npm is set up)')
    .option('--yes', 'agree that what a bundle upgrades may do more than before')
    .action(async (source: string, flags: Flags) => {
      const from = await readSource(source, flags.registry)
      if (from.kind === 'file' && (await isBundle(from.path))) return addAll(from.path, flags)
      const outcome = await (await deskOf(flags)).add(from)
      console.log(`${outcome.name} ${outcome.manifest.version} is installed${byWhom(outcome)}. ${whereIs(outcome)}`)
      const abilities = abilitiesOf(outcome.manifest)
      if (abilities.length > 0) console.log(['It', ...abilities.map((one) => `  ${one}`)].join('\n'))
      failUnlessAtWork(outcome)
    })

  withConfig(withData(modules.command('upgrade <name> [source]')))
    .description(`put a newer version in its place: ${KINDS}; where it came from, if you say nothing`)
    .option('--registry <address>', 'of packages (as npm is set up)')
    .option('--yes', 'agree that it may do more than before')
    .action(async (name: string, source: string | undefined, flags: Flags) => {
      const outcome = await (await deskOf(flags)).upgrade(name, source, flags.registry)
      console.log(`${name} ${outcome.manifest.version} is in force${byWhom(outcome)}. ${whereIs(outcome)}`)
      failUnlessAtWork(outcome)
    })

  withData(modules.command('rollback <name>'))
    .description('go back to the version that was in force before')
    .action(async (name: string, flags: Flags) => {
      const outcome = await (await deskOf(flags)).rollback(name)
      console.log(`${name} ${outcome.manifest.version} is in force again. ${whereIs(outcome)}`)
      failUnlessAtWork(outcome)
    })

  withData(modules.command('remove <name>'))
    .description('take it from this installation; what it keeps of its own stays')
    .action(async (name: string, flags: Flags) => {
      const { isThereStill } = await (await deskOf(flags)).remove(name)
      const own = resolve(dataFolder(flags.data, process.env), 'modules', name)
      console.log(`${name} is removed. What it kept of its own, where it did, is still in ${own}`)
      if (isThereStill) console.log(`The one that came with the program is in its place again.`)
    })
}

const withData = (command: Command): Command =>
  command.option('--data <folder>', 'the data folder (RECYCLIQUE_DATA; ./data)')

/** Said on every line that takes something from outside: it says who must have signed it. */
const withConfig = (command: Command): Command =>
  command.option(
    '--config <file>',
    'where it stands whose signatures are trusted (RECYCLIQUE_CONFIG; ./recyclique.yaml)',
  )

/** A configuration that cannot be taken takes nothing: nobody could say whom to trust. */
const trustFrom = async (flags: Flags): Promise<Trust> => {
  const { path, isAskedFor } = configFile(wishesIn(flags, process.env))
  const config = await readConfigFile(resolve(path), isAskedFor)
  return { ...config?.signatures, say: (line) => console.error(line) }
}

const deskOf = async ({ data, yes, ...flags }: Flags) =>
  openDesk({
    data: dataFolder(data, process.env),
    trust: await trustFrom(flags),
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
  const { outcomes, left } = await (await deskOf(flags)).addBundle(file)
  for (const outcome of outcomes)
    console.log(`${outcome.name} ${outcome.manifest.version} is installed${byWhom(outcome)}. ${whereIs(outcome)}`)
  for (const line of left) console.log(line)
  for (const outcome of outcomes) failUnlessAtWork(outcome)
}

const byWhom = ({ signedBy }: Outcome): string => (signedBy === undefined ? '' : `, signed by ${signedBy}`)

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
