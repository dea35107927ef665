import { resolve } from 'node:path'
import { type ConfigView, instanceConfigDocument } from '@recyclique/contracts'
import type { Command } from 'commander'
import { apiAt } from '../api.ts'
import { CannotDo } from '../bad-use.ts'
import { installedHome } from '../installed/home.ts'
import { showConfig, wordsOnConfig } from '../installed/show-config.ts'
import { configFile, isStartable, surveyModules } from '../up/find-modules.ts'
import { dataFolder, wishesIn } from '../up/options.ts'
import { readConfigFile } from '../workshop/config-file.ts'
import { addressIfAny } from './address.ts'
import { configApplyCommand } from './config-apply.ts'

/** What is set in a kernel that runs, module by module. */
const settingsAt = async (url: string, modules: readonly { name: string }[]): Promise<Map<string, ConfigView>> => {
  const api = apiAt(url)
  const views = modules.map(({ name }) => api.get<ConfigView>(`/v1/modules/${encodeURIComponent(name)}/config`))
  return new Map((await Promise.all(views)).map((view) => [view.module, view]))
}

type Flags = { data?: string; config?: string; modules?: string; json?: true }

/** `recyclique config …`: what is in force here, and where each word of it was said. */
export const configCommand = (program: Command): void => {
  const config = program.command('config').description('what this installation is, and which modules it runs')
  config
    .command('show')
    .description('the effective list: each setting with where it was said')
    .option('--data <folder>', 'the data folder (RECYCLIQUE_DATA; ./data)')
    .option('--config <file>', 'the configuration (RECYCLIQUE_CONFIG; ./recyclique.yaml where there is one)')
    .option('--modules <names>', 'as `recyclique up` would take it')
    .option('--json', 'as data')
    .action(async ({ data, json, ...flags }: Flags) => {
      const home = installedHome(dataFolder(data, process.env))
      const survey = await surveyModules({ ...wishesIn(flags, process.env), home })
      const url = await addressIfAny(data === undefined ? {} : { data })
      const inForce = url === undefined ? undefined : await settingsAt(url, survey.entries)
      const shown = showConfig(survey, process.env, inForce)
      console.log(json ? JSON.stringify(shown, null, 2) : wordsOnConfig(shown).join('\n'))
    })

  config
    .command('check [file]')
    .description('is it written as it must be, and is everything there that it names?')
    .option('--data <folder>', 'the data folder (RECYCLIQUE_DATA; ./data)')
    .action(async (file: string | undefined, { data }: Flags) => {
      const wished = { ...wishesIn(file === undefined ? {} : { config: file }, {}), profile: undefined }
      const { path } = configFile(file === undefined ? wishesIn({}, process.env) : wished)
      await readConfigFile(resolve(path), true)
      const home = installedHome(dataFolder(data, process.env))
      const { chosen, notes } = await surveyModules({ ...wished, config: path, home })
      const wrong = [...chosen.flatMap((one) => (isStartable(one) ? [] : [`${one.name}: ${one.why}`])), ...notes]
      if (wrong.length > 0) throw new CannotDo([`${path}:`, ...wrong].join('\n  '))
      console.log(`${path} is in order: ${chosen.map(({ name }) => name).join(', ') || 'no modules'}.`)
    })

  configApplyCommand(config)

  config
    .command('schema')
    .description('the JSON Schema of recyclique.yaml, for editors (docs/recyclique.schema.json)')
    .action(() => console.log(JSON.stringify(instanceConfigDocument(), null, 2)))
}
