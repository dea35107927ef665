import type { Command } from 'commander'
import { CannotDo } from '../bad-use.ts'
import { Taken } from '../up/lock.ts'
import { keepingLog, openLogFiles } from '../up/log-files.ts'
import { readUpOptions, type UpFlags, type UpOptions } from '../up/options.ts'
import { addressOf } from '../up/run-file.ts'
import { makeScreen } from '../up/screen.ts'

/** `recyclique up`: everything, until Ctrl-C. */
export const upCommand = (program: Command): void => {
  const up = program
    .command('up')
    .description('start everything: nats-server, the kernel and the modules; Ctrl-C stops it')
  withUpOptions(up).action((flags: UpFlags) => runUp(readUpOptions(flags, process.env)))
}

export const withUpOptions = (command: Command): Command =>
  command
    .option('--data <folder>', 'where everything is kept (RECYCLIQUE_DATA; ./data)')
    .option('--port <number>', 'where the kernel listens, 0 for any free port (RECYCLIQUE_PORT; 8010)')
    .option('--host <address>', 'on which address (RECYCLIQUE_HOST; 127.0.0.1)')
    .option('--site <id>', 'which centre this is, chosen once (RECYCLIQUE_SITE; centre)')
    .option('--modules <names>', 'these modules and no others, as in a,b, or none (all that the configuration enables)')
    .option('--config <file>', 'which modules, and how (RECYCLIQUE_CONFIG; ./recyclique.yaml where there is one)')
    .option('--insecure-no-login', 'listen on other addresses although nobody signs in yet')
    .option('--demo', 'fill an empty centre with the demo')
    .option('--no-demo', 'do not ask about the demo')
    .option('--log-dir <folder>', 'keep the log in files there as well, as lines of JSON (RECYCLIQUE_LOG_DIR)')
    .option('--log-mb <number>', 'as much of it as is kept, in megabytes (RECYCLIQUE_LOG_MB; 50)')
    .option('--no-supervise', 'start nobody again: end with code 1 as soon as a part ends')

/** Until it is stopped. Ends the process. */
export const runUp = async (options: UpOptions): Promise<never> => {
  // Whoever reads our output may go before us: `recyclique up | head`.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  // Loaded when it is needed: the other commands answer at once.
  const { up } = await import('../up/up.ts')
  const now = () => new Date()
  const shown = makeScreen(process.stdout, process.env, now)
  const log = options.logs && openLogFiles({ ...options.logs, now, trouble: (words) => shown.say(words, 'error') })
  const screen = log ? keepingLog(shown, log) : shown
  const code = await up(options, screen).catch((error: unknown) => {
    log?.say((error as Error).message, 'error')
    return explain(error, options)
  })
  log?.close()
  process.exit(code)
}

/** Who has the data folder, and how to go on all the same. */
const explain = async (error: unknown, { data, dev }: UpOptions): Promise<never> => {
  if (!(error instanceof Taken)) throw error
  const address = await addressOf(data)
  const where = [data, ...(address === undefined ? [] : [address])].join(', ')
  const beside = `npx recyclique ${dev ? ['dev', ...dev.folders].join(' ') : 'up'} --data ${data}-2 --port 0`
  throw new CannotDo(
    [
      `${error.message.replace(/\.$/, '')}: ${where}.`,
      `Stop that one with Ctrl-C first, or ${dev ? 'work' : 'run'} beside it in a folder of its own, with no data of the other:`,
      `  ${beside}`,
    ].join('\n'),
  )
}
