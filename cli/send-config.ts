import type { ConfigView } from '@recyclique/contracts'
import type { Api } from './api.ts'

export interface ModuleSettings {
  readonly module: string
  readonly config: Readonly<Record<string, unknown>>
  /** Where it was said, for whoever looks at it later: a file, a command. */
  readonly origin: string
}

/**
 * Some settings, sent to a kernel that runs; null takes one away. Throws `Refused` with every flaw; then nothing has changed. Which processes
 * took it stands in `taken`.
 */
export const sendSettings = (api: Api, { module, config, origin }: ModuleSettings): Promise<ConfigView> =>
  api.patch<ConfigView>(pathOf(module), { body: { config, origin } })

/** What became of it, for a person: a line for each process that could not take it. */
export const linesOfTaken = ({ module, isKnown, taken = [] }: ConfigView): string[] => {
  const refused = taken.filter(({ ok }) => !ok)
  if (!isKnown) return [`Kept. ${module} has not come yet: it is looked at when it does.`]
  if (taken.length === 0) return [`Kept. ${module} does not run: it has it when it starts.`]
  if (refused.length === 0)
    return [`${module} works with it (${taken.length === 1 ? '1 process' : `${taken.length} processes`}).`]
  return refused.map(({ instance, words }) => `Kept, but ${instance} goes on with what it had: ${words}`)
}

const pathOf = (module: string) => `/v1/modules/${encodeURIComponent(module)}/config`
