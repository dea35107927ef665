import { resolve } from 'node:path'
import type { InstanceConfig, WantedOutcome } from '@recyclique/contracts'
import type { Command } from 'commander'
import { type Api, apiAt } from '../api.ts'
import { CannotDo } from '../bad-use.ts'
import { configFile } from '../up/find-modules.ts'
import { wishesIn } from '../up/options.ts'
import { changesOfCentre } from '../up/set-up-centre.ts'
import { handOver, isTrouble, wantedFrom, wordsOnOutcome } from '../wanted.ts'
import { effectiveList } from '../workshop/config.ts'
import { readConfigFile } from '../workshop/config-file.ts'
import { type AddressFlags, addressFor, withAddress } from './address.ts'

type Flags = AddressFlags & { actor: string; dryRun?: boolean }

/** `recyclique config apply`: what `up` does by itself when its file changes, for a kernel that no `up` looks after, or with another file. */
export const configApplyCommand = (config: Command): void => {
  withAddress(config.command('apply [file]'))
    .description('bring the kernel that runs to what recyclique.yaml says, and say what changed')
    .option('--dry-run', 'only say what would change')
    .option('--actor <user>', 'who decides this', 'manager')
    .action(async (file: string | undefined, { actor, dryRun = false, ...flags }: Flags) => {
      const { path } = configFile(wishesIn(file === undefined ? {} : { config: file }, process.env))
      const said = (await readConfigFile(resolve(path), true)) ?? {}
      const api = apiAt(await addressFor(flags), actor)
      const centre = await centreOf(api, said, path)
      const outcomes = await handOver(api, wantedIn(path, said), dryRun)
      if (!dryRun) for (const { carryOut } of centre) await carryOut()
      report(path, { lines: centre.map(({ words }) => words), outcomes, dryRun })
    })
}

const centreOf = async (api: Api, config: InstanceConfig, path: string) => {
  const { items } = await api.get<{ items: { id: string }[] }>('/v1/sites')
  const id = items[0]?.id ?? ''
  if (config.site?.id !== undefined && config.site.id !== id)
    throw new CannotDo(
      `${path} is about the site ${config.site.id}, and this kernel keeps ${id}: name the other one with --url or --data`,
    )
  return changesOfCentre(api, id, config)
}

const wantedIn = (path: string, config: InstanceConfig) => {
  const { environment, profile } = wishesIn({}, process.env)
  return wantedFrom(effectiveList({ file: { path, config }, profile, environment, found: [] }).entries)
}

type Report = { lines: readonly string[]; outcomes: readonly WantedOutcome[]; dryRun: boolean }

const report = (path: string, { lines, outcomes, dryRun }: Report): void => {
  const all = [...lines, ...outcomes.flatMap(wordsOnOutcome)]
  const head = dryRun ? `${path} would change this:` : `${path} is applied:`
  const text = all.length === 0 ? `Nothing changes: everything is as ${path} says.` : [head, ...all].join('\n  ')
  if (outcomes.some(isTrouble)) throw new CannotDo(text)
  console.log(text)
}
