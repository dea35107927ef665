import { type Logger, pino } from 'pino'
import { checkComplete, type Module } from './define-module.ts'
import { EXIT, ModuleError } from './errors.ts'
import { openLogOutput } from './log-output.ts'
import { readSettings } from './settings.ts'
import { startModule } from './start-module.ts'

/**
 * Runs a module as this process, from the environment (see `readSettings`) to the exit code (see `EXIT`). Logs JSON lines to the
 * standard output; what a person must do stands in plain words on the standard error.
 *
 * Never returns: SIGTERM and SIGINT end it, and so does a kernel that rejects it.
 */
export const runModule = async (module: Module): Promise<never> => {
  const { name } = module.manifest
  const { settings, log, output } = prepare(module)
  const running = startModule({ module, settings, log })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      log.info({ signal }, 'stopping')
      void running.stop()
    })
  }
  const { code, reasons } = await running.ended
  if (code === EXIT.rejected) complain([`The kernel rejects ${name}:`, ...reasons.map((reason) => `- ${reason}`)])
  module.store?.close()
  log.info({ code }, 'ended')
  await output.end()
  process.exit(code)
}

const prepare = (module: Module) => {
  const { name } = module.manifest
  try {
    checkComplete(module)
    const settings = readSettings(name, process.env)
    const output = openLogOutput()
    const log: Logger = pino(
      {
        level: process.env.LOG_LEVEL || 'info',
        base: { name, instance: settings.instance },
      },
      output.stream,
    )
    return { settings, log, output }
  } catch (error) {
    if (!(error instanceof ModuleError)) throw error
    complain([error.message])
    process.exit(EXIT.misconfigured)
  }
}

const complain = (lines: string[]): void => {
  process.stderr.write(`${lines.join('\n')}\n`)
}
