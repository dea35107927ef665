#!/usr/bin/env node
import { Command, CommanderError } from 'commander'
import { BadUse, CannotDo } from './bad-use.ts'
import { backupCommand } from './commands/backup.ts'
import { configCommand } from './commands/config.ts'
import { configSetCommand } from './commands/config-set.ts'
import { conformCommand } from './commands/conform.ts'
import { deadCommand } from './commands/dead.ts'
import { demoCommand } from './commands/demo.ts'
import { devCommand } from './commands/dev.ts'
import { doctorCommand } from './commands/doctor.ts'
import { factsCommand } from './commands/facts.ts'
import { keysCommand } from './commands/keys.ts'
import { ledgerCommand } from './commands/ledger.ts'
import { logCommand } from './commands/log.ts'
import { modulesCommand } from './commands/modules.ts'
import { newCommand } from './commands/new.ts'
import { offerModuleCommands } from './commands/of-modules.ts'
import { kernelCommand, moduleCommand } from './commands/part.ts'
import { restoreCommand } from './commands/restore.ts'
import { shellCommand } from './commands/shell.ts'
import { traceCommand } from './commands/trace.ts'
import { upCommand } from './commands/up.ts'
import { programVersion } from './version.ts'

/**
 * The hand: `recyclique` starts processes and speaks HTTP, and knows nothing of the ledger itself. Exit codes: 0 it is done, 1 it
 * could not be done, 2 the command was written wrongly. A Node older than 24 comes in through `recyclique.js`.
 */
const program = async (): Promise<Command> => {
  const recyclique = new Command('recyclique')
    .description('Runs a reuse centre: the kernel, its bus and its modules.')
    .version(programVersion(), '-V, --version', 'print the version')
    .showSuggestionAfterError()
    .showHelpAfterError('Type `recyclique --help` for what there is.')
    .exitOverride()
  for (const add of COMMANDS) add(recyclique)
  recyclique
    .command('version')
    .description('print the version')
    .action(() => console.log(programVersion()))
  await offerModuleCommands(recyclique, process.argv.slice(2))
  return inherit(recyclique)
}

const COMMANDS = [
  upCommand,
  devCommand,
  doctorCommand,
  demoCommand,
  modulesCommand,
  configCommand,
  configSetCommand,
  conformCommand,
  deadCommand,
  traceCommand,
  shellCommand,
  factsCommand,
  newCommand,
  logCommand,
  keysCommand,
  ledgerCommand,
  backupCommand,
  restoreCommand,
  kernelCommand,
  moduleCommand,
]

/** Commander hands settings on to commands that it makes itself; groups of commands are made by us. */
const inherit = (command: Command): Command => {
  for (const child of command.commands) inherit(child.copyInheritedSettings(command))
  return command
}

const exitCodeOf = (error: unknown): number => {
  // Commander has said it already; help and version are no errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (error instanceof BadUse || error instanceof CannotDo) {
    console.error(`recyclique: ${error.message}`)
    return error instanceof BadUse ? 2 : 1
  }
  console.error(error)
  return 1
}

if (Number(process.versions.node.split('.')[0]) < 24) await import(new URL('recyclique.js', import.meta.url).href)
else
  await program()
    .then((recyclique) => recyclique.parseAsync())
    .catch((error: unknown) => process.exit(exitCodeOf(error)))
