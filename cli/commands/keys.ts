import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { apiAt, Refused } from '../api.ts'
import { BadUse } from '../bad-use.ts'
import { runKeysTool } from '../keys-tool.ts'
import { dataFolder } from '../up/options.ts'
import { type AddressFlags, addressFor, withAddress } from './address.ts'

/** Handed on to the keys' tool as they are. */
const HANDED_ON = [
  ['--server-config <file>', "also write nats-server's configuration there"],
  ['--store <folder>', 'where that server keeps its streams'],
  ['--host <address>', 'on which address it listens (127.0.0.1)'],
  ['--port <number>', 'and on which port, -1 for any free one (-1)'],
  ['--monitoring-port <number>', 'where it tells the machine itself how it is'],
] as const

type Flags = { data?: string; site?: string; module?: string[] } & Record<string, string | string[] | undefined>

/** `recyclique keys init`: what a server with keys of ours needs before it starts. `up` does it by itself; containers have it done once. */
export const keysCommand = (program: Command): void => {
  const keys = program.command('keys').description('the keys of this centre')
  const init = keys
    .command('init')
    .description('make the keys that are missing; none is ever replaced')
    .option('--data <folder>', 'the data folder (RECYCLIQUE_DATA; ./data)')
    .option('--site <id>', 'which centre this is, chosen once (RECYCLIQUE_SITE; centre)')
    .option('--module <name=file>', "also write this module's credentials there; may be said again", append)
  for (const [flags, description] of HANDED_ON) init.option(flags, description)
  init.action(async ({ data, site, module = [], ...others }: Flags) => {
    const made = await runKeysTool<{ site: string; folder: string }>([
      'init',
      ...['--keys', keysFolder(data)],
      ...(site === undefined ? [] : ['--site', site]),
      ...module.flatMap((one) => ['--module', one]),
      // With `=`: a port may begin with a dash.
      ...Object.entries(others).map(([name, value]) => `--${dashed(name)}=${value}`),
    ])
    console.log(`The keys of site '${made.site}' are in ${made.folder}. Whoever has them may do everything on the bus.`)
  })
  withAddress(keys.command('creds [module]'))
    .description('write the credentials of a module that is started by hand, and let it onto the bus')
    .option(
      '--operator',
      'instead of a module’s: those with which the nats tool sees all modules, and can do nothing else',
    )
    .option('--out <file>', 'where to; ./<module>.creds, or ./operator.creds')
    .action(async (module: string | undefined, { out, operator, ...flags }: CredsFlags) => {
      if ((operator === true) === (module !== undefined)) throw new BadUse(WHOSE)
      if (module === undefined) return writeOperators(resolve(out ?? 'operator.creds'), flags)
      const file = resolve(out ?? `${module}.creds`)
      const made = await runKeysTool<{ site: string }>([
        'init',
        ...['--keys', keysFolder(flags.data)],
        ...['--module', `${module}=${file}`],
      ])
      console.log(
        [
          `${file} is written. Whoever has it is '${module}' on the bus.`,
          `Start the module with RECYCLIQUE_SITE=${made.site} RECYCLIQUE_CREDS=${file}`,
          await letIn(module, flags),
        ].join('\n'),
      )
    })
}

type CredsFlags = AddressFlags & { out?: string; operator?: true }

const WHOSE = 'say whose credentials: `recyclique keys creds NAME` for a module, or `recyclique keys creds --operator`'

/** Nobody need be asked: the account is there as soon as a server was started with these keys, or a kernel has joined it. */
const writeOperators = async (file: string, { data }: AddressFlags): Promise<void> => {
  await runKeysTool(['init', '--keys', keysFolder(data), '--onlooker', file])
  console.log(
    [
      `${file} is written. Whoever has it sees the modules of this centre, and can do nothing else.`,
      `nats --server <address> --creds ${file} micro ls`,
      'The address stands in the first lines of `npm start`.',
    ].join('\n'),
  )
}

const keysFolder = (data: string | undefined): string =>
  process.env.RECYCLIQUE_KEYS || join(dataFolder(data, process.env), 'keys')

/** A kernel that runs lets it in now; one that is started later does so by itself. */
const letIn = async (module: string, flags: AddressFlags): Promise<string> => {
  const api = apiAt(await addressFor(flags))
  try {
    const { onTheBus } = await api.put<{ onTheBus: boolean }>(`/v1/modules/${encodeURIComponent(module)}/account`, {})
    return onTheBus
      ? 'The kernel has let it onto the bus.'
      : 'The bus of this kernel keeps nobody apart: it needs no credentials.'
  } catch (error) {
    if (error instanceof Refused) throw error
    return 'No kernel answers now: it is let in when one starts.'
  }
}

const append = (one: string, before: string[] = []): string[] => [...before, one]

const dashed = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
