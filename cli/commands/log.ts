import type { LogLevelTaken } from '@recyclique/contracts'
import type { Command } from 'commander'
import { apiAt } from '../api.ts'
import { CannotDo } from '../bad-use.ts'
import { type AddressFlags, addressFor, withAddress } from './address.ts'

type Flags = AddressFlags & { actor: string; module?: string }

/** `recyclique log level`: how much is written while it runs, to look at something now. */
export const logCommand = (program: Command): void => {
  const log = program.command('log').description('what is written into the log')
  withAddress(log.command('level [level]'))
    .description(
      'how much the kernel writes, or a module: trace, debug, info, warn, error, fatal or silent; until its next start',
    )
    .option('--module <name>', 'all processes of this module, in place of the kernel')
    .option('--actor <user>', 'who decides this', 'manager')
    .action(async (level: string | undefined, { actor, module, ...flags }: Flags) => {
      const api = apiAt(await addressFor(flags), actor)
      if (level === undefined) return console.log(await levelNow(api, module))
      const body = { level }
      if (module === undefined) await api.put('/v1/log-level', { body })
      const taken =
        module === undefined
          ? []
          : (await api.put<LogLevelTaken>(`/v1/modules/${encodeURIComponent(module)}/log-level`, { body })).taken
      const words = wordsOn(module, level, taken)
      if (taken.some(({ ok }) => !ok)) throw new CannotDo(words)
      console.log(words)
    })
}

const levelNow = async (api: ReturnType<typeof apiAt>, module: string | undefined): Promise<string> => {
  if (module !== undefined)
    throw new CannotDo(`what ${module} writes is known to its processes alone: say a level to set it`)
  return `The kernel writes what is ${(await api.get<{ level: string }>('/v1/log-level')).level} and above.`
}

const wordsOn = (module: string | undefined, level: string, taken: LogLevelTaken['taken']): string => {
  if (module === undefined) return `The kernel writes what is ${level} and above, until it is started again.`
  if (taken.length === 0) return `${module} does not run: LOG_LEVEL says how much it writes when it starts.`
  const writes = (instance: string) => `${instance} writes what is ${level} and above, until it is started again.`
  return taken.map(({ instance, ok, words }) => (ok ? writes(instance) : `${instance}: ${words}`)).join('\n')
}
