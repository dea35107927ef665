import { randomUUID } from 'node:crypto'
import type { Command } from 'commander'
import { apiAt } from '../api.ts'
import { type CommandAnswer, type OfferedCommand, offerCommands } from '../workshop/commands.ts'
import { writeFileBeside } from '../workshop/write-file.ts'
import { addressFor } from './address.ts'

/** Whoever wants to read what there is does not wait for a kernel that is stuck. */
const HELP_WITHIN_MS = 2_000

/** A little longer than the kernel itself waits for the module. */
const DONE_WITHIN_MS = 125_000

/**
 * The commands of the modules at work: `recyclique <module> <command>`. The kernel knows them; it is asked only where the words that were typed are none
 * of our own, or where somebody wants to see what there is. `RECYCLIQUE_URL` and `RECYCLIQUE_DATA` say where it is.
 */
export const offerModuleCommands = async (program: Command, typed: readonly string[]): Promise<void> => {
  const [first] = typed
  const isHelp = first === undefined || ['help', '--help', '-h'].includes(first)
  const isOurs = program.commands.some((command) => command.name() === first || command.aliases().includes(first ?? ''))
  if (isOurs || (!isHelp && first.startsWith('-'))) return
  const api = apiAt(await addressFor({}))
  // Nobody there: whoever asks for help sees our own, and a word that nobody knows is refused as always.
  const found = await api
    .get<{ items: OfferedCommand[] }>('/v1/commands', { withinMs: HELP_WITHIN_MS })
    .catch(() => ({ items: [] }))
  offerCommands(program, {
    commands: found.items,
    async send({ module, command, args }) {
      const path = `/v1/modules/${module}/commands/${command}`
      return api.post<CommandAnswer>(path, { body: { args }, key: randomUUID(), withinMs: DONE_WITHIN_MS })
    },
    print: (text) => console.log(text),
    write: (file) => writeFileBeside(process.cwd(), file),
  })
}
