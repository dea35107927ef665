import { dirname, join } from 'node:path'
import type { Manifest } from '@recyclique/contracts'
import type { Command } from 'commander'
import { BadUse } from '../bad-use.ts'
import { CASES } from '../conform/cases/all.ts'
import { conform } from '../conform/conform.ts'
import { makeReportScreen } from '../conform/screen.ts'
import { readManifest } from '../workshop/read-manifest.ts'

type Flags = { manifest?: string; only?: string[]; timeout: string; json?: boolean; log?: boolean; list?: boolean }

/** `recyclique conform -- <command …>`: plays the kernel to any process, and says what it does right and wrong. */
export const conformCommand = (program: Command): void => {
  program
    .command('conform')
    .description('play the kernel to a module in any language, and report case by case')
    .argument('[command...]', 'what starts the module, behind --')
    .option('--manifest <file>', 'its manifest.json (the one here, or beside a file of the command)')
    .option('--only <case...>', 'only these cases, by the name in brackets')
    .option('--timeout <seconds>', 'how long it may take to start, and to do anything that is not measured', '10')
    .option('--json', 'the report as JSON')
    .option('--log', 'show what the module writes')
    .option('--list', 'list the cases, and try none')
    .action(async (command: string[], flags: Flags) => {
      if (flags.list) return console.log(CASES.map(({ name, words }) => `${name.padEnd(26)} ${words}`).join('\n'))
      const only = checkedNames(flags.only ?? [])
      const timeoutMs = readSeconds(flags.timeout) * 1_000
      const manifest = await findManifest(command, flags.manifest)
      // The report alone goes to stdout where a program reads it.
      const out = flags.json ? process.stderr : process.stdout
      const screen = makeReportScreen(out, process.env)
      screen.begin(`${manifest.name} ${manifest.version}: ${command.join(' ')}`)
      const report = await conform({
        ...{ manifest, command, only, timeoutMs, env: process.env },
        onLine: (line) => flags.log && out.write(`        | ${line}\n`),
        say: (line) => out.write(`${line}\n`),
        onResult: screen.hear,
      })
      screen.end(report)
      if (flags.json) console.log(JSON.stringify(report, undefined, 2))
      process.exitCode = report.hasPassed ? 0 : 1
    })
}

const checkedNames = (names: readonly string[]): readonly string[] => {
  const unknown = names.find((name) => !CASES.some((one) => one.name === name))
  if (unknown === undefined) return names
  throw new BadUse(`there is no case '${unknown}': recyclique conform --list names them`)
}

const readSeconds = (text: string): number => {
  const seconds = Number(text)
  if (seconds > 0 && seconds <= 600) return seconds
  throw new BadUse(`'${text}' is no time: give seconds, as in --timeout 20`)
}

/** The file that is named; else the one where we stand; else one that lies beside a file of the command. */
const findManifest = async (command: readonly string[], named: string | undefined): Promise<Manifest> => {
  if (command.length === 0)
    throw new BadUse('say behind -- what starts the module, as in: recyclique conform -- python3 main.py')
  const files =
    named !== undefined ? [named] : ['manifest.json', ...command.map((one) => join(dirname(one), 'manifest.json'))]
  for (const file of files) {
    const read = await readManifest(file)
    if (read && 'why' in read) throw new BadUse(`the manifest cannot be taken: ${read.why}`)
    if (read) return read.manifest
  }
  throw new BadUse(`there is no ${named ?? 'manifest.json here'}: name the module's with --manifest <file>`)
}
