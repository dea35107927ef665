import type { CommandFile, ModuleCommand } from '@recyclique/contracts'
import type { Command } from 'commander'
import { CannotDo } from '../bad-use.ts'
import type { StartableModule } from './manifests.ts'

/** A command that a module adds: `recyclique <module> <name>`. */
export interface OfferedCommand extends ModuleCommand {
  readonly module: string
}

/** What is handed to the module, and what comes back. `text` is for the person who typed it, `files` are to be written where they stand. */
export interface CommandCall {
  readonly module: string
  readonly command: string
  /** By the names of the manifest. */
  readonly args: Readonly<Record<string, string>>
}
export type CommandAnswer =
  | { readonly text: string; readonly files?: readonly CommandFile[] }
  | { readonly failed: string }

/** Brings a call to the module, over the kernel, and its answer back. Rejects where the module is not there. */
export type SendCommand = (call: CommandCall) => Promise<CommandAnswer>

/** What the modules' manifests offer; a name that is there twice counts once, and is noted. None of their code runs for it. */
export const commandsOf = (
  modules: readonly StartableModule[],
): { commands: readonly OfferedCommand[]; notes: readonly string[] } => {
  const commands: OfferedCommand[] = []
  const notes: string[] = []
  for (const { name, manifest } of modules)
    for (const [nth, command] of (manifest.commands ?? []).entries()) {
      if (commands.some((one) => one.module === name && one.name === command.name))
        notes.push(`${name}, /commands/${nth}: '${command.name}' is there twice`)
      else commands.push({ ...command, module: name })
    }
  return { commands, notes }
}

type Offer = {
  commands: readonly OfferedCommand[]
  send: SendCommand
  print: (text: string) => void
  /** Writes a file, and gives its path. A command that brings one fails where nothing is said. */
  write?: ((file: CommandFile) => Promise<string>) | undefined
}

/**
 * Puts the modules' commands into the program's list, under each module's name. A module that is named like a command of our own keeps
 * out of its way: its name is given back, and nothing of it is added.
 */
export const offerCommands = (program: Command, { commands, send, print, write }: Offer): readonly string[] => {
  const own = new Set(program.commands.flatMap((command) => [command.name(), ...command.aliases()]))
  const modules = [...new Set(commands.map(({ module }) => module))]
  for (const module of modules.filter((name) => !own.has(name))) {
    const group = program.command(module).description(`commands of the module ${module}`)
    for (const command of commands.filter((one) => one.module === module))
      offerOne(group, command, { send, print, write })
  }
  return modules.filter((name) => own.has(name))
}

const offerOne = (group: Command, offered: OfferedCommand, { send, print, write }: Omit<Offer, 'commands'>): void => {
  const { args = [], options = [] } = offered
  const command = group.command(offered.name).description(offered.description)
  for (const { name, description = '', isOptional } of args)
    command.argument(isOptional ? `[${name}]` : `<${name}>`, description)
  for (const { name, description = '', value } of options)
    command.option(value === undefined ? `--${name}` : `--${name} <${value}>`, description)
  command.action(async (...typed: unknown[]) => {
    const given = args.flatMap(({ name }, nth) => (typeof typed[nth] === 'string' ? [[name, typed[nth]] as const] : []))
    const chosen = optionsOf(command, options)
    const words = Object.fromEntries([...given, ...chosen])
    const call = { module: offered.module, command: offered.name, args: words }
    const { text, files = [] } = await dispatch(send, call)
    if (files.length > 0 && !write)
      throw new CannotDo(`${call.module} ${call.command} gave files, and they cannot be written`)
    for (const file of files) print(`written: ${await write?.(file)}`)
    print(text)
  })
}

/** Those that were typed. The program's own name for `--dry-run` is `dryRun`. */
const optionsOf = (command: Command, options: NonNullable<ModuleCommand['options']>): [string, string][] =>
  options.flatMap(({ name }) => {
    const typed: unknown = command.opts()[name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())]
    return typed === undefined ? [] : [[name, String(typed)] as [string, string]]
  })

/** Has the module run it; gives its words and files. Throws a `CannotDo` with why where it did not come about. */
export const dispatch = async (
  send: SendCommand,
  call: CommandCall,
): Promise<Extract<CommandAnswer, { text: string }>> => {
  const what = `${call.module} ${call.command}`
  const answer = await send(call).catch((cause: Error) => {
    throw new CannotDo(`${what} was not run: ${cause.message}`, { cause })
  })
  if ('failed' in answer) throw new CannotDo(`${what} failed: ${answer.failed}`)
  return answer
}
