import type { ModuleView } from '@recyclique/contracts'
import type { Command } from 'commander'
import { apiAt, Refused } from '../api.ts'
import { CannotDo } from '../bad-use.ts'
import { makeBundle } from '../installed/bundle.ts'
import { checkSource } from '../installed/check-source.ts'
import { explain } from '../installed/explain.ts'
import { installedHome } from '../installed/home.ts'
import { reportLibraries, wordsOnLibraries } from '../installed/libraries.ts'
import { overviewOf } from '../installed/overview.ts'
import { paint, readmeOf } from '../installed/readme.ts'
import { readSigningKey } from '../installed/signing-key.ts'
import { isStartable } from '../up/find-modules.ts'
import { dataFolder } from '../up/options.ts'
import { type AddressFlags, addressIfAny, withAddress } from './address.ts'
import { surveyAnyhow } from './survey.ts'

type DataFlags = { data?: string }

/** What can be seen of modules without changing anything, and taken along. */
export const lookCommands = (modules: Command): void => {
  modules
    .command('check <folder>')
    .description('everything that is wrong with a module, a folder or an archive, without running any of it')
    .action(async (folder: string) => {
      const { name, flaws } = await checkSource(folder)
      if (flaws.length > 0) throw new CannotDo([`${folder}:`, ...flaws].join('\n  '))
      console.log(`${name} is in order.`)
    })

  withAddress(modules.command('explain <name>'))
    .description('why is it not at work? Everything in one list, and what to do')
    .action(async (name: string, flags: AddressFlags) => {
      const url = await addressIfAny(flags)
      const view = url === undefined ? undefined : await viewAt(url, name)
      const { survey, slip } = await surveyAnyhow(flags.data)
      const line = overviewOf(survey, view ? [view] : []).find((one) => one.name === name)
      console.log(explain({ name, view, line, isRunning: url !== undefined }).join('\n'))
      if (slip !== undefined) console.error(`\n${slip}`)
    })

  withData(modules.command('docs <name>'))
    .description('what its author says of it')
    .action(async (name: string, { data }: DataFlags) => {
      const { survey } = await surveyAnyhow(data)
      const found = survey.there.find((one) => one.name === name)
      if (!found) throw new CannotDo(`there is no module ${name}; there are ${namesIn(survey.there)}`)
      if (!isStartable(found)) throw new CannotDo(found.why)
      console.log(paint(await readmeOf(found), process.stdout.isTTY === true && !process.env.NO_COLOR))
    })

  withData(modules.command('deps'))
    .description('the libraries that modules ask for: all in one list, conflicts, licences')
    .option('--json', 'as data')
    .action(async ({ data, json }: DataFlags & { json?: true }) => {
      const report = await reportLibraries((await surveyAnyhow(data)).survey)
      console.log(json ? JSON.stringify(report, null, 2) : wordsOnLibraries(report).join('\n').trimEnd())
    })

  withData(modules.command('bundle [names...]'))
    .description('pack modules that were added, with their libraries, to be added elsewhere without a network')
    .requiredOption('-o, --output <file>', 'the archive, as in modules.tgz')
    .option('--key <file>', 'sign it with this key (modules signing-key makes one)')
    .action(async (names: string[], { data, output, key }: DataFlags & { output: string; key?: string }) => {
      const signing = key === undefined ? undefined : await readSigningKey(key)
      const made = await makeBundle(installedHome(dataFolder(data, process.env)), names, output, signing)
      const what = made.modules.map(({ name, version }) => `${name} ${version}`).join(', ')
      console.log(`${output} holds ${what}.\nSHA-256 ${made.sha256}\nElsewhere: npx recyclique modules add ${output}`)
    })
}

const withData = (command: Command): Command =>
  command.option('--data <folder>', 'the data folder (RECYCLIQUE_DATA; ./data)')

const namesIn = (there: readonly { name: string }[]): string => there.map(({ name }) => name).join(', ') || 'none'

const viewAt = (url: string, name: string): Promise<ModuleView | undefined> =>
  apiAt(url)
    .get<ModuleView>(`/v1/modules/${encodeURIComponent(name)}`)
    .catch((error: unknown) => {
      if (error instanceof Refused && error.status === 404) return undefined
      throw error
    })
